"""The calendar drawn: lanes that overlap, dates in words, freezes by rule; several trains are told apart."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

from core.domain.course import of_departure, plain
from core.domain.freezes import row_of
from core.domain.policy_parts import Freeze
from core.domain.release import Phase, ReleaseType
from handlers.forms import choices, going
from handlers.request import Message
from handlers.views.card import card
from handlers.views.places import calendar
from tests.handlers import story
from tests.handlers.desk import words
from tests.handlers.layout import check_message

BEFORE = "planning 13\u00a0Nov · development 27\u00a0Nov · freeze 10\u00a0Dec · notes final 14\u00a0Dec · leaves"
NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
YEARS_END = Freeze.model_validate({"name": "Year's end", "rule": "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20", "days": 14})
FRIDAYS = Freeze.model_validate({"name": "Fridays", "rule": "FREQ=MONTHLY;BYDAY=-1FR", "from": time(15)})


def row(leaves: datetime, version: str = "", train: str = "main", **more: Any) -> dict[str, Any]:
    policy = story.policy()
    legs = of_departure(policy, "main", policy.trains["main"].timetable(), leaves)
    freeze = next(x.begins for x in legs if x.what == "stabilization").isoformat()
    about = {"train": train, "at": leaves.isoformat(), "freeze_at": freeze, "version": version, "release": 1}
    return about | {"phase": "planning", "skipped": "", "extra": False, "course": plain(legs)} | more


def drawn(*rows: dict[str, Any], freezes: tuple[Freeze, ...] = ()) -> str:
    ground = {"zone": story.policy().zone, "freezes": [row_of(f, story.policy().zone) for f in freezes]}
    message = calendar(rows, ground, True, NOW)
    check_message(message)
    return read(message)


def read(message: Message) -> str:
    """As somebody in the policy's zone reads it."""
    text = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", words(message))
    return re.sub(r"\*([^*\n]+?)(:?)\*(:?) ", r"\1\2\3 ", text)


def test_the_lanes_of_trains_that_overlap() -> None:
    two = (row(story.LEAVES, "1.3.0"), row(story.LEAVES + timedelta(days=14)))
    text = drawn(*two, freezes=(YEARS_END,))
    assert (
        "           Dec         Jan         Feb\n"
        "        30  7 14 21 28  4 11 18 25  1\n"
        "v1.3.0  dd ds *a a. .. .. .. .. .. ..\n"
        "30 Dec  pp dd dd ss *a a. .. .. .. ..\n"
        "frozen  .. .. .# ## ## .. .. .. .. .."
    ) in text
    assert "`p` planning, `d` development, `s` stabilization from the freeze on, `*` it leaves, `a` the" in text
    assert "`#` production is frozen. A column" in text and "`r`" not in text, "only the letters that are there"
    assert f"v1.3.0: {BEFORE}" in text
    assert "Freeze “Year's end”: 20 Dec 2026 until 2 Jan 2027" in text


def test_hours_of_a_freeze_are_said_and_a_skipped_train_has_no_lane() -> None:
    text = drawn(row(story.LEAVES, skipped="holidays"), freezes=(FRIDAYS,))
    assert "Freeze “Fridays”: 25 Dec 2026, 15:00 Eastern until 26 Dec 2026, 00:00 Eastern" in text
    assert "The dates of each" not in text and "```" not in text


def test_a_holiday_close_to_a_train_is_named() -> None:
    eve = row(story.LEAVES + timedelta(days=14), near={"holiday": "New Year's Day", "days": 2})
    assert "free, freeze 23 Dec 2026, 10:00 Eastern · 2 days before New Year's Day" in drawn(eve)


def test_two_trains_are_told_apart() -> None:
    text = drawn(row(story.LEAVES, "1.3.0"), row(story.LEAVES + timedelta(hours=2), train="night"))
    assert "v1.3.0 main   dd" in text and "16 Dec night" in text


def test_the_card_tells_the_dates_until_it_is_live_and_then_what_follows() -> None:
    facts = story.facts()
    text = " ".join(read(card(facts, story.NOW)).replace("*", "").split(" "))
    assert f"Dates: {BEFORE}" in text
    live = {**facts, "live_at": story.LEAVES.isoformat()}
    assert "Dates: retrospective by 18\u00a0Dec · tasks after it until 21\u00a0Dec" in read(card(live, story.LEAVES))
    assert "Dates:" not in read(card({**facts, "course": []}, story.NOW))


def test_a_hotfix_outside_the_policys_hours_is_told_so_and_not_stopped() -> None:
    facts = story.facts(Phase.PREPARATION, ReleaseType.HOTFIX)
    night, day = story.NOW.replace(hour=3), story.NOW  # 22:00 and 10:02 Eastern
    late, early = (words(going.form(facts, at)) for at in (night, day))
    assert "outside business hours" in late and "A hotfix may go at any hour; in working hours it is safer." in late
    assert "On duty:" in early and "outside business hours" not in early
    assert "A hotfix may go" not in words(going.form(story.facts(), night))


def test_forms_tell_several_trains_apart_and_a_release_keeps_its_own() -> None:
    rows = [{"train": t, "at": story.LEAVES.isoformat(), "skipped": "", "version": ""} for t in ("main", "night")]
    at = story.LEAVES.isoformat()
    assert choices.all_trains(story.facts(), {"trains": rows}) == [
        ("Wed 16 Dec 2026, 10:00 Eastern (main)", f"{at} main"),
        ("Wed 16 Dec 2026, 10:00 Eastern (night)", f"{at} night"),
    ]
    assert len(choices.trains(story.facts(), {"trains": rows})) == 1
    assert choices.train_names({}, {"trains": rows}) == [("main", "main"), ("night", "night")]
    assert choices.train_names({}, {"trains": rows[:1]}) == []
