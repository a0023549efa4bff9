"""Trains: skip a departure, move it, keep it, add one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.usecases import addresses, trains
from core.usecases.advance import Ask
from handlers import ids
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

_DO = {"skip": trains.skip, "shift": trains.shift, "extra": trains.extra, trains.KEPT: trains.keep}
ADDRESS = {"subscribe": addresses.send_address, "calendar_renew": addresses.renew_address}
BUTTONS = (trains.KEPT, *ADDRESS)
_SAID = {
    "skip": "The train of {at} does not run. The team is told.",
    "shift": "That train leaves {at} now. The team is told.",
    "extra": "A train leaves {at}. The team is told.",
    trains.KEPT: "The train of {at} stays as it is.",
}


async def typed(request: Request, ctx: Context, found: Typed) -> Answer:
    """`skip 30 dec holidays`, `shift 30 dec 6 jan holidays`, `extra 18 dec 14:00`."""
    assert found.word is not None
    event = found.word.word
    given = {"reason": found.reason}
    enough = bool(found.reason)
    if found.when:
        policy = await ctx.policy()
        name, _, rest = found.reason.partition(" ")
        if event == "extra" and name in policy.trains and len(policy.trains) > 1:
            given = {"reason": rest, "train": name}
        train = policy.trains[given.get("train") or next(iter(policy.trains))]
        given["at"] = found.when.instant(train.zone, train.at).isoformat()
    if event == "extra":
        enough = bool(found.when)
    if event == "skip":
        enough = bool(found.when and found.reason)
    if event == "shift":
        enough = bool(found.when and found.until and found.reason)
        if found.until and enough:
            given["to"] = found.until.instant(train.zone, train.at).isoformat()
        elif found.until:
            given["to"] = found.until.day.isoformat()
    if enough:
        return Answer(private=await fire(request, ctx, event, given))
    if found.when:
        given |= {"at": found.when.day.isoformat() if event == "extra" else given["at"]}
    return await form(request, ctx, event, given)


async def form(request: Request, ctx: Context, event: str, given: Mapping[str, str] | None = None) -> Answer:
    """The form of a word about trains."""
    found = await opened(request, ctx, event, await ground(ctx), given=given)
    return Answer(form=found) if isinstance(found, Form) else Answer(private=found)


async def fire(request: Request, ctx: Context, event: str, given: Mapping[str, Any]) -> Message:
    """Do it, or raise Refused with every reason."""
    answers = {k: v for k, v in (await in_words(ctx, given)).items() if v}
    at, _, train = str(answers.get("at") or "").partition(" ")  # of two that leave at once the choice names which
    answers |= {"at": at, "train": train} if train else {}
    ask = Ask(request.actor, event, input=answers, key=request.key or None, via=way(request))
    known = await ground(ctx)
    result = await _DO[event](ctx, ask)
    line = f"{DONE} {_SAID[event].format(at=long_token(known, result['at']))}"
    return b.message(
        spoken(line, known), b.section(line), b.actions(b.button("Calendar", "calendar"), block_id="onward")
    )


async def pressed(request: Request, ctx: Context, verb: str, target: ids.Target) -> Answer:
    """Keep and the address do it; the other buttons open their form, about the train that they stand at."""
    if verb in ADDRESS:
        return Answer(private=await _address(request, ctx, verb))
    if verb == trains.KEPT:
        return Answer(private=await fire(request, ctx, verb, {"train": target.item, "at": target.subject}))
    return await form(request, ctx, verb, {"at": target.subject} if target.subject else None)


async def _address(request: Request, ctx: Context, verb: str) -> Message:
    """The calendar's address comes by direct message, because the channel would read it here."""
    await ADDRESS[verb](ctx, Ask(request.actor, verb, key=request.key or None, via=way(request)), "feed")
    old = "The old address has ended. " if verb == "calendar_renew" else ""
    text = f"{old}I have sent you the address of the calendar in a direct message."
    return b.message(text, b.section(f"{DONE} {text}"))
