"""What somebody presses under a reminder: later, not mine, or that it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from core.usecases import reminders
from core.usecases.advance import Ask
from handlers import ids
from handlers.ground import ground
from handlers.moves import way
from handlers.request import Answer, Form, Message, Request
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views import reminders as views
from handlers.views.refusals import at_fields

if TYPE_CHECKING:
    from core.usecases.context import Context

BUTTONS = ("snooze", "not_mine", "answered")
FORM = "snooze"


async def pressed(request: Request, ctx: Context, verb: str, target: ids.Target) -> Answer:
    """Later asks for a day where none is named; the others are done at once."""
    known = await ground(ctx)
    if verb == "answered":
        ask = Ask(request.actor, verb, release=target.release, input={"token": target.item}, key=request.key or None,
                  via=way(request))  # fmt: skip
        done = await reminders.answer(ctx, ask) if target.release else {"kind": ""}
        return Answer(private=views.noted(done["kind"], known), home=True)
    if verb == "not_mine":
        ask = Ask(request.actor, verb, input={"token": target.item}, key=request.key or None, via=way(request))
        passed = await reminders.not_mine(ctx, ask)
        return Answer(private=views.handed_on(passed["to"], passed["asked"], known))
    if not target.subject:
        return Answer(form=_form(target.item, request.channel))
    return Answer(private=await _put_off(request, ctx, target.item, target.subject))


async def submitted(request: Request, ctx: Context) -> Answer:
    """The day that somebody chose."""
    target, _, _ = ids.read_metadata(request.private_metadata)
    try:
        message = await _put_off(request, ctx, target.item, str(request.values.get("until") or ""))
    except Refused as refused:
        if any(x.code.startswith("reminder.") for x in refused.blockers):
            raise
        return Answer(errors=at_fields([("until", x) for x in refused.blockers], await ground(ctx)))
    return Answer(form=inputs.told("Remind me later", message.blocks))


async def _put_off(request: Request, ctx: Context, token: str, until: str) -> Message:
    given = {"token": token, "until": until}
    ask = Ask(request.actor, "snooze", input=given, key=request.key or None, via=way(request))
    return views.put_off((await reminders.snooze(ctx, ask))["until"], await ground(ctx))


def _form(token: str, channel: str) -> Form:
    return inputs.form(
        "Remind me later",
        FORM,
        ids.metadata(ids.Target(None, token), channel),
        [inputs.day("until", "On which day?"), b.context("In your working hours, as long as it still matters.")],
        submit="Remind me then",
    )
