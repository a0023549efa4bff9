"""What the host of the code and the tracker say about a range; neither holds anything up when it does not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.forge import Pull
from core.domain.notes.draft import numbers
from core.domain.notes.model import Issue
from core.domain.repository import Commit
from core.errors import IntegrationError
from core.usecases.context import Context

Heard = dict[str, str]  # "host", "tracker" -> why it does not answer, "" when it does; who was not asked is left out


async def planned(ctx: Context, keys: Sequence[str]) -> tuple[Mapping[str, Issue], Heard]:
    """What the tracker says about these issue keys; nothing without one, or while it does not answer."""
    if ctx.tracker is None or not keys:
        return {}, {}
    try:
        return await ctx.tracker.issues(list(dict.fromkeys(keys))), {"tracker": ""}
    except IntegrationError as error:
        return {}, {"tracker": why_silent(error)}


async def merged(ctx: Context, commits: Sequence[Commit], milestone: str) -> tuple[Mapping[int, Pull], Heard]:
    """The pull requests that the commits name, or that were merged for the milestone with this title."""
    named = numbers(commits)
    if ctx.forge is None or not (named or milestone):
        return {}, {}
    try:
        for_it = [i.number for i in await ctx.forge.issues(milestone) if i.merged] if milestone else []
        return await ctx.forge.pulls(sorted({*named, *for_it})), {"host": ""}
    except IntegrationError as error:
        return {}, {"host": why_silent(error)}


def why_silent(error: IntegrationError) -> str:
    """Why another system told nothing: one of `core.domain.forge.Reason`."""
    return str(error.facts.get("reason") or "down")
