"""Packages of evidence as files: from the store to the bytes that a person or a terminal is given."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from bot.drawing import NotWanted
from bot.hidden import hidden_values
from core.domain.notes.model import Gap
from core.domain.package.package import Secrets, package
from core.domain.package.page import Readers, Wording
from core.domain.package.period import of_period as whole_period
from core.domain.risk import Point
from core.errors import NotFound
from core.usecases import packages
from core.usecases.context import Context
from core.usecases.populations import population
from handlers.views.audit_words import done
from handlers.views.notes_words import gap_text
from handlers.views.risk_words import worth_knowing
from handlers.views.writing import spoken


def wording(facts: Mapping[str, Any]) -> Wording:
    """The words of Slack, as plain text."""

    def risks(points: Sequence[Mapping[str, Any]]) -> list[str]:
        told = worth_knowing([Point(str(p["code"]), dict(p["data"])) for p in points], facts)
        return [spoken(line, facts).removeprefix("• ") for line in told.splitlines()]

    def gap(told: Mapping[str, Any]) -> str:
        about = {name: value for name, value in told.items() if name not in ("code", "item", "blocking")}
        return spoken(gap_text(Gap(str(told["code"]), str(told.get("item") or ""), about), facts), facts)

    return Wording(done, risks, gap)


async def secrets(ctx: Context, known: Sequence[str] = ()) -> Secrets:
    """What no export shows: secrets of this process's environment, those given, and the policy's internal hosts."""
    policy = await ctx.policy()
    return Secrets(hidden_values(os.environ, (), known), policy.notes.internal_hosts)


async def of_release(ctx: Context, release_id: int, known: Sequence[str] = ()) -> bytes:
    """The package of one release. Raises NotFound."""
    found = await packages.sources(ctx, release_id)
    # beside the loop: whoever presses something meanwhile is answered
    return await asyncio.to_thread(package, found, await secrets(ctx, known), wording(found.facts))


async def of_period(ctx: Context, said: str, known: Sequence[str] = ()) -> bytes:
    """All changes of the period that somebody means. Raises NotFound for one that is none."""
    found, period, policy = await population(ctx, said)
    titles = {str(role): policy.title(role) for role in policy.roles}
    readers = Readers(policy.names, titles)
    return await asyncio.to_thread(whole_period, found, period, await secrets(ctx, known), readers)


async def make(ctx: Context, args: Mapping[str, Any], known: Sequence[str] = ()) -> bytes:
    """For an outbox row: {"release": id} or {"period": words}. `known` are the bot's own secrets."""
    try:
        if "period" in args:
            return await of_period(ctx, str(args["period"]), known)
        return await of_release(ctx, int(args["release"]), known)
    except NotFound:
        raise NotWanted("there is nothing to send any more") from None
