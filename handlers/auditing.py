"""`/release audit`: who did what, the package of it, all changes of a period, and what is kept for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.package.population import changes, commits, gaps
from core.domain.versions import Version
from core.errors import NotFound
from core.usecases import look, retention, trail
from core.usecases.advance import Ask
from core.usecases.packages import of_version
from core.usecases.packaging import send_package
from core.usecases.populations import population
from handlers import ids
from handlers.ground import ground, holds
from handlers.parsing import Typed
from handlers.request import Answer, Message, Request
from handlers.views import audit as views
from handlers.views import inputs, keeping
from handlers.views.writing import Facts

if TYPE_CHECKING:
    from core.usecases.context import Context

VERBS = ("package", "entries", "retention")
HOLDS = {"hold": retention.hold, "lift": retention.lift}


async def typed(request: Request, ctx: Context, found: Typed, facts: Facts | None) -> Answer | None:
    """What is no look at one release; None where it is one."""
    first, _, rest = found.reason.partition(" ")
    if first.casefold() in HOLDS:
        return Answer(private=await _held(request, ctx, first.casefold(), found.version or "", rest, facts))
    if first.casefold() == "retention":
        return Answer(private=await _kept(ctx))
    if found.reason and not found.version and not found.versions:
        return Answer(private=await _period(request, ctx, found.reason))
    return None


async def _held(request: Request, ctx: Context, word: str, version: str, reason: str, facts: Facts | None) -> Message:
    first, _, rest = reason.strip().partition(" ")
    if not version and Version.maybe(first.removeprefix("v")) is not None:
        version, reason = first, rest
    release = await of_version(ctx, version) if version else int((facts or {}).get("id") or 0)
    if not release:
        return keeping.which(word)
    ask = Ask(request.actor, word, release=release, input={"reason": reason.strip()}, key=request.key or None)
    done = await HOLDS[word](ctx, ask)
    return keeping.held(done["version"]) if word == "hold" else keeping.lifted(done["version"])


async def _kept(ctx: Context) -> Message:
    month, held = await retention.upcoming(ctx)
    rules = (await ctx.policy()).retention
    return keeping.listing(month, held, await ground(ctx), (rules.packages_months, rules.logs_months))


async def _period(request: Request, ctx: Context, said: str) -> Message:
    try:
        found, period, _ = await population(ctx, said)
    except NotFound as odd:
        return keeping.no_period(str(odd))
    known = await ground(ctx)
    may = holds(known, request.actor, "package")
    told = {"changes": len(changes(found, period)), "commits": len(commits(found, period))}
    return keeping.period(period.words, period.name, told, gaps(found, period), known, may=may)


async def shown(request: Request, ctx: Context, facts: Facts, typed: Typed) -> Message:
    """One release: who approved it, who sent it out, and whether its record is whole."""
    record = await trail.record_of(ctx, facts["id"])
    return views.audit(facts, record, may=holds(await ground(ctx), request.actor, "package"))


async def pressed(request: Request, ctx: Context, verb: str, target: ids.Target) -> Answer:
    if verb == "retention":
        return Answer(private=await _kept(ctx))
    if verb == "package":
        given = {"period": target.item} if target.item else {}
        ask = Ask(request.actor, "package", release=target.release, input=given, key=request.key or None, via="button")
        return Answer(private=keeping.sent((await send_package(ctx, ask))["about"]))
    facts = await look.by_id(ctx, target.release or 0)
    rows = await trail.all_entries(ctx, facts["id"])
    return Answer(form=inputs.told(f"Record of {facts['tag']}", views.entries(facts, rows)))
