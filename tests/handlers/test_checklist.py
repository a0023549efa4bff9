"""The checklists as people see them: who or what met each item, what is yours, and why nobody ticks the rest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from core.domain.evidence.model import KINDS as KNOWN
from core.domain.release import Phase
from handlers.views.checklist import count, in_thread, item_line
from handlers.views.checklist_words import KINDS, RULES, numbers, rule
from handlers.views.duties import in_words
from tests.handlers.desk import Desk, initial, words
from tests.handlers.layout import HOSTILE, check_markup, check_message
from tests.handlers.play import frozen, prepared, said
from tests.handlers.story import MIRA, PRIYA, QADIR, THEO, facts

AT = "2026-12-10T15:00:00+00:00"
RAN = {"name": "tests.automated", "title": "All tests passing", "met": "evidence", "rule": "automated", "at": AT,
       "source": "ci", "by": "", "url": "https://ci.example/1", "number": {"tests": 1284.0, "failed": 0.0}}


def shown(**changes: Any) -> str:
    line = item_line(facts(), {"state": "met", "facts": {"state": "passed"}, "people": [QADIR], **RAN, **changes})
    check_markup(line)
    return line


def test_each_way_of_being_met_names_who_or_what_and_when() -> None:
    assert shown().startswith("✅ All tests passing · by CI, <!date^")
    assert shown().endswith("<https://ci.example/1|1,284 passed>")
    assert "<@U0MIRA> <!date^" in shown(met="sign-off", by=MIRA, done={"person": MIRA, "at": AT})
    assert "approved by <@U0MIRA>, <!date^" in shown(met="approval", by=MIRA)
    alone = shown(met="automatic", by="", why="branch", facts={"branch": "release/1.3.0"}, url="")
    assert "· by itself, <!date^" in alone and alone.endswith("release/1.3.0")
    assert "<@U0THEO>, " in shown(met="automatic", by=THEO, why="said", facts={})


def test_what_is_open_says_what_it_waits_for_and_what_failed_its_number_and_link() -> None:
    assert shown(state="open", at=None, facts={"state": "missing"}) == "⚪ All tests passing · no result yet"
    bad = {"state": "failed", "failing": ["test_pay"]}
    failed = shown(state="failed", facts=bad, number={"tests": 9.0, "failed": 3.0})
    assert failed.startswith("⛔ All tests passing · by CI") and failed.endswith("/1|3 of 9 failed, “test_pay”>")
    assert shown(state="open", facts={"state": "running"}).startswith("🔵 ")
    assert shown(state="open", met="sign-off", due=True, at=None) == "⏳ All tests passing · Qadir"
    later = shown(state="later", met="automatic", why="step_open", at=None)
    assert later.endswith("· by itself, the run has not reported it yet")


def test_what_others_send_is_shown_as_text() -> None:
    line = shown(state="failed", facts={"state": "failed", "failing": [HOSTILE]}, source=HOSTILE, url="javascript:x")
    assert "<!here>" not in line and "javascript" not in line


def test_every_kind_and_every_rule_has_words() -> None:
    assert set(KINDS) == set(KNOWN)
    source = Path("core/domain/checklist_rules.py").read_text()
    said_ = set(re.findall(r'why="([a-z_]+)"|why="[a-z_]+" if .* else "([a-z_]+)"', source))
    assert {why for pair in said_ for why in pair if why} <= set(RULES)
    assert not any("{" in rule(why, {}) for why in RULES)
    assert [numbers(n) for n in ({"checks": 3.0}, {"pages": 14.0}, {"p95": 212.0}, {})] == [
        "3 passed", "14 pages", "p95 212", ""]  # fmt: skip


@pytest.mark.parametrize("phase", [Phase.STABILIZATION, Phase.PREPARATION, Phase.DEPLOYMENT, Phase.POST_RELEASE])
def test_the_message_in_the_thread_holds_its_whole_list(phase: Phase) -> None:
    f = facts(phase)
    for of in f["lists"]:
        message = in_thread(f, of)
        check_message(message)
        assert all(i["title"] in words(message) for i in f["signoffs"] if of in i["lists"])


def test_facts_from_before_there_were_lists_still_draw() -> None:
    f = facts(Phase.STABILIZATION)
    keys = ("name", "title", "role", "role_title", "gate", "done", "people", "due")
    old = [{k: i[k] for k in keys} for i in f["signoffs"]]
    old[0] |= {"done": None, "evidence": True}
    old[1] |= {"done": {"person": MIRA, "at": AT}}
    f = {k: v for k, v in f.items() if k != "lists"} | {"signoffs": old}
    assert count(f) == f"2 of {len(old)} done"
    assert "<@U0MIRA>" in item_line(f, old[1]) and item_line(f, old[0]).startswith("✅")


async def test_a_word_and_a_click_on_what_nobody_ticks_are_answered_with_why(desk: Desk) -> None:
    await frozen(desk)
    told = said(await desk.types(QADIR, "tick tests.regression"))
    assert "it is met by a result of the full regression for v1.3.0-rc.1" in told
    pressed = await desk.ask(QADIR, "action", action_id="tick", value="1|branch.created|branch.created")
    assert "it is met by itself, when the release has its branch on the remote" in said(pressed)
    facts_ = await desk.facts()
    assert [i["state"] for i in facts_["signoffs"] if i["name"] == "tests.regression"] == ["open"]


async def test_a_missing_and_a_failed_kind_block_with_name_number_and_link(desk: Desk) -> None:
    await frozen(desk)
    missing = said(await desk.types(PRIYA, "why"))
    assert "full regression passed" in missing
    await desk.ci_reports("1.3.0", "regression", fails=True)
    refused = await desk.types(PRIYA, "ready")
    assert "1 of 128 failed, “regression.test" in words(refused.private)


async def test_the_form_groups_what_is_yours_and_shows_the_rest_by_list(desk: Desk) -> None:
    await prepared(desk)
    form = (await desk.types(THEO, "checklist")).form
    assert form and initial(form) == {"yours.pre-release": (), "yours.other": ()}
    text = words(form)
    assert "Pre-release · 9 of 11" in text and "Pre-deployment · 6 of 6" in text and "by CI" in text
    assert "Product owner sign-off · Mira, with the approval" in text


def test_a_duty_whose_word_was_said_counts_as_done() -> None:
    for phase, mark in ((Phase.STABILIZATION, "⏳"), (Phase.PREPARATION, "✅")):
        assert f"{mark} Plan schedule, track readiness" in str(in_words(facts(phase), PRIYA))
