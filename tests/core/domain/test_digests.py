"""When a week is told, and what a closed release tells in numbers; a policy turns both off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.domain.digests import next_week, of_release, week_of
from core.domain.policy import Policy
from core.domain.release import Phase, RunState
from handlers.views import render_post
from tests.handlers.layout import check_message
from tests.handlers.story import NOW, PRIYA, facts, policy, release, run


def with_digests(**said: object) -> Policy:
    known = policy()
    return known.model_copy(update={"digests": known.digests.model_copy(update=said)})


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-12-14T14:29:59", False),  # 9:29:59 Eastern
        ("2026-12-14T14:30:00", True),
        ("2026-12-15T04:59:59", True),  # Monday, one second before midnight
        ("2026-12-15T05:00:00", False),
        ("2026-12-13T14:30:00", False),
    ],
)
def test_a_week_is_told_on_its_monday_from_its_hour_on(at: str, told: bool) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    found = week_of(now, policy())
    assert (found is not None) is told
    assert week_of(now, with_digests(weekly=False)) is None
    if found:
        assert (found[0], found[1].name) == (date(2026, 12, 14), "2026-12-07..2026-12-13")
        assert found[1].end - found[1].start == timedelta(days=7)


def test_the_next_week_is_the_next_monday_whatever_the_clocks_do() -> None:
    told = next_week(datetime(2026, 10, 30, tzinfo=UTC), policy())  # clocks go back on 1 November
    assert told == datetime(2026, 11, 2, 14, 30, tzinfo=UTC)
    assert next_week(told, policy()) == datetime(2026, 11, 9, 14, 30, tzinfo=UTC)
    assert next_week(told, with_digests(weekly=False)) is None


def test_a_closed_release_tells_its_numbers_and_none_where_the_policy_wants_none() -> None:
    done = run(RunState.DONE, ended_at=NOW, changed=True)
    r = release(Phase.POST_RELEASE, runs=(done,), live_at=NOW)
    told = of_release(r, policy(), NOW + timedelta(days=3))
    assert (told["deployments"], told["failed"]) == (1, 0)
    message = render_post("thread", "digest_release", {"facts": facts(Phase.CLOSED), "actor": PRIYA, "numbers": told})
    check_message(message)
    line = message.blocks[0]["text"]["text"]
    assert line.startswith("*v1.3.0 in numbers.*") and len(line.split("\n")) <= 6
    assert of_release(r, with_digests(release=False), NOW) == {}
