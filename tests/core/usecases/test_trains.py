"""Skip and extra change the timetable once, with a reason, by whom the policy allows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.policy_start import bring_in
from core.domain.policy import parse_policy
from core.errors import Refused
from core.store.engines import Database
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.start import propose
from core.usecases.trains import extra, keep, next_trains, shift, skip
from tests.handlers.desk import Hands
from tests.policies import simulated_text
from tests.scenarios.driver import Team

TRAIN, AFTER = "2026-12-16T15:00:00+00:00", "2026-12-30T15:00:00+00:00"


async def codes(work: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        await work  # type: ignore[misc]
    return [b.code for b in refused.value.blockers]


async def test_a_skipped_train_is_offered_to_nobody_and_says_why(play: Team) -> None:
    ctx = play.app.ctx
    await skip(ctx, Ask("U0PRIYA", "skip", input={"at": TRAIN, "reason": "holidays"}))
    rows = {row["at"]: row for row in await next_trains(ctx)}
    assert rows[TRAIN]["skipped"] == "holidays"
    from core.domain.release import ReleaseType
    proposal = await propose(ctx, ReleaseType.MINOR, actor="U0PRIYA")
    assert proposal.departs_at is not None and proposal.departs_at.isoformat() == AFTER


async def test_who_may_not_and_what_cannot_be_is_refused(play: Team) -> None:
    ctx = play.app.ctx
    assert await codes(skip(ctx, Ask("U0DANA", "skip", input={"at": TRAIN, "reason": "holidays"}))) == ["permission"]
    assert await codes(skip(ctx, Ask("U0PRIYA", "skip", input={"at": TRAIN}))) == ["reason"]
    assert await codes(skip(ctx, Ask("U0PRIYA", "skip", input={"at": "someday", "reason": "x y z"}))) == ["train_when"]
    assert await codes(extra(ctx, Ask("U0PRIYA", "extra", input={"at": TRAIN}))) == ["train_exists"]
    assert await codes(extra(ctx, Ask("U0PRIYA", "extra", input={"at": "2026-01-01T00:00:00+00:00"}))) == [
        "departure_past"]
    for at, code in (("2026-12-29T15:00:00+00:00", "train_none"), ("0001-01-01T00:00:00+00:00", "train_when")):
        asked = Ask("U0PRIYA", "train_kept", input={"train": "main", "at": at})
        assert await codes(keep(ctx, asked)) == [code]
    await play.says("priya", "start minor")
    assert await codes(skip(ctx, Ask("U0PRIYA", "skip", input={"at": TRAIN, "reason": "holidays"}))) == [
        "departure_free"]


async def test_an_added_departure_stands_among_the_others(play: Team) -> None:
    ctx = play.app.ctx
    at = "2026-12-18T19:00:00+00:00"
    await extra(ctx, Ask("U0PRIYA", "extra", input={"at": at, "reason": "a customer waits"}))
    rows = [row["at"] for row in await next_trains(ctx)]
    assert rows == sorted(rows) and at in rows


# --- several trains ---------------------------------------------------------------------------------------------------

NIGHT = """
[trains.night]
anchor = 2026-12-03
every_weeks = 1
weekday = "thursday"
at = 22:00:00
zone = "Europe/Berlin"
"""


async def test_each_of_several_trains_is_changed_by_itself(sqlite_url: str) -> None:
    """Thursday 3 December, 22:00 Berlin is 16:00 Eastern; a day is enough to name the train that leaves on it."""
    database = Database.open(sqlite_url)
    try:
        ctx = await with_policy(database, simulated_text() + NIGHT, datetime(2026, 12, 1, 14, tzinfo=UTC))
        found = [(row["train"], row["at"][:16]) for row in await next_trains(ctx)]
        assert found == [
            ("main", "2026-12-02T15:00"), ("night", "2026-12-03T21:00"), ("night", "2026-12-10T21:00"),
            ("main", "2026-12-16T15:00"), ("night", "2026-12-17T21:00"), ("night", "2026-12-24T21:00"),
        ]  # fmt: skip
        assert {row["train"] for row in await next_trains(ctx, each=True)} == {"main", "night"}
        by_day = {"at": "2026-12-10T15:00:00+00:00", "reason": "holidays"}  # at another hour than the train's own
        assert (await skip(ctx, Ask("U0PRIYA", "skip", input=by_day)))["train"] == "night"
        moved = {"at": "2026-12-24T21:00:00+00:00", "to": "2026-12-23T21:00:00+00:00", "reason": "Christmas"}
        assert (await shift(ctx, Ask("U0PRIYA", "shift", input=moved)))["train"] == "night"
        added = {"at": "2026-12-18T21:00:00+00:00", "train": "night", "reason": ""}
        assert (await extra(ctx, Ask("U0PRIYA", "extra", input=added)))["train"] == "night"
        assert await codes(extra(ctx, Ask("U0PRIYA", "extra", input=added | {"train": "noon"}))) == ["train_none"]
        rows = {(row["train"], row["at"][:10]): row for row in await next_trains(ctx, 8, each=True)}
        assert rows["night", "2026-12-10"]["skipped"] == "holidays" and not rows["main", "2026-12-16"]["skipped"]
        assert rows["night", "2026-12-24"]["moved"].startswith("2026-12-23T21:00")
        assert rows["night", "2026-12-18"]["extra"] and rows["night", "2026-12-23"]["extra"]
    finally:
        await database.close()


async def with_policy(database: Database, text: str, now: datetime) -> Context:
    ctx = Context(Store(database, "one"), Reads(database), Hands(now), None, "asset-anchor")  # type: ignore[arg-type]
    await bring_in(ctx.store, ctx.clock, parse_policy(text))
    return ctx
