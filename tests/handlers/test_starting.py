"""Starting a release, typed and by form."""

from __future__ import annotations

import pytest

from tests.handlers.desk import Desk, initial, words
from tests.handlers.play import NOTHING, said
from tests.handlers.story import DANA, PRIYA, THEO


async def test_start_with_a_kind_opens_at_once(desk: Desk) -> None:
    answer = await desk.types(PRIYA, "start minor")
    assert said(answer).startswith("v1.3.0 is started; its card is in the channel. Next: make the scope final")
    assert (await desk.facts())["phase"] == "planning"


async def test_start_without_words_opens_the_form_and_the_form_starts(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start")).form
    assert form and form.title == "Start a release" and form.submit == "Start v1.3.0"
    assert "because v1.2.2 is in production" in words(form)
    sent = await desk.sends(PRIYA, form, title="Saved searches")
    assert sent.form and sent.form.title == "v1.3.0 is started"
    assert (await desk.facts())["title"] == "Saved searches"


async def test_another_kind_changes_the_proposal_and_keeps_what_was_typed(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start <@U0THEO|theo>")).form
    assert form
    chosen = await desk.ask(
        PRIYA,
        "action",
        action_id="type",
        value="hotfix",
        callback_id="start",
        view_id="V1",
        view_hash="h",
        private_metadata=form.private_metadata,
        values=initial(form),
    )
    assert chosen.form and chosen.form.submit == "Start v1.2.2-hotfix.1"
    assert initial(chosen.form)["lead"] == THEO and "What fails?" in words(chosen.form)
    sent = await desk.sends(PRIYA, chosen.form, reason="card payments time out", picks="#341, 343")
    assert sent.form and sent.form.callback_id == "told"
    facts = await desk.facts("1.2.2-hotfix.1")
    assert (facts["phase"], facts["reason"], facts["lead"]) == ("development", "card payments time out", THEO)


async def test_a_wrong_number_is_said_at_its_field(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start")).form
    assert form
    answer = await desk.sends(PRIYA, form, version__minor="1.2.9")
    assert answer.errors == {"version.minor": "v1.2.9 does not fit a minor release on v1.2.2. Next free: 1.3.0"}
    await desk.types(PRIYA, "start minor")
    again = await desk.sends(PRIYA, form)
    assert "v1.3.0 is already in flight." in str(again.errors)
    app = await desk.sends(PRIYA, form, version__minor="1.4.0", lead="U0RELEASEBOT")
    assert app.errors and "holds no role of the policy" in app.errors["lead"]


async def test_a_second_release_says_which_one_has_the_same_changes_on_its_way(desk: Desk) -> None:
    first = said(await desk.types(PRIYA, "start minor"))
    form = (await desk.types(PRIYA, "start")).form
    second = said(await desk.types(PRIYA, "start minor"))
    assert "on its way" not in first and "the same" in second
    assert "v1.3.0 has the same" in second and "changes on its way." in words(form)


async def test_a_hotfix_without_a_reason_asks_for_it(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start hotfix")).form
    assert form and "What fails?" in words(form)
    assert said(await desk.types(PRIYA, "start hotfix 1.2.2 payments fail")).startswith("v1.2.2-hotfix.1 is started")


async def test_somebody_else_may_not_start(desk: Desk) -> None:
    told = said(await desk.types(DANA, "start minor"))
    assert told == f"Only a release manager can start a release: Priya. {NOTHING}"


@pytest.mark.parametrize("slip", ["2026-11-31 10:00", "31 nov", "1.3.0+x", "v1.3.O"])
async def test_a_day_or_number_that_cannot_be_read_is_asked_for_and_nothing_else_is_taken(
    desk: Desk, slip: str
) -> None:
    form = (await desk.types(PRIYA, f"start minor {slip}")).form
    assert form and form.title == "Start a release"
    assert said(await desk.types(PRIYA, "start hotfix 500 errors at 1.5 s")).startswith("v1.2.2-hotfix.1 is started")


async def test_an_unknown_kind_is_said_and_the_next_free_train_is_no_other_one(desk: Desk) -> None:
    form = (await desk.types(PRIYA, "start enormous")).form
    assert "“enormous” names no kind that I know." in words(form) and "(next free train)" in words(form)
    assert "names no kind" not in words((await desk.types(PRIYA, "start")).form)
    assert "names no kind" not in words((await desk.types(PRIYA, "start hotfix")).form)
