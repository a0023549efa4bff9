"""Reads what the plan of a release is made of: its policy, what is remembered of earlier runs, and flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.flags.model import Setting
from core.domain.plans.plan import Plan, plan_of
from core.domain.policy import Policy
from core.store import flags, products, runs
from core.usecases.context import Context

MOST_SEEN = 9


@dataclass(frozen=True, slots=True)
class Planned:
    """`flags` are those that the policy's checks name, with their setting in production, None for one that is unknown
    here."""

    plan: Plan
    policy: Policy
    flags: tuple[tuple[str, Setting | None], ...]


async def planned(ctx: Context, facts: Mapping[str, Any], environment: str = "production") -> Planned:
    """The plan of a release as it is now."""
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.pinned_policy(conn, str(facts["policy"]))
        history = (await products.load(conn, ctx.product)).durations
        went = await runs.durations(conn, ctx.product, environment, "roll back", MOST_SEEN)
        named = dict.fromkeys(c.flag for c in policy.deployment.smoke if c.flag)
        found = [(name, await flags.find(conn, name, environment)) for name in named]
    seen = tuple((name, stored.setting if stored else None) for name, stored in found)
    return Planned(plan_of(policy, environment, history, went, facts), policy, seen)
