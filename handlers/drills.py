"""The word `drill`: the first person's form, the second person's form, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.usecases.advance import Ask
from core.usecases.drills import drill
from handlers.forms.opening import opened
from handlers.ground import ground
from handlers.ids import Target
from handlers.moves import way
from handlers.parsing import Typed
from handlers.request import Answer, Form, Message, Request
from handlers.spelled import in_words
from handlers.views.drills import done

if TYPE_CHECKING:
    from core.usecases.context import Context

FORMS = ("drill", "drill_second", "drill_review")
REVIEW = "review"  # what the button of a reviewer is about


async def typed(request: Request, ctx: Context, found: Typed) -> Answer:
    """`drill the new tech lead has never done it`: the form with these words in it."""
    return await _form(request, ctx, "drill", "", found.reason)


async def pressed(request: Request, ctx: Context, target: Target) -> Answer:
    """The button of the word, or the one that confirms or reviews a drill by its number."""
    name = "drill" if not target.item.isdecimal() else "drill_review" if target.subject == REVIEW else "drill_second"
    return await _form(request, ctx, name, target.item)


async def _form(request: Request, ctx: Context, name: str, item: str, reason: str = "") -> Answer:
    found = await opened(request, ctx, name, await ground(ctx), item=item, given={"reason": reason})
    return Answer(form=found) if isinstance(found, Form) else Answer(private=found)


async def fire(request: Request, ctx: Context, given: Mapping[str, Any], number: str) -> Message:
    """Do it, or raise Refused with every reason."""
    words = {k: v for k, v in (await in_words(ctx, given)).items() if v}
    if number.isdecimal():
        words["drill"] = number
    ask = Ask(request.actor, "drill", input=words, key=request.key or None, via=way(request))
    return done(await drill(ctx, ask), await ground(ctx))
