"""A changed policy becomes active when each role that the old one names has signed it, by different people.

The file with a higher serial is stored as proposed when a process starts; releases in flight stay pinned to theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.authorise import permission
from core.domain.effects import CLICK
from core.domain.engine import decide
from core.domain.moves.adopting import adoption, told_of
from core.domain.policy import Approval, Policy, parse_policy
from core.domain.policy_faults import can_be_signed
from core.domain.policy_rules import differing
from core.domain.situation import Act, Situation
from core.errors import Blocker, NotFound, Refused
from core.store import audit, policies
from core.store.columns import iso
from core.store.engines import Conn
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, Done, chains_of, done
from core.usecases.context import Context, holders
from core.usecases.scene import Scene

CHAIN = "policy"
SIGNED, ACTIVATED = "policy.signed", "policy.activated"


async def standing(ctx: Context) -> dict[str, Any]:
    """The active policy, and the proposed one with every rule in which it differs.

    {"serial", "hash", "at", "proposed": None or {"serial", "hash", "rules", "signed", "missing", "may"}}; `may` are
    the people whose signature would still count, by the roles that the active policy names.
    """
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        active = await policies.load(conn, policy.hash)
        waiting = await policies.proposed(conn)
        members, _ = await holders(conn, policy)
        signed = await audit.actors(conn, CHAIN, SIGNED, waiting.hash) if waiting else ()
    at = iso(active.activated_at) if active.activated_at else ""
    told: dict[str, Any] = {"serial": policy.serial, "hash": policy.hash, "at": at}
    if waiting is None:
        return told | {"proposed": None}
    rules = differing(policy, parse_policy(waiting.body))
    missing = _missing(policy, members, signed)
    may = dict.fromkeys(p for role in missing for p in members.get(role, ()) if p not in signed)
    return told | {
        "proposed": {
            "serial": waiting.serial,
            "hash": waiting.hash,
            "rules": [{"rule": c.rule, "before": c.before, "after": c.after} for c in rules],
            "signed": list(signed),
            "missing": missing,
            "may": list(may),
        }
    }


async def ask_to_sign(unit: Unit, active: Policy, changed: Policy) -> None:
    """A message to everybody whose signature counts for a changed policy; the unit holds the policy's chain."""
    members, _ = await holders(unit.conn, active)
    rules = [{"rule": c.rule, "before": c.before, "after": c.after} for c in differing(active, changed)]
    said = {"actor": "", "reason": "", "names": active.names, "zone": active.zone, "serial": changed.serial,
            "hash": changed.hash, "rules": rules}  # fmt: skip
    for person in dict.fromkeys(p for role in active.permissions["policy"] for p in members.get(role, ())):
        body = {"release": 0, "place": f"dm:{person}", "moment": "policy_proposed", "data": said}
        await unit.outbox(f"dm:{person}", "slack.post", body, cause=CHAIN, rank=CLICK)


async def preview(ctx: Context, release_id: int) -> dict[str, Any]:
    """What moving a release to the active policy would change, as plain values; {} when it is judged by it already."""
    async with ctx.store.database.reader.connect() as conn:
        s = await _with_active(ctx, conn, (await Scene.load(ctx, Unit(conn, ""), release_id)).s)
    return told_of(s, adoption(s)) if s.adopted and s.adopted[0].hash != s.policy.hash else {}


async def adopt(ctx: Context, ask: Ask) -> Done:
    """Move a release to the active policy. Raises what `advance.perform` raises."""
    assert ask.release is not None
    number = ask.release

    async def work(unit: Unit) -> dict[str, Any]:
        scene = await Scene.load(ctx, unit, number)
        scene.s = await _with_active(ctx, unit.conn, scene.s)
        decided = decide(scene.s, Act(ask.actor, ask.event, ask.input, ask.subject), ask.via)
        await scene.write(decided)
        await scene.save()
        return {"event": decided.event, "fired": list(decided.fired), "notes": decided.notes}

    answer = await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=chains_of(ctx, number))
    return await done(ctx, number, answer)


async def _with_active(ctx: Context, conn: Conn, s: Situation) -> Situation:
    active = await ctx.active_policy(conn)
    return replace(s, adopted=(active, (await holders(conn, active))[0]))


async def sign(ctx: Context, actor: str, shown: str = "") -> dict[str, Any]:
    """Sign the proposed policy; it is active with the last signature. `shown` is the hash that a button was about.

    Returns {"hash", "serial", "active", "signed", "missing"} (missing: role names). Raises NotFound when nothing is
    proposed, Refused when the person holds none of the roles or has signed already.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        proposed = await policies.proposed(unit.conn)
        if proposed is None:
            raise NotFound("no changed policy waits for signatures")
        if shown not in ("", proposed.hash):
            raise Refused([Blocker("policy.other", {"serial": proposed.serial})], asked="policy")
        policy = await ctx.active_policy(unit.conn)
        members, _ = await holders(unit.conn, policy)  # the rules are changed by nobody in whose place somebody stands
        roles = policy.permissions["policy"]
        signed = await audit.actors(unit.conn, CHAIN, SIGNED, proposed.hash)
        _may_sign(policy, members, actor, signed)
        now = ctx.clock.now()
        await unit.audit(CHAIN, actor, SIGNED, proposed.hash, {"serial": proposed.serial, "by": policy.hash}, now)
        signed = (*signed, actor)
        missing = _missing(policy, members, signed)
        if not missing:
            await policies.activate(unit, proposed.hash, actor, now)
            await unit.audit(CHAIN, actor, ACTIVATED, proposed.hash, {"serial": proposed.serial}, now)
        return {"hash": proposed.hash, "serial": proposed.serial, "active": not missing, "signed": list(signed),
                "missing": missing, "roles": list(roles)}  # fmt: skip

    answer: Mapping[str, Any] = await ctx.store.unit(work, verb="policy.sign", chains=(CHAIN,))
    return dict(answer)


def _may_sign(
    policy: Policy, members: Mapping[str, tuple[str, ...]], actor: str, signed: tuple[str, ...]
) -> None:
    stranger = permission(policy, members, "policy", actor, "policy")
    if stranger:
        raise Refused([stranger], asked="policy")
    if actor in signed:
        holders = tuple(dict.fromkeys(p for r in policy.permissions["policy"] for p in members.get(r, ())))
        others = tuple(p for p in holders if p not in signed)
        raise Refused([Blocker("signed_already", {"by": actor}, others)], asked="policy")


def _missing(policy: Policy, members: Mapping[str, tuple[str, ...]], signed: tuple[str, ...]) -> list[str]:
    """The roles that no signer of their own fills yet; one person fills one role."""
    roles = policy.permissions["policy"]
    held = {role: tuple(p for p in members.get(role, ()) if p in signed) for role in roles}
    filled: list[str] = []
    for role in roles:
        if can_be_signed(policy, [Approval(role=r) for r in (*filled, role)], members=dict(held)):  # type: ignore[arg-type]
            filled.append(role)
    return [role for role in roles if role not in filled]
