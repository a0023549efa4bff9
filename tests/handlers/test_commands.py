"""Typed words: what runs at once and what opens its form."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.release import Phase
from core.usecases import look
from tests.handlers.desk import Desk, initial, labels, words
from tests.handlers.play import NOTHING, said, started
from tests.handlers.story import DANA, MIRA, PRIYA, SANA, facts


async def test_typos_versions_and_words_of_later(desk: Desk) -> None:
    await started(desk)
    typo = await desk.types(PRIYA, "statsu 1.3.0")
    assert said(typo) == "I do not know statsu. Did you mean status?"
    assert typo.private
    ran = await desk.clicks(PRIYA, typo.private, "Run: status 1.3.0")
    assert said(ran).startswith("v1.3.0 (minor) is in planning.")
    assert said(await desk.types(PRIYA, "why 1.3.1")) == "There is no v1.3.1. In flight is v1.3.0."
    assert "I do not know" in said(await desk.types(PRIYA, "<!channel> *x* `y`"))


async def test_freezing_before_its_day_needs_a_reason(desk: Desk) -> None:
    await started(desk)
    await desk.types(MIRA, "tick scope.final")
    await desk.types(PRIYA, "begin")
    form = (await desk.types(PRIYA, "freeze")).form
    assert form and form.title == "Freeze v1.3.0" and "it comes by itself" in words(form)
    short = await desk.sends(PRIYA, form, reason="x")
    assert short.errors == {"reason": "Please say it in 3 to 1,000 characters; these are 1."}
    done = await desk.sends(PRIYA, form, reason="office move on Friday")
    assert "Got it: branch and first candidate for *v1.3.0*" in words(done.form)


async def test_moving_shows_the_free_trains_and_takes_another_day(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "move 1.3.0 30 dec")).form
    assert form and form.title == "Move v1.3.0" and initial(form)["other"] == "2026-12-30"
    done = await desk.sends(PRIYA, form, reason="holidays")
    assert "leaves" in words(done.form)
    assert (await desk.facts())["departs_at"] == "2026-12-30T15:00:00+00:00"
    past = (await desk.types(PRIYA, "move 1.3.0")).form
    assert past
    refused = await desk.sends(PRIYA, past, other="2026-11-02")
    assert "has passed or is no departure" in refused.errors["other"]


async def test_cancel_asks_and_says_what_it_ends(desk: Desk) -> None:
    await started(desk)
    form = (await desk.types(PRIYA, "cancel scope fell apart")).form
    assert form and "This ends *v1.3.0* for good." in words(form) and initial(form)["reason"] == "scope fell apart"
    await desk.sends(PRIYA, form)
    assert (await desk.facts())["phase"] == "cancelled"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("go", "v1.3.0 cannot go to production yet"),
        ("rollback 1.3.0 payments fail", "v1.3.0 cannot be rolled back"),
        ("incident 1.3.0 payments fail", "v1.3.0 has no incident to report"),
    ],
)
async def test_no_form_opens_for_an_event_of_another_phase(desk: Desk, line: str, told: str) -> None:
    await started(desk)
    answer = await desk.types(PRIYA, line)
    assert answer.form is None and told in said(answer) and NOTHING in said(answer)


async def test_an_incident_without_a_version_is_never_about_what_is_not_live(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await started(desk)
    nothing = await desk.types(PRIYA, "incident payments fail")
    assert nothing.form is None and "v1.3.0 has no incident" not in said(nothing)
    past, status = {**facts(Phase.CLOSED), "id": None, "version": "1.2.2", "tag": "v1.2.2"}, look.status

    async def closed(ctx: Any, version: str | None = None) -> Any:
        return past if version == "1.2.2" else await status(ctx, version)

    monkeypatch.setattr(look, "status", closed)
    form = (await desk.types(PRIYA, "incident payments fail")).form
    assert form and "v1.2.2" in words(form) and "payments fail" in str(form.blocks)


async def test_a_day_behind_freeze_freezes_nothing(desk: Desk) -> None:
    await started(desk)
    for day in ("yesterday", "tomorrow", "16 dec"):
        answer = await desk.types(PRIYA, f"freeze 1.3.0 {day}")
        assert answer.form is None and f"“{day}” is a day and no reason" in said(answer) and NOTHING in said(answer)


async def test_who_may_not_is_told_before_a_form_opens(desk: Desk) -> None:
    await started(desk)
    answer = await desk.types(DANA, "cancel 1.3.0 no budget")
    assert answer.form is None and "Only a" in said(answer) and NOTHING in said(answer)
    assert (await desk.types(PRIYA, "cancel 1.3.0 no budget")).form


async def test_an_item_is_named_by_its_title_and_an_unknown_one_shows_ones_own(desk: Desk) -> None:
    await started(desk)
    unknown = await desk.types(MIRA, "tick everything is fine")
    assert said(unknown).startswith("v1.3.0 has no such item.") and "“everything is fine” is not on" in said(unknown)
    assert unknown.private and "Yours now" in words(unknown.private) and "`scope.final`" in words(unknown.private)
    assert "Checklist" in labels(unknown.private.blocks)
    assert "Did you mean" in said(await desk.types(MIRA, "tick scope.finall"))
    title = next(s["title"] for s in (await desk.facts())["signoffs"] if s["name"] == "scope.final")
    await desk.types(MIRA, f"tick {title.upper()}")
    assert next(s for s in (await desk.facts())["signoffs"] if s["name"] == "scope.final")["done"]
    form = (await desk.types(MIRA, f"untick {title}")).form
    assert form and initial(form)["item"] == "scope.final"
    await desk.types(MIRA, f"untick {title} a part is missing")
    assert not next(s for s in (await desk.facts())["signoffs"] if s["name"] == "scope.final")["done"]


async def test_a_version_that_was_live_before_the_bot_has_somebody_to_tell(desk: Desk) -> None:
    bug = await desk.types(SANA, "report bug the search is empty")
    assert said(bug).startswith("v1.2.2 runs in production. It was live before I was here") and "Priya" in said(bug)
    assert "Your report is kept for the next release" in said(bug)
    await desk.types(PRIYA, "start minor")
    await desk.types(MIRA, "tick scope.final")
    [came] = (await desk.facts())["concerns"]
    assert (came["by"], came["text"], came["origin"], came["report"]) == (SANA, "the search is empty", "1.2.2", "bug")
    why = (await desk.types(PRIYA, "why")).private
    assert why and "reported about v1.2.2, for the release after it" in words(why)
    assert "Start a hotfix…" not in labels(bug.private.blocks)
    told = await desk.types(PRIYA, "incident 1.2.2 payments fail")
    assert told.private and "You can start a hotfix" in said(told)
    form = (await desk.clicks(PRIYA, told.private, "Start a hotfix…")).form
    assert form and initial(form)["reason"] == "payments fail"
