"""The word `rehearse`, and which of all requests belong to a rehearsal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.domain.lifecycle import FOLLOW_WORDS, PEOPLE_WORDS
from core.domain.rehearsals import channel_of
from core.usecases.advance import Ask
from core.usecases.rehearsing import begin, end, jump, of_channel, of_release, soonest_here
from core.usecases.thread import release_of
from handlers import ids
from handlers.ground import ground
from handlers.ids import Target
from handlers.middleware import Route
from handlers.moves import way
from handlers.parsing import Typed
from handlers.patience import patient
from handlers.request import Answer, Message, Request
from handlers.views import done, rehearsal
from handlers.views.card_stored import stored_card

if TYPE_CHECKING:
    from core.usecases.context import Context

# What is about a person or the policy is real wherever it is said.
REAL = frozenset({*PEOPLE_WORDS, *FOLLOW_WORDS, "mute", "policy", "policy_sign", "shortcut:settings"})


async def meant(request: Request, ctx: Context) -> Context:
    """The context in which a request is done: by the release that it names, else by its channel."""
    target, channel = _named(request)
    if target:
        return await of_release(ctx, target)
    if _is_real(request):
        return ctx
    if request.kind in ("mention", "shortcut"):
        found = await release_of(ctx, request.channel, request.thread_ts or request.message_ts)
        if found:
            return await of_release(ctx, found)
    return await of_channel(ctx, channel or request.channel)


async def glanced(request: Request, ctx: Context) -> Answer | None:
    """The answer to `/release status`, which is typed most and waited for: one read tells the card, and that no
    rehearsal is meant. None for everything that has to be looked at more closely."""
    if request.kind != "command" or request.text.strip().casefold() not in ("status", "show"):
        return None
    text = await soonest_here(ctx, request.channel)
    return Answer(private=stored_card(text, request.now)) if text else None


def _named(request: Request) -> tuple[int, str]:
    """The release that a button or form carries, 0 for none, and the channel that a form came from."""
    if request.kind == "action" and not request.view_id:
        verb = ids.verb_of(request.action_id)
        target = ids.read_option(request.value)[1] if verb == "more" else ids.read(request.value)
        return target.release or 0, ""
    if request.private_metadata:
        target, channel, _ = ids.read_metadata(request.private_metadata)
        return target.release or 0, channel
    return 0, ""


def _is_real(request: Request) -> bool:
    if request.from_home or request.kind == "home":
        return True
    first, _, rest = request.text.strip().casefold().partition(" ")
    if first == "policy" and rest.startswith("adopt"):
        return False
    return bool(REAL & {first, ids.verb_of(request.action_id), request.callback_id})


def unless_over(route: Route) -> Route:
    """A route that answers about a rehearsal only while it goes on."""

    async def going_on(request: Request, ctx: Context) -> Answer:
        return Answer(private=rehearsal.over()) if ctx.over else await route(request, ctx)

    return going_on


def told(answer: Answer) -> Answer:
    """The answer with the mark of a rehearsal."""
    private, thread = (m and rehearsal.rehearsed(m) for m in (answer.private, answer.in_thread))
    later = _later(answer.later) if answer.later is not None else None
    return replace(answer, private=private, in_thread=thread, later=later)


async def _later(answer: object) -> Answer:
    return told(await answer)  # type: ignore[misc]


async def typed(request: Request, ctx: Context, found: Typed) -> Answer:
    """`rehearse minor`, `rehearse hotfix payments fail`, `rehearse next`, `rehearse end`; alone it says what it is."""
    if found.kind:
        return await _begun(request, ctx, found)
    return Answer(private=await _steered(request, ctx, found.reason.casefold()))


async def pressed(request: Request, ctx: Context, target: Target) -> Answer:
    """The buttons of its messages."""
    return Answer(private=await _steered(request, ctx, target.item))


async def _begun(request: Request, ctx: Context, found: Typed) -> Answer:
    given = {"kind": found.kind, "reason": found.reason}
    ask = Ask(request.actor, "start", input=given, key=request.key or None, via=way(request))

    async def begins(request: Request, ctx: Context) -> Answer:
        result = await begin(ctx, ask, request.channel)
        return Answer(private=rehearsal.begun(done.started(result.facts, result.notes.get("reasons") or ())))

    return await patient(request, ctx, begins, rehearsal.copying())  # a large repository takes a while


async def _steered(request: Request, ctx: Context, word: str) -> Message:
    there = await of_channel(ctx, request.channel) if not _inside(ctx) else ctx
    if not _inside(there) or word not in ("next", "end"):
        return rehearsal.explained(_inside(there))
    if word == "end":
        await end(there, Ask(request.actor, "rehearse"))
        return rehearsal.ended()
    return rehearsal.jumped(await jump(there, request.channel), await ground(there))


def _inside(ctx: Context) -> bool:
    return bool(channel_of(ctx.product))
