"""Integration takes a candidate for regression on request, and follows develop otherwise, as development does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.effects import BOT, CLICK
from core.domain.environments import Name, deployers, kept_facts
from core.domain.moves.forging import deployment_shown
from core.domain.plans.steps import has_pipeline, steps_json, steps_of
from core.domain.policy import Policy
from core.domain.product import Kept
from core.domain.rehearsals import channel_of
from core.domain.release import Environment
from core.errors import Blocker, Refused
from core.store import environments, releases, runs
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.environments import Desk, desk_of, tell, written

DEVELOP, KIND = "develop", "environment.put"
FOLLOWING: tuple[Name, ...] = ("development", "integration")


async def put(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Bring a candidate to integration, or develop back to it. Input: release (an id), or develop.

    The host is asked; what came of it is told to who asked. Returns {"environment", "what"}. Raises Refused.
    """
    head = await _develop(ctx) if ask.input.get(DEVELOP) else ""

    async def work(unit: Unit) -> dict[str, Any]:
        desk, name = await desk_of(ctx, unit.conn), FOLLOWING[1]
        roles = deployers(desk.policy, name)
        if ask.actor not in desk.holders(roles):
            facts = {"environment": name, "event": ask.event, "roles": list(roles)}
            raise Refused([Blocker("access", facts, desk.holders(roles))], asked=ask.event)
        wanted = await _wanted(unit, ask, head)
        env = await environments.load(unit.conn, ctx.product, name)
        stops = list(_stops(desk, name, ask.actor))
        if not wanted.get("sha"):
            stops.append(Blocker("has_candidate", {}, desk.holders(("release_manager", "tech_lead"))))
        elif env.sha == wanted["sha"] and env.candidate == wanted["what"]:
            stops.append(Blocker("environment.there", {"environment": name, "what": wanted["what"]}))
        if stops:
            raise Refused(stops, asked=ask.event)
        await _ask_host(ctx, unit, desk.policy, env, wanted | {"by": ask.actor})
        await written(ctx, unit, ask.actor, ask.event, desk.policy.hash, {"environment": name, **wanted})
        return {"event": ask.event, "environment": name, "what": wanted["what"]}

    return dict(await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=(product_chain(ctx.product),)))


async def _wanted(unit: Unit, ask: Ask, head: str) -> dict[str, str]:
    """What shall run there; without `sha` where there is no candidate."""
    if head:
        return {"what": DEVELOP, "version": "", "sha": head}
    release = await releases.load(unit.conn, int(str(ask.input.get("release") or 0)))
    c = release.candidate
    return {"what": c.tag if c else "", "version": release.version, "sha": c.sha if c else ""}


def _stops(desk: Desk, name: Name, actor: str) -> list[Blocker]:
    """Why nothing goes there now: it is paused, or somebody keeps it."""
    found = []
    if (pause := desk.record.pause) is not None:
        who = desk.holders(desk.policy.permissions["pause"])
        found.append(Blocker("paused", {"by": pause.by, "reason": pause.reason}, who, pause.since.isoformat()))
    kept: Kept | None = desk.record.kept.get(name)
    if kept is not None and kept.stops(actor, desk.now):
        who = tuple(dict.fromkeys((kept.by, *desk.holders(desk.policy.permissions["unlock"]))))
        found.append(Blocker("kept", kept_facts(kept, name), who, kept.since.isoformat()))
    return found


async def _ask_host(ctx: Context, unit: Unit, policy: Policy, env: Environment, wanted: Mapping[str, str]) -> None:
    """The host is asked, or the run of the environment's pipeline begins."""
    lane, chain = f"product:{ctx.product}:host:{env.name}", product_chain(ctx.product)
    body: dict[str, Any] = {"environment": env.name, **wanted}
    steps = () if channel_of(ctx.product) else steps_of(policy, env.name)
    if steps:
        run = {"kind": "deploy", "previous": env.version, "previous_sha": env.sha, "steps": steps_json(steps)}
        body = {"by": "", **body, **run, "put": body}
    await unit.outbox(lane, KIND, body, cause=chain, rank=CLICK)


async def arrived(ctx: Context, unit: Unit, body: Mapping[str, Any], failure: str = "") -> None:
    """What the host did: the environment's record follows, and who asked is told. The unit holds the product's lock."""
    desk, name = await desk_of(ctx, unit.conn), str(body["environment"])
    said = {n: str(body.get(n) or "") for n in ("environment", "what", "sha")}
    if not failure:
        before = await environments.load(unit.conn, ctx.product, name)
        now = Environment(
            name, str(body["version"]), said["sha"], said["what"], ctx.clock.now(), before.lock, before.version
        )
        await environments.put(unit, ctx.product, now)
    if desk.policy.github.repository and said["sha"] and not channel_of(ctx.product):
        shown = deployment_shown(f"{ctx.product}/{name}/{said['sha']}", said, failure=bool(failure))
        chain = product_chain(ctx.product)
        await unit.outbox(f"product:{ctx.product}:deployments", "forge.deployment", shown, cause=chain)
    if body.get("by"):  # what follows develop by itself is no entry of the record: it would be most of it
        await written(ctx, unit, BOT, KIND, desk.policy.hash, said | {"failure": failure})
        await tell(ctx, unit, desk.policy, f"dm:{body['by']}", "environment_put", said | {"failure": failure})
    elif failure and has_pipeline(desk.policy, name):  # it is tried once a day, so somebody has to know
        for person in desk.holders(deployers(desk.policy, name)):
            await tell(ctx, unit, desk.policy, f"dm:{person}", "environment_put", said | {"failure": failure})


async def follow_develop(ctx: Context) -> int:
    """Development gets develop as it is now, integration once a day; what somebody keeps, and a pause, stop it.

    Where the policy has pipelines, development is deployed by nobody but its host: that it follows develop is noted.
    Returns for how many something was done; where the host failed, it is asked again the next time.
    """
    head = await _develop(ctx)

    async def work(unit: Unit) -> int:
        desk, done = await desk_of(ctx, unit.conn), 0
        for name in FOLLOWING:
            env = await environments.load(unit.conn, ctx.product, name)
            if not head or env.sha == head or _stops(desk, name, ""):
                continue
            wanted = {"what": DEVELOP, "version": "", "sha": head}
            if name == "integration" and not await _its_time(ctx, unit, desk, env):
                continue
            if name == "development" and desk.policy.deployment.pipelines:
                await arrived(ctx, unit, {"environment": name, **wanted})
            else:
                await _ask_host(ctx, unit, desk.policy, replace(env, name=name), wanted)
            done += 1
        return done

    chains = (product_chain(ctx.product),)
    return int(await ctx.store.unit(work, verb="develop", chains=chains, interactive=False))


async def _its_time(ctx: Context, unit: Unit, desk: Desk, env: Environment) -> bool:
    """Once a day; with a pipeline from the policy's hour on, and a run that failed today is not begun again."""
    zone = ZoneInfo(desk.policy.zone)
    now = desk.now.astimezone(zone)
    if env.since is not None and env.since.astimezone(zone).date() >= now.date():
        return False
    if not has_pipeline(desk.policy, env.name):
        return True
    newest = await runs.newest(unit.conn, ctx.product, env.name)
    tried = newest is not None and (
        newest.ended_at is None or newest.started_at.astimezone(zone).date() >= now.date()
    )
    return not tried and now.time() >= desk.policy.deployment.integration_at


async def _develop(ctx: Context) -> str:
    """The head of the branch that development follows; "" while it was never read."""
    remote = await ctx.repository.look()
    return remote.heads.get((await ctx.policy()).product.trunk, "")
