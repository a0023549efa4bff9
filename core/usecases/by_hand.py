"""One step of a deployment that a person runs from a terminal: a run of its own, done and kept as a pipeline's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.domain.environments import Name, deployers, kept_facts
from core.domain.gates.people import reason_lacks
from core.domain.pipeline.model import Step, Uses
from core.domain.plans.steps import TITLES, steps_json, steps_of
from core.domain.policy import Policy
from core.domain.release import BEFORE_DEPLOYMENT, Phase
from core.errors import Blocker, NotFound, Refused
from core.store import environments, runs
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.environments import Desk, desk_of

What = Literal["backup", "migrate", "migrate_back", "restore"]
RESTORE = "restore"  # in a run's body: the attempt that puts the restore point back instead of going down
KIND = "by hand"
LONGEST = 1800  # seconds, for a step that the policy's pipelines do not have


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person wants done with an environment. `release` are the facts of the release whose commit it is about.

    `second` is the other person of a break-glass, "" for who needs none; that one has a `reason`. A restore has one
    always, else it only tells what would be lost.
    """

    actor: str
    environment: Name
    what: What
    release: Mapping[str, Any]
    second: str = ""
    reason: str = ""


async def begin(ctx: Context, ask: ByHand) -> int:
    """Write the run and its entry in the product's record; a runner does it. Returns the run's id.

    Raises Refused when the person may not, or somebody else keeps the environment; NotFound when there is no database
    there, or a deployment is at work, which does the step itself.
    """

    async def work(unit: Unit) -> int:
        desk = await desk_of(ctx, unit.conn)
        may(desk, ask)
        _gone(ask)
        step = step_for(desk.policy, ask.environment, ask.what)
        env = await environments.load(unit.conn, ctx.product, ask.environment)
        body = _body(ask, step) | {"previous": env.version, "previous_sha": env.sha}
        new = runs.NewRun(ctx.product, ask.environment, None, 1, KIND, body)
        there = await runs.open_run(unit.conn, ctx.product, ask.environment)
        begun = None if there is not None and there.release_id is not None else await runs.begin(unit, new, desk.now)
        if begun is None:
            raise NotFound(_busy(ask, there))
        said = said_of(ask, RESTORE if ask.what == RESTORE else step.uses, begun)
        await unit.audit(product_chain(ctx.product), ask.actor, "by_hand", desk.policy.hash, said, desk.now)
        return begun

    return int(await ctx.store.unit(work, verb="by_hand", chains=(product_chain(ctx.product),)))


def said_of(ask: ByHand, step: str, run: int) -> dict[str, Any]:
    """What the record keeps of it."""
    said: dict[str, Any] = {"environment": ask.environment, "step": step, "run": run, "version": ask.release["version"]}
    return said | ({"with": ask.second, "reason": ask.reason} if ask.second else {})


async def over(ctx: Context, unit: Unit, run: runs.StoredRun, failure: str) -> None:
    """What came of it goes into the product's record. The unit holds the product's chain."""
    chain, policy, now = product_chain(ctx.product), await ctx.active_policy(unit.conn), ctx.clock.now()
    said = {"environment": run.environment, "run": run.id, "version": run.body["version"], "failure": failure}
    await unit.audit(chain, str(run.body["by"]), "by_hand_over", policy.hash, said, now)


def _busy(ask: ByHand, there: runs.StoredRun | None) -> str:
    if there is None or there.release_id is None:
        return f"Somebody runs a step on {ask.environment} by hand right now. Nothing was done."
    what = "brings" if there.kind == "deploy" else "takes back"
    stands = "is at work" if there.state == "running" else "waits for a decision"
    return (
        f"A pipeline {what} v{there.body['version']} on {ask.environment} and {stands}; it does this step by itself. "
        "Nothing was done. Say retry, worked or rollback there, or follow it with: release-bot monitor"
    )


def step_for(policy: Policy, environment: str, what: What) -> Step:
    """The step as the environment's pipeline has it, without retries. Raises NotFound without a database there."""
    database = next((d for d in policy.deployment.databases.values() if environment in d.settings), None)
    if database is None:
        raise NotFound(f"The policy names no database of {environment}: there is nothing to do.")
    uses: Uses = "migrate_back" if what == "restore" else what
    planned = (*steps_of(policy, environment), *steps_of(policy, environment, "roll back", database_back=True))
    known = next((step for step in planned if step.uses == uses), None)
    step = known or Step(uses.replace("_", "-"), TITLES[uses], uses, timeout=LONGEST, never_stop=True)
    return replace(step, retries=0)


def _body(ask: ByHand, step: Step) -> dict[str, Any]:
    release = ask.release
    sha = str(release.get("promotion_sha") or (release.get("candidate") or {}).get("sha") or "")
    if not sha:
        raise NotFound(f"v{release['version']} has no candidate yet, so nobody knows which migrations it has.")
    return {
        "environment": ask.environment, "kind": KIND, "run": 1, "version": release["version"], "sha": sha,
        "steps": steps_json((step,)), "by": ask.actor, "reason": ask.reason,
        **({RESTORE: 1, "second": ask.second} if ask.what == RESTORE else {}),
    }  # fmt: skip


def _early(ask: ByHand) -> bool:
    """Whether it would change data of production for a release that nobody has said go for."""
    if ask.environment != "production" or ask.what not in ("migrate", "migrate_back"):
        return False
    phase = ask.release["phase"]
    return phase != Phase.DEPLOYMENT if ask.what == "migrate" else phase in (*BEFORE_DEPLOYMENT, Phase.CANCELLED)


def _gone(ask: ByHand) -> None:
    """What nobody said go for changes no data of production, but by two people's word."""
    if not _early(ask) or ask.second:
        return
    of = f"v{ask.release['version']} is in {ask.release['phase']}:"
    if ask.what == "migrate_back":
        raise NotFound(f"{of} none of its migrations are in production, so they cannot be taken back there.")
    raise NotFound(
        f"{of} its migrations go to production when somebody has said go for it. Two people can let them go before, "
        "with a reason."
    )


def may(desk: Desk, ask: ByHand) -> None:
    """Who may deploy there may; else two people with the policy's break-glass roles and a reason. A restore is agreed
    to by a second person in every case. Raises Refused."""
    kept, roles = desk.record.kept.get(ask.environment), deployers(desk.policy, ask.environment)
    stops: list[Blocker] = []
    if _early(ask) and ask.second:
        stops += _broken_glass(desk, ask, desk.policy.override.roles)
    elif ask.actor not in desk.holders(roles):
        stops += _broken_glass(desk, ask, roles)
    elif ask.what == RESTORE and ask.second:
        stops += _two(desk, ask, roles)
    if (pause := desk.record.pause) is not None:  # no runner would begin it, and whoever asked would wait for it
        facts, who = {"by": pause.by, "reason": pause.reason}, desk.holders(desk.policy.permissions["pause"])
        stops.append(Blocker("paused", facts, who, pause.since.isoformat()))
    if kept is not None and kept.stops(ask.actor, desk.now):
        who = tuple(dict.fromkeys((kept.by, *desk.holders(desk.policy.permissions["unlock"]))))
        stops.append(Blocker("kept", kept_facts(kept, ask.environment), who, kept.since.isoformat()))
    if stops:
        raise Refused(stops, asked="deploy")


def _two(desk: Desk, ask: ByHand, roles: tuple[str, ...]) -> list[Blocker]:
    """Who agrees to a restore is somebody else, who could do it too, and the reason is said."""
    others = tuple(p for p in desk.holders((*roles, *desk.policy.override.roles)) if p != ask.actor)
    found = list(reason_lacks(ask.reason, ask.actor))
    if ask.second not in others:
        found.append(Blocker("restore_pair", {}, others))
    return found


def _broken_glass(desk: Desk, ask: ByHand, roles: tuple[str, ...]) -> list[Blocker]:
    two = desk.holders(desk.policy.override.roles)
    lacks = list(reason_lacks(ask.reason, ask.actor)) if ask.second else []
    if ask.second and ask.second != ask.actor and {ask.actor, ask.second} <= set(two):
        return lacks
    facts = {"environment": ask.environment, "event": "deploy", "roles": list(roles)}
    return [Blocker("access", facts, desk.holders(roles)), *lacks]
