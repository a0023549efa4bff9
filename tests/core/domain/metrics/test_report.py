"""A quarter by hand: every number that comes of it, and what is said of too little, of nothing and of bad clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.metrics.definitions import METRICS
from core.domain.metrics.model import Report
from core.domain.metrics.report import report
from core.domain.metrics.rows import Quality, Reminded, Rows, Told, Trouble, Wait
from tests.core.domain.metrics.rows_by_hand import HOUR, JULY, QUARTER, change, deployment, story

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
AT = [JULY + timedelta(days=14 * i + 1) for i in range(6)]


def made(rows: Rows, train: str = "") -> Report:
    return report(rows, QUARTER, product="shop", zone="UTC", train=train, made_at=QUARTER.end)


def quarter() -> Rows:
    """Six deployments: the second was rolled back, the fourth fixed forward by the fifth, a hotfix."""
    deployments = (
        deployment(1, AT[0]),
        deployment(2, AT[1], failed="rolled back", seen=2 * HOUR, recovered=90 * MINUTE, back_at=AT[1] + 90 * MINUTE),
        deployment(3, AT[2], attempts=3),
        deployment(4, AT[3], failed="fixed forward", seen=3 * HOUR, estimated=True, recovered=5 * HOUR),
        deployment(5, AT[3] + 4 * HOUR, type="hotfix", train=""),
        deployment(6, AT[4]),
    )
    changes = tuple(change(i, AT[i - 1], days, seen=days < 9) for i in (1, 2, 3) for days in (1, 3, 5, 9))
    waits = [(2, "product_manager"), (4, "product_manager"), (6, "tech_lead"), (8, "tech_lead"), (40, "tech_lead")]
    stories = (
        story(
            1, live_at=AT[0], ready_at=JULY + 10 * HOUR, posts=4, quality=Quality(81.5, 7, 1),
            waits=tuple(Wait(role, JULY, JULY + hours * HOUR) for hours, role in waits),
            told=(Told("bug", AT[0]), Told("feedback", AT[0]), Told("bug", AT[1])),
        ),
        story(2, live_at=AT[1], posts=6, missed=(AT[0],), overrides=(AT[1],), incidents=(
            Trouble("something is wrong", AT[1] + HOUR, AT[1] + 100 * MINUTE),)),
        story(3, live_at=AT[2], posts=5, reminded=(
            Reminded(AT[1], "approval", AT[2]), Reminded(AT[1], "signoff"), Reminded(AT[1], "x", QUARTER.end))),
        story(5, live_at=AT[3] + 4 * HOUR, train="", type="hotfix", posts=2),
    )  # fmt: skip
    return Rows(deployments, changes, stories)


# code -> n, value, part, p90, few
EXPECTED: dict[str, tuple[int, float | None, float | None, float | None, Sequence[float]]] = {
    "deployment_frequency": (6, 6 / 13, 6, None, ()),
    "lead_time": (12, 4 * 86400, None, 9 * 86400, ()),
    "change_fail_rate": (6, 2 / 6, 2, None, ()),
    "recovery_time": (2, None, None, None, (5400, 18000)),
    "rework_rate": (6, 1 / 6, 1, None, ()),
    "deployment_success": (6, 5 / 6, 5, None, ()),
    "rollback_frequency": (6, 1 / 6, 1, None, ()),
    "time_to_detect": (2, None, None, None, (7200, 10800)),
    "time_to_resolve": (1, None, None, None, (2400,)),
    "coverage": (1, None, None, None, (81.5,)),
    "static_analysis": (1, None, None, None, (7,)),
    "review_participation": (12, 9 / 12, 9, None, ()),
    "cycle_time": (0, None, None, None, ()),
    "preparation_time": (1, None, None, None, (36000,)),
    "approval_wait": (5, 6 * 3600, None, 40 * 3600, ()),
    "trains_missed": (4, 1 / 4, 1, None, ()),
    "overrides": (4, 1 / 4, 1, None, ()),
    "reminders_answered": (3, 1 / 3, 1, None, ()),
    "channel_posts": (4, 17 / 4, 17, None, ()),
    "feedback": (4, 1 / 4, 1, None, ()),
    "bugs": (4, 2 / 4, 2, None, ()),
}


def test_every_number_of_the_quarter() -> None:
    found = made(quarter())
    assert [m.code for m in found.measures] == list(EXPECTED)
    for m in found.measures:
        n, value, part, p90, few = EXPECTED[m.code]
        assert (m.n, m.part, m.p90, m.few) == (n, part, p90, few), m
        assert m.value == (pytest.approx(value) if value is not None else None), m
    assert (found.releases, found.rolled_back, len(found.points)) == (6, 1, 6)
    assert sum(w.deployments for w in found.weeks) == 6
    assert found.measure("time_to_detect").estimated == 1
    assert [b.version for b in found.measure("change_fail_rate").releases] == ["1.4.0", "1.2.0"]
    roles = {name: (part.n, part.few) for name, part in found.measure("approval_wait").parts}
    assert roles == {"product_manager": (2, (7200, 14400)), "tech_lead": (3, (21600, 28800, 144000))}


def test_a_train_has_numbers_of_its_own() -> None:
    assert made(quarter(), "regular").measure("deployment_success").n == 5


def test_nothing_is_no_data_and_never_0() -> None:
    found = made(Rows())
    assert found.empty and len(found.measures) == len(METRICS)
    for m in found.measures:
        assert (m.state, m.value, m.median, m.p90, m.interval, m.part) == ("no data", None, None, None, None, None), m
    assert all(w.deployments == 0 for w in found.weeks) and len(found.weeks) == 14


def test_few_values_are_told_and_no_median_is_made_of_them() -> None:
    rows = Rows(changes=tuple(change(1, AT[0], days) for days in (2, 1, 4, 3)))
    lead = made(rows).measure("lead_time")
    assert (lead.state, lead.median, lead.p90, lead.few[0]) == ("few", None, None, 86400)


def test_an_end_before_its_beginning_is_left_out_and_counted() -> None:
    skewed = replace(
        deployment(7, AT[5], failed="rolled back"), signal_at=AT[5] - 2 * HOUR, recovered_at=AT[5] - HOUR)
    rows = Rows((skewed,), (change(7, AT[5], -1), *(change(7, AT[5], d) for d in (1, 2, 3, 4, 5))), (
        story(7, live_at=AT[5], incidents=(Trouble("", AT[5], AT[5] - HOUR),), ready_at=JULY, waits=(
            Wait("tech_lead", AT[5], AT[4]),)),))
    found = made(rows)
    told = {m.code: (m.n, m.excluded) for m in found.measures if m.excluded}
    assert told == {
        "lead_time": (5, 1), "recovery_time": (0, 1), "time_to_detect": (0, 1), "time_to_resolve": (0, 1),
        "approval_wait": (0, 1),
    }  # fmt: skip
    assert found.measure("lead_time").median == 3 * 86400
    assert "Time to resolve: 1 left out, because the end lies before the beginning" in found.notes


def test_what_still_burns_is_named_and_no_recovery() -> None:
    found = made(Rows((deployment(8, AT[0], failed="incident"),), (), (story(8, incidents=(Trouble("", AT[0]),)),)))
    assert found.measure("change_fail_rate").part == 1 and found.measure("recovery_time").state == "no data"
    assert found.notes == ("v1.8.0: not recovered yet, so not in the recovery time",
                           "1 incident not resolved yet, so not in the time to resolve")


def test_a_change_is_named_only_when_it_is_more_than_chance() -> None:
    def with_before(days: float, n: int) -> str:
        old = tuple(change(1, JULY - DAY, 2 + i / 100, f"#{i}") for i in range(n))
        new = tuple(change(2, AT[0], days + i / 100, f"#{i}") for i in range(n))
        lead = made(Rows(changes=old + new)).measure("lead_time")
        assert lead.n_before == n
        return lead.change

    assert (with_before(9, 10), with_before(1, 10), with_before(2.01, 10), with_before(9, 5)) == ("up", "down", "", "")
