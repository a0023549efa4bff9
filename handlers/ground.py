"""The facts that are about no release: names, roles, zone, freezes, as views need them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.domain.freezes import row_of
from core.usecases import look

if TYPE_CHECKING:
    from core.usecases.context import Context


async def ground(ctx: Context) -> dict[str, Any]:
    """Facts without a release, by the active policy and the groups as they are now."""
    policy = await ctx.policy()
    return {
        "names": policy.names,
        "roles": {name: role.title for name, role in policy.roles.items()},
        "members": {role: list(people) for role, people in (await look.members(ctx)).items()},
        "may": {act: list(roles) for act, roles in policy.permissions.items()},
        "approving": list(dict.fromkeys(a.role for t in policy.types.values() for a in t.approvals)),
        "zone": policy.zone,
        "product": {"key": policy.product.key, "name": policy.product.name},
        "links": asdict(policy.all_links),
        "freezes": [row_of(f, policy.zone) for f in policy.freezes],
    }


def holds(facts: dict[str, Any], person: str, act: str) -> bool:
    """Whether the person may do this act of the policy."""
    return any(person in facts["members"].get(role, ()) for role in facts["may"].get(act, ()))
