"""Where each request goes: the word that was typed, the button that was pressed, the form that was sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers import commands, home, mention, pressed, rehearsing, submitted
from handlers.middleware import answered
from handlers.request import Answer, Request

if TYPE_CHECKING:
    from core.usecases.context import Context


async def dispatch(request: Request, ctx: Context) -> Answer:
    """The answer to any request of a person. Never raises: what goes wrong becomes a kind message."""
    return await answered(request, ctx, _placed)


async def _placed(request: Request, ctx: Context) -> Answer:
    """In a channel of a rehearsal, or about its release, everything is done there and says so."""
    at_once = await rehearsing.glanced(request, ctx)
    if at_once is not None:
        return at_once
    there = await rehearsing.meant(request, ctx)
    if there is ctx:
        return await route(request, ctx)
    going_on = rehearsing.unless_over(route)
    return rehearsing.told(await answered(replace(request, now=there.clock.now()), there, going_on))


async def route(request: Request, ctx: Context) -> Answer:
    """The handler of a request, without the kindness of `middleware`."""
    if request.kind == "command":
        return await commands.typed(request, ctx)
    if request.kind == "action":
        return await pressed.pressed(request, ctx)
    if request.kind == "submit":
        return await submitted.submitted(request, ctx)
    if request.kind == "shortcut":
        return await pressed.shortcut(request, ctx)
    if request.kind == "mention":
        return await mention.mentioned(request, ctx)
    if request.kind == "home":
        return await home.opened(request, ctx)
    return Answer()
