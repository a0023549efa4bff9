"""Development and integration run develop as the host brought it; integration takes a candidate when asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.domain.pipeline.model import Seen
from core.domain.pipeline.progress import Look
from core.domain.policy import parse_policy
from core.domain.repository import RemoteState
from core.errors import Refused
from core.store import tables as t
from core.store.reads import Reads
from core.store.unit_of_work import Store, Unit
from core.usecases import launching, running
from core.usecases.advance import Ask, chains_of
from core.usecases.context import Context
from core.usecases.environments import all_environments
from core.usecases.integrating import DEVELOP, follow_develop, put
from tests.policies import SHIPPED
from tests.scenarios.driver import FIX, Team

DAILY = """
[[deployment.pipelines.integration]]
name = "load"
run = ["make", "load"]
"""


async def runs(play: Team) -> dict[str, str]:
    """What the host runs, and what the record says of it, which is the same."""
    await play.settles()
    found = {name: str(run["sha"]) for name, run in play.app.host.runs().items()}
    known = {name: str(env["sha"]) for name, env in (await all_environments(play.app.ctx)).items()}
    assert {name: known[name] for name in found} == found
    return found


async def test_the_host_brings_develop_and_the_record_follows_the_host(play: Team) -> None:
    ctx, first = play.app.ctx, play.product.refs()["refs/heads/develop"]
    assert await follow_develop(ctx) == 2
    assert await runs(play) == {"development": first, "integration": first}
    assert await follow_develop(ctx) == 0
    play.product.commit("develop", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    assert await follow_develop(ctx) == 1, "integration once a day"
    after = await runs(play)
    assert after["integration"] == first and after["development"] != first


async def test_who_asks_is_told_what_came_of_it(play: Team) -> None:
    ctx = play.app.ctx
    await follow_develop(ctx)
    await runs(play)
    with pytest.raises(Refused) as refused:
        await put(ctx, Ask("U0QADIR", "deploy", input={DEVELOP: True}))
    assert [b.code for b in refused.value.blockers] == ["environment.there"]
    with pytest.raises(Refused) as refused:
        await put(ctx, Ask("U0DANA", "deploy", input={DEVELOP: True}))
    assert [b.code for b in refused.value.blockers] == ["access"]
    play.product.commit("develop", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    play.app.host.faults["integration:develop"] = "disk full"
    await put(ctx, Ask("U0QADIR", "deploy", input={DEVELOP: True}))
    await play.settles()
    assert "did not come to integration: “disk full”" in play.qadir.reads(play.qadir.dm()[-1])
    play.app.host.faults.clear()
    await put(ctx, Ask("U0QADIR", "deploy", input={DEVELOP: True}))
    await runs(play)
    assert "develop is on integration" in play.qadir.reads(play.qadir.dm()[-1])


# --- with a pipeline --------------------------------------------------------------------------------------------------


@dataclass
class Develop:
    """A remote on which develop stands somewhere."""

    sha: str = "d" * 40

    async def look(self, max_age: float = 60.0) -> RemoteState:
        return RemoteState({"develop": self.sha}, {}, 0.0)


@dataclass
class Daily:
    """A product whose policy has a pipeline for integration; `day` begins at five in the morning there."""

    ctx: Context
    clock: HandClock
    remote: Develop

    async def delivered(self) -> list[dict[str, Any]]:
        """What is asked of hosts now; runs of pipelines begin."""
        async with self.ctx.store.database.reader.connect() as conn:
            rows = (await conn.execute(select(t.outbox.c.body).where(t.outbox.c.kind == "environment.put"))).scalars()
            found = [dict(body) for body in rows]
        for body in found[-1:]:
            chains = chains_of(self.ctx)
            await self.ctx.store.unit(partial(self._begun, body), verb="x", chains=chains)
        return found

    async def _begun(self, body: dict[str, Any], unit: Unit) -> str:
        return await launching.begin(self.ctx, unit, None, body)

    async def ends(self, seen: Seen) -> None:
        (going,) = await running.taken(self.ctx)
        going = await running.started(self.ctx, going)
        assert isinstance(going.next, Look)
        await running.ended(self.ctx, going, seen)

    async def told(self) -> list[str]:
        async with self.ctx.store.database.reader.connect() as conn:
            rows = (await conn.execute(select(t.outbox.c.body).where(t.outbox.c.kind == "slack.post"))).scalars()
            return [str(body["place"]) for body in rows]


@pytest.fixture
async def daily(store: Store) -> Daily:
    clock, remote = HandClock(datetime(2026, 12, 1, 10, tzinfo=UTC)), Develop()
    policy = parse_policy(SHIPPED.read_text(encoding="utf-8") + DAILY)
    await bring_in(store, clock, policy)
    return Daily(Context(store, Reads(store.database), clock, remote, policy.product.key), clock, remote)  # type: ignore[arg-type]


async def test_integration_gets_develop_from_its_hour_on_once_a_day_by_its_pipeline(daily: Daily) -> None:
    ctx = daily.ctx
    assert await follow_develop(ctx) == 1 and await daily.delivered() == [], "too early: development is only observed"
    assert (await all_environments(ctx))["development"]["sha"] == daily.remote.sha
    daily.clock.move_to(daily.clock.now() + timedelta(hours=2))
    assert await follow_develop(ctx) == 1 and len(await daily.delivered()) == 1
    assert await follow_develop(ctx) == 0, "it is under way"
    await daily.ends(Seen("done"))
    assert (await all_environments(ctx))["integration"]["sha"] == daily.remote.sha and await daily.told() == []
    daily.remote.sha = "e" * 40
    assert await follow_develop(ctx) == 1, "development"
    daily.clock.move_to(daily.clock.now() + timedelta(days=1))
    assert await follow_develop(ctx) == 1 and len(await daily.delivered()) == 2
    await daily.ends(Seen("failed", reason="500"))


async def test_a_daily_run_that_failed_is_told_to_who_may_deploy_and_tried_tomorrow(daily: Daily) -> None:
    daily.clock.move_to(daily.clock.now() + timedelta(hours=2))
    await follow_develop(daily.ctx)
    await daily.delivered()
    await daily.ends(Seen("failed", reason="500"))
    assert (await all_environments(daily.ctx))["integration"]["sha"] == ""
    assert daily.ctx and set(await daily.told()) and all(place.startswith("dm:") for place in await daily.told())
    assert await follow_develop(daily.ctx) == 0
    daily.clock.move_to(daily.clock.now() + timedelta(days=1))
    assert await follow_develop(daily.ctx) == 1
