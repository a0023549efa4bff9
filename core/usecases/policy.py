"""A changed policy becomes active when each role that the old one names has signed it, by different people.

The file with a higher serial is stored as proposed when a process starts; releases in flight stay pinned to theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.authorise import permission
from core.domain.policy import Approval, Policy
from core.domain.policy_faults import can_be_signed
from core.errors import Blocker, NotFound, Refused
from core.store import audit, policies
from core.store.unit_of_work import Unit
from core.usecases.context import Context, holders

CHAIN = "policy"
SIGNED, ACTIVATED = "policy.signed", "policy.activated"


async def sign(ctx: Context, actor: str) -> dict[str, Any]:
    """Sign the proposed policy; it is active with the last signature.

    Returns {"hash", "serial", "active", "signed", "missing"} (missing: role names). Raises NotFound when nothing is
    proposed, Refused when the person holds none of the roles or has signed already.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        proposed = await policies.proposed(unit.conn)
        if proposed is None:
            raise NotFound("no changed policy waits for signatures")
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
