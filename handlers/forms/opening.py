"""Which form an event opens, with what its questions need to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.domain.release import ReleaseType
from core.usecases import look, retro
from core.usecases.plan import planned
from core.usecases.policy import preview
from core.usecases.run_seen import speaks
from core.usecases.start import propose
from core.usecases.trains import next_trains
from handlers import ids
from handlers.forms import checklist, going, roles, start, texts
from handlers.forms.recipe import build
from handlers.forms.recipes import RECIPES
from handlers.forms.recipes_retro import RETRO
from handlers.ground import ground
from handlers.request import Form, Message, Request
from handlers.views import blocks as b
from handlers.views import retro as views
from handlers.views.policy import nothing_to_adopt
from handlers.views.writing import Facts, instant, plain

if TYPE_CHECKING:
    from core.usecases.context import Context

_NEEDS_TRAINS = ("move", "edit", "skip", "shift", "extra", "resume")
_WAYS = ("rollback", "fix_forward", "flag_off")  # on from a failure, each with its facts as they are now
_NOTHING = {
    "settle": "No concern is open.",
    "carry": "No concern is open.",
    "triage": "Every report is triaged.",
    "result": "Nobody asks you for a result here: what machines report comes in by itself.",
    "accept": "Nothing waits for an answer: no late change, and nothing was moved by hand.",
    "resolve": "No incident is open.",
    "untick": "You have signed nothing here.",
    "merge": "There is no other open release that waits for a train.",
    "action_drop": "No action item is open here.",
    "skip": "No train is free to skip.",
    "shift": "No train is free to move; a release is moved with its own `move`.",
    "override": "Nothing that holds it up now can be passed by override.",
    "review": "No override waits for your review.",
}


async def opened(
    request: Request,
    ctx: Context,
    event: str,
    facts: Facts,
    *,
    item: str = "",
    given: Mapping[str, str] | None = None,
    note: str = "",
    among: Sequence[Facts] = (),
) -> Form | Message:
    """The form of an event; words instead when there is nothing to ask about. `among`: releases that it may be about.

    Raises Refused at once, before somebody fills it, for an event of another phase or of other people.
    """
    await look.may_be_asked(ctx, request.actor, event, facts)
    if event == "cast":
        return roles.form(facts, request.channel)
    if event == "go":
        return going.form(facts, request.now, request.channel, (await planned(ctx, facts)).plan)
    if event == "checklist":
        return checklist.form(facts, request.actor, request.channel)
    if event == "words":
        return texts.form(facts, item or texts.STAKEHOLDERS, request.channel, given=given, note=note)
    known: dict[str, Any] = {"given": dict(given or {}), "item": item, "person": request.actor, "among": among}
    known["now"] = request.now
    if event in RETRO:
        return await _looking_back(request, ctx, event, facts, known, note)
    if event == "adopt_policy":
        known["adoption"] = await preview(ctx, facts["id"])
        item = str(known["adoption"].get("hash") or "")
        if not item:
            return nothing_to_adopt(facts)
    if event in _WAYS and (facts.get("run") or {}).get("steps"):
        known["speaks"] = await speaks(ctx, facts)
    if event in _NEEDS_TRAINS:
        known["trains"] = await next_trains(ctx, 6, each=True)
    if event == "merge":
        known["others"] = await look.open_releases(ctx)
    return _asked(event, facts, item, known, request.channel, note)


async def _looking_back(
    request: Request, ctx: Context, event: str, facts: Facts, known: dict[str, Any], note: str
) -> Form | Message:
    """A form about a retrospective: what the record proves stands above the questions."""
    data = await retro.whole(ctx, facts["id"], request.actor)
    if event == "retro_say" and not facts.get("retro"):
        return views.page(facts, data, request.actor)
    proven = views.facts_text(data, facts) if event == "retro_say" else ""
    return _asked(event, facts, str(known["item"]), known | {"retro": data}, request.channel, note or proven)


def _asked(event: str, facts: Facts, item: str, known: Mapping[str, Any], channel: str, note: str) -> Form | Message:
    """The form, or words where there is nothing to choose."""
    recipe = RECIPES[event]
    for f in recipe.fields:
        if f.kind == "select" and not f.optional and f.choices and not f.choices(facts, known):
            text = _NOTHING.get(event, f"There is nothing to choose for {plain(facts.get('tag', ''))}.")
            return b.message(text, b.section(text))
    return build(recipe, facts, ids.Target(facts.get("id"), item), known, channel, note)


async def start_form(
    request: Request, ctx: Context, kind: str = "minor", given: Mapping[str, str] | None = None
) -> Form:
    """The start form for a kind. Raises Refused when production is unknown."""
    proposal = await propose(ctx, ReleaseType(kind), actor=request.actor)
    said_ = {k: v for k, v in (given or {}).items() if v}
    departs = instant(said_.get("train")) or proposal.departs_at
    words = {"lead": proposal.captain(departs) or request.actor, **said_}
    return start.form(proposal, await ground(ctx), words, request.channel)
