"""What a release passes and when follows from its departure, on the wall and in working days, without a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from core.domain.calendar import departures
from core.domain.course import Leg, of_departure, of_release
from tests.core.domain.world import TRAIN, World

MAIN = "main"


def begins(legs: tuple[Leg, ...]) -> dict[str, str]:
    return {leg.what: leg.begins.astimezone(ZoneInfo("America/New_York")).strftime("%d %b %H:%M") for leg in legs}


def test_the_dates_of_the_train_of_16_december() -> None:
    w = World()
    r = w.start("minor")
    assert begins(of_release(w.policy, r)) == {
        "planning": "13 Nov 10:00",  # a sprint before that
        "development": "27 Nov 10:00",  # a sprint before the freeze: 26 November is Thanksgiving, so the day after
        "stabilization": "10 Dec 10:00",
        "preparation": "14 Dec 10:00",
        "departure": "16 Dec 10:00",
        "post-release": "16 Dec 10:00",
        "retrospective": "18 Dec 10:00",  # Saturday is none
    }
    ends = {leg.what: leg.ends for leg in of_release(w.policy, r)}
    assert ends["post-release"] == datetime(2026, 12, 21, 15, tzinfo=UTC), "three working days"
    assert ends["departure"] == r.window_ends_at


@pytest.mark.parametrize("sprints", [1, 2])
@pytest.mark.parametrize("weeks", [1, 3])
def test_each_part_begins_where_the_one_before_ends_in_every_year(sprints: int, weeks: int) -> None:
    w = World()
    longer = w.policy.trains[MAIN].model_copy(
        update={"sprint_weeks": weeks, "planning_sprints": sprints, "development_sprints": sprints}
    )
    policy = w.policy.model_copy(update={"trains": {MAIN: longer}})
    table = longer.timetable()
    for departs in islice(departures(table, datetime(2026, 12, 1, tzinfo=UTC)), 120):
        legs = of_departure(policy, MAIN, table, departs)
        way = [x for x in legs if x.what != "retrospective"]
        assert all(a.ends == b.begins for a, b in pairwise(way[:5]))
        assert all(x.begins <= x.ends for x in legs)
        for x in (way[0], way[1]):
            local = table.local(x.begins)
            assert table.off.works(local.date()) and (local.hour, local.minute) == (10, 0)
        spent = table.local(legs[2].begins).date() - table.local(legs[1].begins).date()
        assert timedelta(0) <= timedelta(weeks=weeks * sprints) - spent <= timedelta(days=4), "days off only"


def test_a_release_keeps_its_freeze_and_what_follows_counts_from_when_it_went_live() -> None:
    w = World()
    r = w.start("minor")
    frozen, live = TRAIN - timedelta(days=8), TRAIN + timedelta(days=1)
    legs = {x.what: x for x in of_release(w.policy, replace(r, freeze_at=frozen, live_at=live))}
    assert legs["stabilization"].begins == legs["development"].ends == frozen
    assert legs["post-release"].begins == live
    assert legs["retrospective"].begins == TRAIN + timedelta(days=2), "72 hours are a Sunday: Friday, at that hour"
    patch = replace(r, train=None, departs_at=None)
    assert of_release(w.policy, patch) == ()
    assert [x.what for x in of_release(w.policy, replace(patch, live_at=live))] == ["post-release", "retrospective"]


def test_a_day_off_moves_what_begins_on_it() -> None:
    w = World()
    table = w.policy.trains[MAIN].timetable()
    assert not table.off.works(date(2026, 11, 26))
    (develop,) = (x for x in of_departure(w.policy, MAIN, table, TRAIN) if x.what == "development")
    assert table.local(develop.begins).date() == date(2026, 11, 27)
