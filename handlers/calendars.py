"""Trains: skip a departure, add one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.usecases import trains
from core.usecases.advance import Ask
from handlers.forms.opening import opened
from handlers.ground import ground
from handlers.moves import way
from handlers.parsing import Typed
from handlers.request import Answer, Form, Message, Request
from handlers.spelled import in_words
from handlers.views import blocks as b
from handlers.views.marks import DONE
from handlers.views.writing import long_token, spoken

if TYPE_CHECKING:
    from core.usecases.context import Context


async def typed(request: Request, ctx: Context, found: Typed) -> Answer:
    """`skip 30 dec holidays`, `extra 18 dec 14:00`."""
    assert found.word is not None
    event = found.word.word
    given = {"reason": found.reason}
    enough = bool(found.reason)
    if found.when:
        policy = await ctx.policy()
        train = next(iter(policy.trains.values()))
        given["at"] = found.when.instant(policy.zone, train.at).isoformat()
    if event == "extra":
        enough = bool(found.when)
    if event == "skip":
        enough = bool(found.when and found.reason)
    if enough:
        return Answer(private=await fire(request, ctx, event, given))
    if found.when:
        given |= {"at": given["at"] if event == "skip" else found.when.day.isoformat()}
    return await form(request, ctx, event, given)


async def form(request: Request, ctx: Context, event: str, given: Mapping[str, str] | None = None) -> Answer:
    """The form of a word about trains."""
    found = await opened(request, ctx, event, await ground(ctx), given=given)
    return Answer(form=found) if isinstance(found, Form) else Answer(private=found)


async def fire(request: Request, ctx: Context, event: str, given: Mapping[str, Any]) -> Message:
    """Do it, or raise Refused with every reason."""
    answers = {k: v for k, v in (await in_words(ctx, given)).items() if v}
    ask = Ask(request.actor, event, input=answers, key=request.key or None, via=way(request))
    known = await ground(ctx)
    result = await (trains.skip if event == "skip" else trains.extra)(ctx, ask)
    at = long_token(known, result["at"])
    line = (
        f"{DONE} The train of {at} does not run. The team is told."
        if event == "skip"
        else f"{DONE} A train leaves {at}. The team is told."
    )
    return b.message(
        spoken(line, known), b.section(line), b.actions(b.button("Calendar", "calendar"), block_id="onward")
    )
