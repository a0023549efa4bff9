"""The daily progress: on the morning of a working day, once; silence is counted and said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.moves.progressing import progress_seen
from core.domain.parts import Change, Hold
from core.domain.release import Phase, Release, ReleaseType
from core.domain.reminders.progress import next_morning
from core.domain.situation import Situation
from tests.core.domain.world import PRIYA, policy

TABLE = policy().trains["main"].timetable()
BEGUN = datetime(2026, 12, 3, 20, tzinfo=UTC)  # Thursday, 15:00 Eastern
FRIDAY = datetime(2026, 12, 4, 14, 30, tzinfo=UTC)  # 9:30 Eastern
MONDAY = FRIDAY + timedelta(days=3)


def situation(now: datetime, release: Release) -> Situation:
    return Situation(release, policy(), now)


def minor(**more: Any) -> Release:
    first = Release(7, "asset-anchor", "1.3.0", ReleaseType.MINOR, Phase.DEVELOPMENT, 1, "hash", PRIYA, BEGUN, PRIYA,
                    "v1.2.2", "base", "release/1.3.0", train="main", phase_since=BEGUN)  # fmt: skip
    return replace(first, **more)


def change(number: int) -> Change:
    return Change(f"{number:040x}", "feat: something", "Dana", "dana@asset-anchor.example", pull=number)


def test_a_morning_is_that_of_the_next_working_day():
    assert next_morning(BEGUN, TABLE) == FRIDAY
    assert next_morning(FRIDAY, TABLE) == MONDAY, "a weekend has none"
    eve = datetime(2026, 12, 24, 15, tzinfo=UTC)
    assert next_morning(eve, TABLE) == datetime(2026, 12, 28, 14, 30, tzinfo=UTC), "nor has Christmas"


def told(release: Release, now: datetime) -> tuple[Release, list[dict[str, Any]]]:
    found = progress_seen(situation(now, release), {})
    if found is None:
        return release, []
    return found.release, [{"moment": e.body["moment"], **e.body["data"]} for e in found.effects]  # type: ignore[dict-item]


def test_what_moved_is_told_once_a_morning_and_silence_only_after_three_days():
    release, lines = told(minor(scope=(change(338),)), FRIDAY)
    assert lines == [] and release.progress is not None, "the first morning is remembered"
    assert told(release, FRIDAY) == (release, []), "another process is later"
    release, (line,) = told(replace(release, scope=(change(338), change(341))), MONDAY)
    assert (line["moment"], line["refs"], line["merged"]) == ("progress", ["#341"], 1)
    days = []
    for n in (1, 2, 3, 4):
        release, lines = told(release, MONDAY + timedelta(days=n))
        days.append([x["moment"] for x in lines])
    assert days == [[], [], ["progress_silent"], []]
    assert release.progress is not None and release.progress.silent == 4 and release.progress.moved_at == MONDAY
    release, (line,) = told(replace(release, phase=Phase.STABILIZATION), MONDAY + timedelta(days=7))
    assert line["phase"] == "stabilization" and release.progress is not None and release.progress.silent == 0


def test_after_days_without_the_bot_one_line_tells_what_moved_meanwhile():
    release, _ = told(minor(), FRIDAY)
    release, lines = told(replace(release, scope=(change(341), change(342))), FRIDAY + timedelta(days=10))
    assert [x["refs"] for x in lines] == [["#341", "#342"]]
    assert told(release, FRIDAY + timedelta(days=10, hours=1)) == (release, [])


def test_nothing_is_told_on_hold_of_a_hotfix_or_in_another_phase():
    held = Hold(PRIYA, BEGUN, "the bank")
    for release in (minor(hold=held), minor(type=ReleaseType.HOTFIX), minor(phase=Phase.PREPARATION)):
        assert told(release, MONDAY) == (release, [])
