"""A month of retention that breaks off at any of its units goes on where it was, and deletes everything once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import HandClock
from core.domain.release import Phase, Release, ReleaseType
from core.failpoints import ARMED, FailpointReached, configure
from core.store import audit, keeping, releases, runs
from core.store.products import product_chain
from core.store.unit_of_work import Unit, release_chain
from core.usecases.context import Context
from core.usecases.retention import keep_house

LIVE = datetime(2026, 12, 16, 15, tzinfo=UTC)
PLACES = [f"commit.{place}" for place in ("after:retention.tell", "before:retention.expire", "after:retention.expire")]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    configure({})


async def closed(ctx: Context, *versions: str) -> list[int]:
    """Releases that were live and are closed."""
    rules = (await ctx.policy()).hash

    async def work(unit: Unit) -> list[int]:
        made = []
        for version in versions:
            new = await releases.add(unit, Release(
                id=0, product=ctx.product, version=version, type=ReleaseType.MINOR, phase=Phase.CLOSED, epoch=0,
                policy_hash=rules, started_by="U0PRIYA", started_at=LIVE, lead="U0PRIYA", base_tag="v1.0.0",
                base_sha="a" * 40, branch=f"release/{version}", live_at=LIVE, closed_at=LIVE,
            ))  # fmt: skip
            await unit.audit(release_chain(new.id), "U0PRIYA", "close", rules, {"reason": "it is done"}, LIVE)
            await releases.save(unit, new, facts={"version": version}, wake_at=None)
            made.append(new.id)
        return made

    return list(await ctx.store.unit(work, verb="test.closed"))


async def test_what_is_being_deployed_waits_for_the_next_month(ctx: Context) -> None:
    assert isinstance(ctx.clock, HandClock)
    number, _ = await closed(ctx, "1.1.0", "1.2.0")

    async def deploys(unit: Unit) -> int | None:
        new = runs.NewRun(ctx.product, "staging", number, 1, "deploy", {"version": "1.1.0"})
        return await runs.begin(unit, new, ctx.clock.now())

    run = await ctx.store.unit(deploys, verb="test.run", chains=[product_chain(ctx.product)])
    deleted = []
    for month in (1, 2):
        ctx.clock.move_to(datetime(2029, month, 1, 12, tzinfo=UTC) - timedelta(days=6))
        await keep_house(ctx)
        ctx.clock.move_to(datetime(2029, month, 3, 12, tzinfo=UTC))
        deleted.append(await keep_house(ctx))
        await ctx.store.unit(lambda unit: runs.end(unit, run, ctx.clock.now(), "done"), verb="test.end")
    assert deleted == [1, 1]


@pytest.mark.parametrize("place", PLACES)
async def test_what_breaks_off_goes_on_and_everything_is_deleted_once(ctx: Context, place: str) -> None:
    assert isinstance(ctx.clock, HandClock)
    found = await closed(ctx, "1.1.0", "1.2.0")
    configure({ARMED: f"{place}=error@1"})
    broke = 0
    for day in (datetime(2028, 12, 26, 12, tzinfo=UTC), datetime(2029, 1, 2, 12, tzinfo=UTC)):
        ctx.clock.move_to(day)
        for _ in range(3):
            try:
                await keep_house(ctx)
            except FailpointReached:
                broke += 1
    assert broke == 1
    async with ctx.store.database.reader.connect() as conn:
        verbs = [(e.verb, e.body or {}) for e in await audit.entries(conn, audit.RETENTION)]
        gone = await keeping.all_expired(conn)
    assert {number for number, what in gone if what == keeping.PACKAGE} == set(found)
    assert [verb for verb, _ in verbs] == [
        "retention.told", *(["retention.logs", audit.ERASED] * 2), "retention.done",
    ]  # fmt: skip
    assert [one[0] for one in verbs[-1][1]["things"]] == ["1.1.0", "1.2.0"], "the report tells of both sides of it"
    report = await audit.verify(ctx.store.database)
    assert report.sound and report.expired == 2
