"""The words that only show something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from core.domain.forge import LONGEST_NOTES
from core.domain.notes.embargo import Embargo
from core.usecases import look
from core.usecases.diff import diff as difference
from core.usecases.drills import last_proven
from core.usecases.environments import all_environments
from core.usecases.flag_board import board
from core.usecases.notes import drafted, hidden
from core.usecases.pausing import paused
from core.usecases.plan import planned
from core.usecases.policy import standing
from core.usecases.printing import of_release
from core.usecases.trains import next_trains
from core.usecases.where import where
from handlers import auditing, metrics
from handlers.choosing import to_show
from handlers.ground import ground, holds
from handlers.parsing import Typed
from handlers.request import Form, Message, Request
from handlers.views import (
    answers,
    checklist,
    content,
    environments,
    evidence,
    flags,
    inputs,
    lists,
    notes,
    places,
    plan,
    policy,
    waiting,
)
from handlers.views import diff as diffs
from handlers.views import where as places_of
from handlers.views.card import card
from handlers.views.drills import proven_line
from handlers.views.embargo import may_see, revealed
from handlers.views.scope import scope
from handlers.views.why import nothing_in_flight, why
from handlers.words import BY_WORD, nearest

if TYPE_CHECKING:
    from core.usecases.context import Context

Facts = dict[str, Any]
Show = Callable[[Request, "Context", Facts, Typed], Awaitable[Message]]


async def shown(request: Request, ctx: Context, typed: Typed, facts: Facts | None = None) -> Message:
    """The view of a word; `facts` when the release is known already (a button, a thread)."""
    word = typed.word.show if typed.word else ""
    if word in WITHOUT:
        return await WITHOUT[word](request, ctx, facts or {}, typed)
    if word == "diff" and len(typed.versions) > 1:
        return await _between(request, ctx, facts or {}, typed)
    found = facts or await to_show(ctx, typed)
    if found is None:
        return await idle(ctx)
    return await OF_A_RELEASE[word](request, ctx, found, typed)


async def overview(request: Request, ctx: Context) -> Message:
    """`/release` alone."""
    data = await look.home(ctx, request.actor)
    may = bool({"release_manager", "tech_lead", "devops"} & set(data["roles"]))
    return lists.overview(data, request.actor, may, request.now)


async def everything(request: Request, ctx: Context) -> Form:
    """All that waits for somebody, in a window: a message holds less."""
    found = waiting.rows(await look.home(ctx, request.actor), request.actor, request.now)
    return inputs.told("What waits for you", waiting.whole(found))


async def idle(ctx: Context) -> Message:
    """Nothing is in flight, and when the next free train leaves."""
    now = ctx.clock.now().isoformat()
    trains = [t for t in await next_trains(ctx, 6) if not t["skipped"] and not t["version"] and t["freeze_at"] > now]
    return nothing_in_flight(trains[0]["at"] if trains else None, await ground(ctx))


async def possible(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    """What can be done with a release now, each as a button."""
    return lists.choices(facts)


async def _status(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return card(facts, request.now)


async def _why(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return why(facts, request.actor, request.now)


async def _scope(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return scope(revealed(facts, _reader(request)))


async def notes_for(ctx: Context, facts: Facts, audience: str) -> Message:
    """`/release notes` for an audience: the texts of those outside, else the notes by heading or as published."""
    if audience in ("stakeholders", "support"):
        return content.notes(facts, audience)
    number = int(facts["id"])
    if audience == "github":
        written = await of_release(ctx, number)
        return notes.github(facts, written.markdown(LONGEST_NOTES)) if written else notes.being_read(facts)
    found = await drafted(ctx, number)
    return notes.everyone(facts, *found) if found else notes.being_read(facts)


async def _notes(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return await notes_for(ctx, facts, typed.item)


async def _diff(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return diffs.of_release(revealed(facts, _reader(request)))


async def _checklist(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return checklist.checklist(facts, request.actor)


async def _evidence(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return evidence.evidence(facts)


async def _plan(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return plan.plan(facts, await planned(ctx, facts), request.actor)


async def _roles(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return places.roles(facts, facts["tag"])


async def _list(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    words = typed.reason.casefold().split()
    page = next((int(w) for w in words if w.isdecimal() and len(w) < 4), 1)
    done = bool({"done", "ended", "closed"} & set(words))
    return lists.releases(await look.listing(ctx, done, max(page, 1) - 1), done, max(page, 1), request.now)


async def _environments(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    known = await ground(ctx)
    proven = proven_line(await last_proven(ctx), known)
    return environments.environments(await all_environments(ctx), known, await paused(ctx), proven)


async def _flags(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    return flags.flags(await board(ctx), await ground(ctx), _reader(request))


async def _policy(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    told, flight = await standing(ctx), await look.open_releases(ctx)
    return policy.policy(told, flight, await ground(ctx), _reader(request))


async def _calendar(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    known = await ground(ctx)
    return places.calendar(await next_trains(ctx, 6), known, holds(known, request.actor, "train"), request.now)


async def _between(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    """Two versions by name, whether they are releases or tags."""
    known = await ground(ctx)
    older, newer = typed.versions[:2]
    return diffs.between(await difference(ctx, older, newer, await _hidden(ctx, known, _reader(request))), known)


def _reader(request: Request) -> str:
    """Who alone reads the answer; "" for one that all people in a thread read."""
    return "" if request.kind == "mention" else request.actor


async def _hidden(ctx: Context, known: Facts, person: str) -> Embargo:
    """What this person may not read before its release."""
    return Embargo() if may_see(known, person) else await hidden(ctx)


async def _where(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    text = " ".join(filter(None, (typed.ref, typed.reason)))
    if not text:
        return places_of.what_to_ask()
    flight = {str(f["version"]): int(f["id"]) for f in await look.open_releases(ctx)}
    known = await ground(ctx)
    found = await where(ctx, text, await _hidden(ctx, known, _reader(request)))
    return places_of.where(found, known, flight)


async def _help(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    found = facts or await look.status(ctx, None)
    if not typed.item:
        return lists.all_words(found)
    word = BY_WORD.get(typed.item)
    if word is None:
        return answers.unknown_word(typed.item, f"help {guess}" if (guess := nearest(typed.item)) else "", "")
    return lists.one_word(word, found)


OF_A_RELEASE: dict[str, Show] = {
    "status": _status,
    "why": _why,
    "scope": _scope,
    "notes": _notes,
    "diff": _diff,
    "checklist": _checklist,
    "evidence": _evidence,
    "plan": _plan,
    "roles": _roles,
    "audit": auditing.shown,
}
WITHOUT: dict[str, Show] = {
    "policy": _policy,
    "list": _list,
    "where": _where,
    "environments": _environments,
    "flags": _flags,
    "calendar": _calendar,
    "help": _help,
    "metrics": metrics.shown,
    "page": metrics.page,
}
