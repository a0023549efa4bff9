"""What has reached its age, month by month, by the wall clock of the product's zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.domain.marks import Marks
from core.domain.policy_retention import RetentionRules
from core.domain.release import Incident, Phase, Release, ReleaseType
from core.domain.retention import Ended, after, bare, may_run, month_of, next_first, to_tell
from core.store.records import encode

ZONE, RULES = "America/New_York", RetentionRules()
LIVE = datetime(2026, 12, 16, 15, tzinfo=UTC)
DONE = Release(
    3, "asset-anchor", "1.3.0", ReleaseType.MINOR, Phase.CLOSED, 9, "p" * 64, "U0PRIYA", LIVE, "U0PRIYA", "v1.2.2",
    "a" * 40, "release/1.3.0", live_at=LIVE, closed_at=LIVE,
)  # fmt: skip


def ended(release: Release) -> Ended:
    """As it is stored."""
    return Ended.of(encode(release))


@pytest.mark.parametrize(
    ("first", "what"),
    [
        (date(2027, 12, 1), []),
        (date(2028, 1, 1), ["logs"]),
        (date(2028, 12, 1), ["logs"]),
        (date(2029, 1, 1), ["package"]),  # its logs go with it
    ],
)
def test_logs_go_after_twelve_months_and_the_rest_after_twenty_four(first: date, what: list[str]) -> None:
    month = month_of(first, [ended(DONE)], RULES, zone=ZONE, with_logs={3})
    assert [thing.what for thing in month.things] == what and month.held == ()


def test_what_is_gone_held_or_was_never_there_is_not_deleted() -> None:
    first, ask = date(2028, 1, 1), {"zone": ZONE, "with_logs": {3}}
    assert not month_of(first, [ended(DONE)], RULES, gone={(3, "logs")}, **ask).things  # type: ignore[arg-type]
    assert not month_of(first, [ended(DONE)], RULES, zone=ZONE).things, "it has no logs"
    held = month_of(first, [ended(DONE)], RULES, held={3}, **ask)  # type: ignore[arg-type]
    assert held.things == () and held.held[0].version == DONE.version


def test_a_release_that_never_went_live_ages_from_its_end() -> None:
    gone = replace(DONE, live_at=None, closed_at=None, phase=Phase.CANCELLED, phase_since=LIVE)
    assert month_of(date(2029, 1, 1), [ended(gone)], RULES, zone=ZONE).count("package") == 1


def test_months_of_the_calendar() -> None:
    assert after(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert after(date(2026, 12, 31), 2) == date(2027, 2, 28)
    late = datetime(2027, 1, 1, 3, tzinfo=UTC)  # still the old year in New York
    assert next_first(late, ZONE) == date(2027, 1, 1) and next_first(LIVE, ZONE) == date(2027, 1, 1)


def test_people_have_the_days_that_they_were_promised() -> None:
    first = date(2028, 1, 1)
    assert to_tell(datetime(2027, 12, 24, 12, tzinfo=UTC), RULES, ZONE) is None
    assert to_tell(datetime(2027, 12, 25, 12, tzinfo=UTC), RULES, ZONE) == first
    told = datetime(2027, 12, 25, 12, tzinfo=UTC)
    assert not may_run(datetime(2028, 1, 1, 4, tzinfo=UTC), first, told, RULES, ZONE), "not yet there in New York"
    assert may_run(datetime(2028, 1, 1, 6, tzinfo=UTC), first, told, RULES, ZONE)
    late = datetime(2028, 1, 3, 12, tzinfo=UTC)  # nobody was there in December
    assert not may_run(datetime(2028, 1, 9, 12, tzinfo=UTC), first, late, RULES, ZONE)
    assert may_run(datetime(2028, 1, 10, 12, tzinfo=UTC), first, late, RULES, ZONE)


def test_what_stays_of_a_release_has_nobody_s_words() -> None:
    said = replace(DONE, reason="secret plans", incidents=(Incident(1, "U1", "words", LIVE),))
    left = bare(said)
    assert (left.version, left.live_at, left.reason) == (DONE.version, LIVE, "")
    assert [one.text for one in left.incidents] == [""]
    assert bare(replace(DONE, marks=Marks(ready_at=LIVE))).marks == Marks(ready_at=LIVE), "metrics are counted of them"
