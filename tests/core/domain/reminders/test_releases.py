"""Each kind of reminder about a release: due at its hour, to whom, until when; gone with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.reminders import BY_CODE, KINDS, Reminder, of_release
from core.domain.reminders.afterwards import RULES, of_actions
from core.domain.retrospective import ActionItem
from tests.core.domain.world import DANA, MIRA, OLU, PRIYA, QADIR, SANA, THEO, policy

TABLE = policy().trains["main"].timetable()
FREEZE, PREPARE = datetime(2026, 12, 10, 15, tzinfo=UTC), datetime(2026, 12, 14, 15, tzinfo=UTC)
LEAVES, CLOSES = datetime(2026, 12, 16, 15, tzinfo=UTC), datetime(2026, 12, 16, 17, tzinfo=UTC)
SINCE, LIVE = datetime(2026, 12, 10, 15, tzinfo=UTC), datetime(2026, 12, 16, 15, 11, tzinfo=UTC)
DAY = timedelta(days=1)
Facts = dict[str, Any]


def item(name: str, gate: str, who: str, state: str = "open", met: str = "sign-off") -> Facts:
    return {"name": name, "title": name.capitalize(), "role": f"role of {who}", "gate": gate, "called": [who],
            "state": state, "met": met}  # fmt: skip


def facts(phase: str, **more: Any) -> Facts:
    """A minor release in a phase, with nothing open."""
    return {
        "id": 7, "version": "1.3.0", "type": "minor", "phase": phase, "lead": PRIYA, "hold": None, "outcome": "",
        "next": {"development": "freeze", "stabilization": "ready", "preparation": "go"}.get(phase, ""),
        "train": "main", "started_at": (SINCE - 9 * DAY).isoformat(), "phase_since": SINCE.isoformat(),
        "freeze_at": FREEZE.isoformat(), "prepare_at": PREPARE.isoformat(), "departs_at": LEAVES.isoformat(),
        "coming_at": (LEAVES - DAY).isoformat(), "window_ends_at": CLOSES.isoformat(), "live_at": None,
        "signoffs": [], "blockers": [], "offers": [], "dependencies": [], "approvals": [], "notes": None, "duties": [],
        "candidate": {"number": 2, "tag": "v1.3.0-rc.2", "digest": "d" * 64}, "cast": {},
        "members": {"product_manager": [MIRA], "support": [SANA], "qa": [QADIR], "tech_lead": [THEO]}, **more,
    }  # fmt: skip


def seat(*given: str, need: int = 1) -> Facts:
    return {"role": "product_manager", "title": "product manager", "need": need, "called": [MIRA, PRIYA],
            "given": [{"person": p} for p in given], "rejected": []}  # fmt: skip


def pull(person: str, state: str = "open") -> Facts:
    return {"kind": "pull", "state": state, "ref": "#340", "person": person}


NOTES = {"blocking": 1, "unclassified": [], "gaps": [{"blocking": True, "title": "Migration 0042", "code": "upgrade"}]}
RETRO_DUE = datetime(2026, 12, 18, 15, 11, tzinfo=UTC)
RETRO = {"due_at": RETRO_DUE.isoformat(), "invited": [DANA, THEO], "answered": [THEO], "silent": [DANA]}
FLAG = {"name": "new_search", "owner": DANA, "what": "added", "undecided": True, "lived": 3, "allowed": 2, "last": "?",
        "places": ["search.py:4"], "more": 3, "why": ["releases"]}  # fmt: skip
ALERTS = {"kind": "reminder", "name": "live", "people": [OLU]}
# What it is, the facts that are its reason, what takes the reason away, to whom, when due, until when.
CASES: list[tuple[str, Facts, Facts, list[str], datetime, datetime]] = [
    ("planning",
     facts("planning", phase_since="2026-11-30T15:00:00+00:00", signoffs=[item("scope.final", "begin", MIRA)]),
     facts("development"),
     [PRIYA, MIRA], datetime(2026, 12, 3, 15, tzinfo=UTC), FREEZE),
    ("freeze_near", facts("development", offers=[pull(DANA)]), facts("development", offers=[pull(DANA, "closed")]),
     [DANA], FREEZE - DAY, FREEZE),
    ("freeze_stuck", facts("development", blockers=[{"code": "scope"}]), facts("development"),
     [PRIYA], FREEZE + timedelta(minutes=5), LEAVES),
    ("tests", facts("stabilization", signoffs=[item("tests.regression", "ready", QADIR, "open", "evidence")]),
     facts("stabilization", signoffs=[item("tests.regression", "ready", QADIR, "met", "evidence")]),
     [QADIR], PREPARE - 3 * DAY, CLOSES),
    ("items", facts("stabilization", signoffs=[item("plan.written", "ready", THEO)]),
     facts("stabilization", signoffs=[item("plan.written", "ready", THEO, "met")]), [THEO], PREPARE - 3 * DAY, CLOSES),
    ("items", facts("preparation", signoffs=[item("plan.reviewed", "go", OLU)]), facts("preparation"),
     [OLU], LEAVES - DAY, CLOSES),
    ("notes", facts("stabilization", notes=NOTES, signoffs=[item("notes.final", "ready", PRIYA, "later")]),
     facts("stabilization", notes=NOTES | {"blocking": 0}), [PRIYA], PREPARE - 3 * DAY, CLOSES),
    ("approval", facts("preparation", approvals=[seat()]), facts("preparation", approvals=[seat(MIRA)]),
     [MIRA, PRIYA], SINCE, CLOSES),
    ("knowledge", facts("preparation"), facts("stabilization"), [SANA], PREPARE, CLOSES),
    ("briefing", facts("preparation"), facts("deployment"), [SANA], LEAVES - DAY, CLOSES),
    ("live_day", facts("post-release", live_at=LIVE.isoformat(), duties=[ALERTS]),
     facts("post-release", live_at=LIVE.isoformat(), duties=[ALERTS], outcome="rolled back"),
     [OLU, QADIR], LIVE + DAY, LIVE + 3 * DAY),
    ("after_live", facts("post-release", live_at=LIVE.isoformat(), signoffs=[item("post.support", "close", SANA)]),
     facts("closed", live_at=LIVE.isoformat(), signoffs=[item("post.support", "close", SANA)]),
     [SANA], LIVE + DAY, LIVE + 14 * DAY),
    ("retro_open", facts("post-release", live_at=LIVE.isoformat(), retro=RETRO),
     facts("post-release", live_at=LIVE.isoformat(), retro=RETRO | {"silent": []}), [DANA], LIVE + DAY, RETRO_DUE),
    ("retro_last", facts("post-release", live_at=LIVE.isoformat(), retro=RETRO),
     facts("post-release", live_at=LIVE.isoformat(), retro=RETRO | {"summary": {"by": PRIYA}}),
     [DANA], datetime(2026, 12, 18, 15, tzinfo=UTC), RETRO_DUE),
    ("flags", facts("post-release", live_at=LIVE.isoformat(), flags=[FLAG]),
     facts("post-release", live_at=LIVE.isoformat(), flags=[FLAG | {"undecided": False}]),
     [DANA], LIVE + DAY, LIVE + 14 * DAY),
    ("flags", facts("development", flags=[FLAG | {"what": "old"}]), facts("development", flags=[FLAG]),
     [DANA], SINCE - 8 * DAY, SINCE + 19 * DAY),
    ("hotfix_review", facts("post-release", type="hotfix", live_at=LIVE.isoformat()),
     facts("post-release", live_at=LIVE.isoformat()), [THEO], LIVE + DAY, LIVE + 2 * DAY),
]  # fmt: skip


def found(code: str, known: Facts) -> list[Reminder]:
    return [one for one in of_release(known, TABLE) if one.code == code]


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)])
def test_a_reminder_is_due_at_its_hour_and_gone_with_its_reason(case: tuple[Any, ...]) -> None:
    code, reason, gone, people, due, until = case
    first = [x for x in found(code, reason) if not x.occurrence.endswith(tuple(f"day {n}" for n in range(2, 8)))]
    assert [(x.to, x.due, x.until) for x in first] == [(person, due, until) for person in people]
    assert found(code, gone) == [], "its reason is gone"
    assert found(code, reason | {"hold": {"by": THEO}}) == [], "on hold nothing is due"
    assert len({x.token for x in first}) <= 1 and {x.subject for x in first} == {"release:7"}


def test_every_rule_has_a_case_and_every_kind_that_is_found_here_its_row() -> None:
    assert {code for code, *_ in CASES} == {rule.__name__ for rule in RULES}
    assert {rule.__name__ for rule in RULES} <= {k.code for k in KINDS if k.sent == "table"}


def test_what_is_asked_again_every_day_ends_with_one_answer() -> None:
    asked = found("hotfix_review", facts("post-release", type="hotfix", live_at=LIVE.isoformat()))
    assert [x.due - LIVE for x in asked] == [n * DAY for n in range(1, 8)]
    assert len({x.token for x in asked}) == 7 and len({x.answer for x in asked}) == 1


def test_an_approval_is_repeated_after_hours_of_work_and_says_whether_it_is_the_last() -> None:
    one = found("approval", facts("preparation", approvals=[seat()]))[0]
    assert one.worked == timedelta(hours=4) and one.about["last"] is True
    two = found("approval", facts("preparation", approvals=[seat(need=2)]))[0]
    assert two.about["last"] is False


def test_another_departure_or_candidate_is_another_occurrence() -> None:
    signoffs = [item("tests.regression", "ready", QADIR, "open", "evidence")]
    first, again = (
        found("tests", facts("stabilization", signoffs=signoffs, candidate={"number": n, "tag": f"v1.3.0-rc.{n}"}))[0]
        for n in (1, 2)
    )
    assert first.token != again.token
    moved = facts("preparation", departs_at=(LEAVES + 14 * DAY).isoformat())
    assert found("briefing", moved)[0].token != found("briefing", facts("preparation"))[0].token


def test_without_a_train_work_is_asked_for_a_day_after_its_phase_began() -> None:
    dates = dict.fromkeys(("freeze_at", "prepare_at", "departs_at", "window_ends_at", "coming_at"))
    patch = facts("stabilization", type="patch", signoffs=[item("plan.written", "ready", THEO)], **dates)
    (one,) = found("items", patch)
    assert (one.due, one.until, one.about["at"]) == (SINCE + DAY, SINCE + 14 * DAY, "")


def test_an_action_item_is_asked_for_before_its_day_and_after_it_until_somebody_decided():
    one = ActionItem(3, "regression on rc.1 too", QADIR, "2026-12-28", PRIYA, SINCE, "1.2.2")
    asked = [(x.code, x.to, x.due, x.until) for x in of_actions([one], TABLE)]
    before, over = datetime(2026, 12, 24, 15, tzinfo=UTC), datetime(2026, 12, 29, 15, tzinfo=UTC)
    assert asked == [("action_due", QADIR, before, over), ("action_overdue", QADIR, over, over + 14 * DAY)]
    assert list(of_actions([replace(one, state="done"), replace(one, kept=True)], TABLE)) == []


def test_a_test_that_failed_is_no_test_without_a_result() -> None:
    signoffs = [item("tests.regression", "ready", QADIR, "failed", "evidence")]
    assert found("tests", facts("stabilization", signoffs=signoffs)) == []


def test_what_is_somebodys_to_decide_can_be_put_off_and_never_turned_off() -> None:
    to_decide = ("approval", "train_near", "go_hour", "tests", "items", "briefing", "freeze_stuck")
    assert not any(BY_CODE[code].mute for code in to_decide)
    assert all(k.snooze for k in KINDS if k.sent == "table")
