"""SIGKILL of a real `release-bot serve` around what it asks a host: the host deploys once, and the run ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.domain.pipeline.model import Step
from core.domain.plans.steps import steps_json
from core.store import runs
from core.store.unit_of_work import Store, Unit
from sandbox.hosts.server import TOKENS, Hosts, Settings
from sandbox.hosts.yard import Place, Pretend
from tests.kills.plays import Worlds
from tests.kills.test_runs import Pipeline
from tests.torture.fleet import fleet
from tests.torture.world import START, World, utc

Tells = Callable[..., None]
TARGETS = {"render": "srv-api", "vercel": "prj_web", "hook": "payments"}


class AtHost(Pipeline):
    """A run of one step: a deployment at a host."""

    async def deploys(self, host: str) -> int:
        store, sha = Store(self.world.database, "test"), self.world.product.commit_of("refs/heads/main")
        step = Step("api", "API", "deploy", service="api", host=host, target=TARGETS[host], repeatable=True)
        put = {"environment": "integration", "what": "main", "version": "", "sha": sha}
        body = {"sha": sha, "steps": steps_json([step]), "put": put}
        new = runs.NewRun("asset-anchor", "integration", None, 1, "deploy", body)

        async def work(unit: Unit) -> int:
            return await runs.begin(unit, new, utc(START)) or 0

        self.begun.append(await store.unit(work, verb="test"))
        return self.begun[-1]


async def _hosts_of(world: World) -> Hosts:
    sha = world.product.commit_of("refs/heads/main")
    hosts = Hosts(Pretend({"main": sha}, seconds=0.05), Settings(now=world.slack.clock.now))
    for host, target in TARGETS.items():
        await hosts.add(host, Place(target))
    return hosts


async def _killed(world: World, names: tuple[str, ...], points: tuple[str, ...]) -> int:
    async with await _hosts_of(world) as hosts:
        world.settings |= {
            "RENDER_API_KEY": TOKENS["render"], "RENDER_API_URL": f"{hosts.url}/render/v1",
            "VERCEL_TOKEN": TOKENS["vercel"], "VERCEL_API_URL": f"{hosts.url}/vercel", "VERCEL_TEAM_ID": "team_sandbox",
            "HOOK_HOST_TOKEN": TOKENS["hook"], "HOOK_HOST_URL": f"{hosts.url}/hook",
        }  # fmt: skip
        places = [f"call.{point.format(name)}" for name in names for point in points]
        made = AtHost(world, 1, 0.0)
        async with fleet(world, 1, armed=list(places)) as bots:
            for name in names:
                run = await made.deploys(name)
                await made.ends(run)
                assert (await made.stored(run)).state == "done"
        assert sorted(bots.fired) == sorted(places)
        assert bots.unexpected == []
        assert {name: len(hosts.doors[name].yard.deployments) for name in names} == dict.fromkeys(names, 1)
    return bots.deaths


async def test_killed_between_asking_a_host_and_storing_it(worlds: Worlds, tells: Tells) -> None:
    """Render has no key that makes a request once, so it is the hardest."""
    async with worlds("sqlite") as world:
        tells(kills=await _killed(world, ("render",), ("after:{}.deploy",)))


@pytest.mark.torture
async def test_killed_around_each_call_of_each_host(worlds: Worlds, tells: Tells) -> None:
    async with worlds("sqlite") as world:
        points = tuple(f"{side}:{{}}.{call}" for side in ("before", "after") for call in ("deploy", "look", "find"))
        tells(kills=await _killed(world, ("render", "vercel", "hook"), points))
