"""Fire an event of the lifecycle for a person, and say what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.usecases.advance import Ask, Done, perform
from core.usecases.fix import fix_forward
from core.usecases.flag_off import flag_off
from core.usecases.policy import adopt
from handlers.request import Message, Request
from handlers.spelled import in_words
from handlers.views import done as words

if TYPE_CHECKING:
    from core.usecases.context import Context

VIA = {"command": "command", "action": "button", "submit": "form", "mention": "mention", "shortcut": "form"}
_NUMBERED = ("concern", "incident", "report")
_EMPTIED = ("words", "classify", "retro_say")  # what is not said stays as it is, what is said as nothing is taken away


def way(request: Request) -> str:
    """How it was asked, for the record; the command line's requests carry a key of their own."""
    return "cli" if request.key.startswith("cli:") else VIA.get(request.kind, "command")


async def fire(
    request: Request,
    ctx: Context,
    event: str,
    release: int,
    *,
    subject: str | None = None,
    given: Mapping[str, object] | None = None,
) -> Message:
    """Do it, or raise what the use case raises; the message tells what was done and what follows."""
    result = await asked(request, ctx, event, release, subject=subject, given=given)
    return words.done(result.event or event, result.facts, result.notes, given or {}, result.fired)


async def asked(
    request: Request,
    ctx: Context,
    event: str,
    release: int,
    *,
    subject: str | None = None,
    given: Mapping[str, object] | None = None,
) -> Done:
    """The use case's own answer."""
    ask = Ask(
        actor=request.actor,
        event=event,
        release=release,
        subject=subject or None,
        input=_input(await in_words(ctx, given or {}), emptied=event in _EMPTIED),
        key=request.key or None,
        via=way(request),
    )
    if event == "fix_forward":
        return await fix_forward(ctx, ask)
    if event == "flag_off":
        return await flag_off(ctx, ask)
    if event == "adopt_policy":
        return await adopt(ctx, ask)
    return await perform(ctx, ask)


def _input(given: Mapping[str, Any], *, emptied: bool) -> dict[str, object]:
    """Empty values are left out, unless somebody emptied a text; numbers of concerns and incidents are numbers."""
    kept = {k: v for k, v in given.items() if v is not None and (v != "" or emptied)}
    for name in _NUMBERED:
        if name in kept:
            kept[name] = int(kept[name]) if str(kept[name]).isdecimal() else 0
    return kept
