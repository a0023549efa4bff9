"""Follow a release or all of them: its milestones come by message, in the words for stakeholders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.usecases import people
from core.usecases.advance import Ask
from handlers.choosing import named
from handlers.ground import ground
from handlers.moves import way
from handlers.parsing import Typed
from handlers.request import Answer, Message, Request
from handlers.views import following as views

if TYPE_CHECKING:
    from core.usecases.context import Context


async def typed(request: Request, ctx: Context, found: Typed) -> Answer:
    """`follow`, `follow 1.3.0`, `unfollow 1.3.0`, `unfollow` for everything."""
    assert found.word is not None
    facts: Mapping[str, Any] = await named(ctx, found.version) if found.version else {}
    return Answer(private=await fire(request, ctx, found.word.event, facts))


async def fire(request: Request, ctx: Context, event: str, facts: Mapping[str, Any]) -> Message:
    """Do it; `facts` of the release, none for all of them. Raises Refused when the release has ended."""
    given = {"version": str(facts.get("version") or "")}
    ask = Ask(request.actor, event, input=given, key=request.key or None, via=way(request))
    return views.done(await people.follow(ctx, ask), await ground(ctx))
