"""The calendar as events: names that stay, numbers that rise, and what is called off stays as cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from core.domain.course import of_release
from core.domain.feed import Event, History, events
from core.domain.policy_parts import Freeze
from core.domain.product import ProductRecord, TrainChanges
from core.domain.release import Release
from tests.core.domain.world import PRIYA, START, TRAIN, World

NEXT = TRAIN + timedelta(days=14)


def shown(w: World, *found: tuple[Release, int], record: ProductRecord | None = None) -> dict[str, Event]:
    begun = [(r, History(n, w.now)) for r, n in found]
    told = events(w.policy, record or w.product, begun, History(2, START), w.now)
    assert len({e.uid for e in told}) == len(told), "two events of one name"
    return {e.uid.partition("@")[0]: e for e in told}


def test_a_free_train_gives_way_to_the_release_that_takes_it():
    w = World()
    free = shown(w)["train-main-20261216T1000"]
    assert (free.starts, free.ends, free.free) == (TRAIN, TRAIN + timedelta(hours=2), True)
    r = w.start("minor")
    told = shown(w, (r, 1))
    assert "train-main-20261216T1000" not in told and "train-main-20261230T1000" in told
    dates = {name.partition(f"release-{r.id}-")[2]: e.starts for name, e in told.items() if name.startswith("release-")}
    legs = {leg.what: leg for leg in of_release(w.policy, r)}
    assert dates == {"freeze": r.freeze_at, "prepare": r.prepare_at, "departure": TRAIN} | {
        "planning": legs["planning"].begins,
        "development": legs["development"].begins,
        "after": legs["post-release"].ends,
        "retrospective": legs["retrospective"].begins,
    }


def test_a_moved_release_keeps_its_names_and_a_cancelled_one_stays_as_cancelled():
    w = World()
    r = w.start("minor")
    first = shown(w, (r, 1))
    w.act(PRIYA, "move", r, to=NEXT.isoformat())
    moved = shown(w, (w.again(r), 2))
    name = f"release-{r.id}-departure"
    assert (first[name].sequence, moved[name].sequence) == (0, 1)
    assert (first[name].uid, moved[name].starts) == (moved[name].uid, NEXT)
    assert "train-main-20261216T1000" in moved, "its old train is free again"
    w.act(PRIYA, "cancel", r, reason="fell apart")
    gone = shown(w, (w.again(r), 3))
    assert {e.cancelled for n, e in gone.items() if n.startswith("release-")} == {True}
    assert gone[name].starts == NEXT and "train-main-20261230T1000" in gone


def test_a_release_that_gave_up_its_place_is_called_off_until_it_has_another():
    w = World()
    r = w.start("minor")
    w.act(PRIYA, "hold", r, reason="the bank", keep_place=False)
    held = shown(w, (w.again(r), 2))[f"release-{r.id}-departure"]
    assert (held.cancelled, held.starts) == (True, TRAIN)


def test_a_skipped_train_is_cancelled_under_the_name_it_had():
    changes = TrainChanges({"2026-12-30": "holidays"}, (TRAIN + timedelta(days=2),))
    told = shown(World(), record=ProductRecord("asset-anchor", trains={"main": changes}))
    skipped, added = told["train-main-20261230T1000"], told["train-main-20261218T1000"]
    assert (skipped.cancelled, skipped.text, skipped.sequence) == (True, "holidays", 2)
    assert not added.cancelled


def test_freezes_are_whole_days_and_the_retrospective_follows_what_is_live():
    w = World().with_policy(freezes=(Freeze(name="Year's end", first=date(2026, 12, 19), last=date(2027, 1, 3)),))
    r = replace(w.start("minor"), live_at=TRAIN + timedelta(minutes=11))
    told = shown(w, (r, 1))
    freeze = told["freeze-year-s-end-20261219"]
    assert (freeze.starts, freeze.ends) == (date(2026, 12, 19), date(2027, 1, 4))
    assert told[f"release-{r.id}-retrospective"].starts == datetime(2026, 12, 18, 15, 11, tzinfo=UTC)
    assert told[f"release-{r.id}-departure"].ends == TRAIN + timedelta(hours=2)


def test_freezes_that_come_again_are_events_of_their_own_with_their_hours():
    fridays = Freeze.model_validate({"name": "Fridays", "rule": "FREQ=MONTHLY;BYDAY=-1FR", "from": time(15)})
    closing = Freeze.model_validate({"name": "Closing", "rule": "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20", "days": 14})
    told = shown(World().with_policy(freezes=(fridays, closing)))
    friday = told["freeze-fridays-20261225T1500"]
    eight = datetime(2026, 12, 25, 20, tzinfo=UTC)
    assert (friday.starts, friday.ends) == (eight, eight + timedelta(hours=9))
    assert (told["freeze-closing-20261220"].starts, told["freeze-closing-20261220"].ends) == (
        date(2026, 12, 20), date(2027, 1, 3),
    )  # fmt: skip
    assert len([name for name in told if name.startswith("freeze-fridays")]) == 8, "those around now, and not for ever"


def test_a_held_release_keeps_all_its_events_as_cancelled():
    w = World()
    r = w.start("minor")
    before = shown(w, (r, 1))
    w.act(PRIYA, "hold", r, reason="the bank", keep_place=False)
    after = shown(w, (w.again(r), 2))
    mine = [name for name in before if name.startswith("release-")]
    assert len(mine) == 7 and all(after[name].cancelled for name in mine)
    assert {name: after[name].starts for name in mine} == {name: before[name].starts for name in mine}
