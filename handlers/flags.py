"""Words, buttons and forms about feature flags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, cast

from core.domain.flags.guarding import GUARDED
from core.domain.flags.model import Kind
from core.errors import NotFound, Stale
from core.usecases import flags as usecases
from core.usecases import look
from core.usecases.flag_agreeing import Said, Wish, answer, wish
from core.usecases.flag_board import Row, board
from core.usecases.flag_ends import End, decide
from core.usecases.flag_hours import stop
from core.usecases.flag_release import belongs, places_of
from core.usecases.flag_reviews import Verdict, review
from core.usecases.flag_writing import FlagFaults
from core.usecases.flags import Wanted
from handlers import ids
from handlers.choosing import named
from handlers.forms.flag_answers import off, on, place_in, share_of, wish_of
from handlers.forms.flags import form, new_form
from handlers.forms.recipe import build
from handlers.forms.recipes_flags import FLAGS
from handlers.ground import ground
from handlers.ids import Target
from handlers.parsing import Typed, version_in
from handlers.request import Answer, Message, Request
from handlers.spelled import in_words
from handlers.views import blocks as b
from handlers.views import flag_asked, inputs
from handlers.views import flag_words as w
from handlers.views import flags as views
from handlers.views.lists import picker
from handlers.views.marks import DONE, LOOK
from handlers.views.writing import said, spoken

if TYPE_CHECKING:
    from core.usecases.context import Context

BUTTONS = (
    "flag_new", "flag_set", "flag_zero", "flag_stop", "flag_show", "flag_agree", "flag_refuse", "flag_review",
    "flag_end",
)  # fmt: skip
FORMS = tuple(FLAGS)
MADE = ("new", "create", "add")
_SHARE = re.compile(r"^(\d{1,3})\s?%?$")
_NUMBER = re.compile(r"^-?[\d.,]+%?$")


# --- what was typed --------------------------------------------------------------------------------------------------


async def typed(request: Request, ctx: Context, found: Typed) -> Answer | None:
    """`flag new_search 25% in production the first people`, `flag new_search off payments fail`; None when it is about
    no flag of ours, so that it may be about a deployment."""
    tokens = found.rest.split()
    if not tokens:
        return Answer(private=await shown(request, ctx))
    if tokens[0].casefold() in MADE:
        return Answer(form=await new_form(request, ctx, tokens[1] if len(tokens) > 1 else ""))
    name = tokens[0].strip("`")
    row = (await board(ctx, name)).named.get(name)
    if row is None:
        return None if len(tokens) > 1 and tokens[1].casefold() == "off" else Answer(private=_unknown(tokens[0]))
    if len(tokens) == 1:
        return Answer(private=await _one(request, ctx, row))
    try:
        return await _said(request, ctx, row, tokens[1:])
    except FlagFaults as faults:
        return Answer(private=_cannot(faults, row))


def _cannot(faults: FlagFaults, row: Row) -> Message:
    line = f"{LOOK} Nothing was changed. {said(_sentence(faults), 600)}"
    return b.message(spoken(line, {}), b.section(line), b.actions(w.show_button(row.flag.name), block_id="do"))


async def _said(request: Request, ctx: Context, row: Row, tokens: list[str]) -> Answer | None:
    """What shall become of it: a word, then where, then why."""
    verb, rest = tokens[0].casefold().rstrip(":,"), tokens[1:]
    share = _SHARE.match(verb)
    if share is None and _NUMBER.match(verb):
        raise FlagFaults([f"{verb[:20]} is no share; SDKs know whole percents from 0 to 100"])
    steps = list(takewhile(_SHARE.match, rest)) if share is not None else []
    environment, rest = place_in(rest[len(steps) :])
    reason = " ".join(rest)
    if verb == "off" and environment == GUARDED and await _stands(ctx):
        return None  # a deployment that failed hears of it too
    if verb == "belongs":
        return Answer(private=await _belongs(request, ctx, row, rest))
    if verb in ("decide", "end", "archive", "keep", "remove"):
        what = {"archive": "archive", "keep": "keep"}.get(verb, "")
        return Answer(form=await form(request, ctx, "flag_end", row, {"what": what, "reason": reason}))
    if verb not in ("off", "on") and share is None:
        return Answer(private=await _one(request, ctx, row))
    if steps:
        shares = " ".join(t.rstrip("%") for t in (verb, *steps))
        given = {"to": "steps", "steps": shares, "environment": environment, "reason": reason}
        return Answer(form=await form(request, ctx, "flag_set", row, given))
    if environment == GUARDED and not reason:
        event = "flag_zero" if verb == "off" else "flag_set"
        to = {"to": "share" if share else verb, "share": share[1] if share else ""}
        return Answer(form=await form(request, ctx, event, row, to))
    to_ = {"off": off, "on": on}.get(verb) or share_of(int(share[1]) if share else 0)
    wanted = Wish(row.flag.name, environment, request.actor, to_, reason)
    return Answer(private=await _wished(request, ctx, wanted))


async def _belongs(request: Request, ctx: Context, row: Row, rest: list[str]) -> Message:
    """`flag new_search belongs 1.3.0`; without a version to the only release that is not out yet."""
    version = next((v for word in rest if (v := version_in(word.casefold()))), "")
    flight = [f for f in await look.open_releases(ctx) if version or not f.get("live_at")]
    if version:
        facts = dict(await named(ctx, version))
    elif len(flight) == 1:
        facts = flight[0]
    else:
        lines = [f"flag {row.flag.name} belongs {f['version']}" for f in flight]
        return picker("take the flag", flight, lines) if flight else _no_release()
    await belongs(ctx, row.flag.name, int(facts["id"]), request.actor)
    line = f"`{said(row.flag.name)}` belongs to {said(facts['tag'])} now: what happens to it is told in its thread."
    return b.message(spoken(line, facts), b.section(line), b.actions(w.show_button(row.flag.name), block_id="do"))


def _no_release() -> Message:
    line = "No release is on its way that it could belong to."
    return b.message(line, b.section(line), b.actions(b.button("All releases", "list"), block_id="do"))


async def _stands(ctx: Context) -> bool:
    """Whether a deployment to production waits for a decision."""
    flight = await look.open_releases(ctx)
    return any((f.get("run") or {}).get("state") in ("failed", "waiting") for f in flight if f["phase"] == "deployment")


# --- what is shown ---------------------------------------------------------------------------------------------------


async def shown(request: Request, ctx: Context) -> Message:
    return views.flags(await board(ctx), await ground(ctx), request.actor)


async def _one(request: Request, ctx: Context, row: Row) -> Message:
    name = row.flag.name
    return views.one(await board(ctx, name), name, await ground(ctx), request.actor, await places_of(ctx, name))


def _unknown(text: str) -> Message:
    line = f"There is no flag “{said(text)}”. `/release flags` shows all of them."
    buttons = (b.button("New flag…", "flag_new"), b.button("All flags", "flags"))
    return b.message(line, b.section(line), b.actions(*buttons, block_id="do"))


async def pressed(request: Request, ctx: Context, verb: str, target: Target) -> Answer:
    """A button about a flag, a proposal or a review."""
    if verb == "flag_new":
        return Answer(form=await new_form(request, ctx))
    if verb in ("flag_agree", "flag_refuse"):
        return await _answer(request, ctx, target, verb == "flag_agree")
    if verb == "flag_review":
        return await _review_form(request, ctx, target)
    row = (await board(ctx, target.item)).named.get(target.item)
    if row is None:
        return Answer(private=_unknown(target.item))
    if verb == "flag_show":
        return Answer(private=await _one(request, ctx, row))
    if verb == "flag_stop":
        told = await stop(ctx, row.flag.name, request.actor, GUARDED, request.key or None)
        line = "No roll-out of it goes on." if told["share"] == -1 else f"It stays at {told['share']} %."
        return Answer(private=b.message(line, b.section(line), b.actions(w.show_button(row.flag.name), block_id="do")))
    return Answer(form=await form(request, ctx, verb, row))


async def _answer(request: Request, ctx: Context, target: Target, agrees: bool) -> Answer:
    if not agrees:
        known = {"lead": "Whoever asked reads why.", "given": {}}
        memory = Target(None, target.item, target.subject)
        return Answer(form=build(FLAGS["flag_refuse"], await ground(ctx), memory, known, request.channel))
    told = await answer(ctx, Said(target.item, request.actor, target.subject, True), request.key or None)
    return Answer(private=flag_asked.answered(told, await ground(ctx)), home=True)


async def _review_form(request: Request, ctx: Context, target: Target) -> Answer:
    known = {"lead": "Somebody changed production alone, or in a freeze.", "given": {}}
    return Answer(form=build(FLAGS["flag_review"], await ground(ctx), Target(None, target.item, "-"), known))


# --- forms -----------------------------------------------------------------------------------------------------------


async def submitted(request: Request, ctx: Context) -> Answer:
    """A form about a flag: done, or words at the field that needs mending."""
    event = request.callback_id
    target, channel, _ = ids.read_metadata(request.private_metadata)
    words = {k: str(v).strip() for k, v in request.values.items() if isinstance(v, str)}
    given = {k: str(v) for k, v in (await in_words(ctx, words)).items()} | _as_typed(words)
    try:
        message = await _DO[event](replace(request, channel=channel), ctx, target, given)
    except FlagFaults as faults:
        return Answer(errors={_FIELD[event]: _sentence(faults)})
    except NotFound:
        return Answer(private=_unknown(target.item))
    except Stale as stale:
        return await _again(replace(request, channel=channel), ctx, target, given, stale)
    return Answer(form=inputs.told(FLAGS[event].title, b.surface(*message.blocks)), home=True)


def _as_typed(words: Mapping[str, str]) -> dict[str, str]:
    """Ids of people of the product stay as they were written."""
    return {"people": words["people"]} if "people" in words else {}


def _sentence(faults: FlagFaults) -> str:
    text = "; ".join(faults.faults)
    return f"{text[:1].upper()}{text[1:]}."[:2000]


async def _again(request: Request, ctx: Context, target: Target, given: dict[str, str], stale: Stale) -> Answer:
    """Somebody was quicker: the same form on what is now, with the words still in it."""
    row = (await board(ctx, target.item)).named.get(target.item)
    if row is None:
        return Answer(private=_unknown(target.item))
    note = f"{LOOK} *While this form was open somebody else changed it.* Your words are still here: {said(stale, 300)}"
    return Answer(form=await form(request, ctx, request.callback_id, row, given, note))


async def _make(request: Request, ctx: Context, target: Target, given: Mapping[str, str]) -> Message:
    number = given.get("release") or ""
    facts = await look.by_id(ctx, int(number)) if number.isdecimal() else {}
    made = await usecases.create(
        ctx,
        Wanted(
            given.get("name", ""), cast(Kind, given.get("kind") or "release"), given.get("owner") or request.actor,
            given.get("about", ""), request.actor, facts.get("id"), str(facts.get("version") or ""),
        ),
        request.key or None,
    )  # fmt: skip
    row = (await board(ctx, made.name)).named[made.name]
    return await _one(request, ctx, row)


async def _change(request: Request, ctx: Context, target: Target, given: Mapping[str, str]) -> Message:
    return await _wished(request, ctx, wish_of(target, request.actor, given))


async def _wished(request: Request, ctx: Context, wanted: Wish) -> Message:
    return flag_asked.done(await wish(ctx, wanted, request.key or None), await ground(ctx))


async def _zero(request: Request, ctx: Context, target: Target, given: Mapping[str, str]) -> Message:
    return await _wished(request, ctx, Wish(target.item, GUARDED, request.actor, off, given.get("reason", "")))


async def _refuse(request: Request, ctx: Context, target: Target, given: Mapping[str, str]) -> Message:
    said_ = Said(target.item, request.actor, target.subject, False, given.get("reason", "")[:1000])
    return flag_asked.answered(await answer(ctx, said_, request.key or None), await ground(ctx))


async def _end(request: Request, ctx: Context, target: Target, given: Mapping[str, str]) -> Message:
    end = End(
        target.item, request.actor, given.get("what", ""), given.get("reason", ""), given.get("winner", ""),
        given.get("result", ""),
    )  # fmt: skip
    told, known = await decide(ctx, end, request.key or None), await ground(ctx)
    line = f"{DONE} You {w.ended(told).replace('keeps', 'keep')}."
    then = flag_asked.done(told["then"], known).blocks[:1] if told["then"] and not told["then"].get("same") else []
    return b.message(spoken(line, known), b.section(line), *then)


async def _reviewed(request: Request, ctx: Context, target: Target, given: Mapping[str, str]) -> Message:
    verdict = Verdict(target.item, request.actor, given.get("right") == "yes", given.get("reason", ""))
    told = await review(ctx, verdict, request.key or None)
    line = "Somebody had looked at it already." if told.get("late") else "Your review is kept; they read it."
    return b.message(line, b.section(line))


_DO = {
    "flag_new": _make,
    "flag_set": _change,
    "flag_zero": _zero,
    "flag_refuse": _refuse,
    "flag_review": _reviewed,
    "flag_end": _end,
}
_FIELD = {
    "flag_new": "name", "flag_set": "to", "flag_zero": "reason", "flag_refuse": "reason", "flag_review": "reason",
    "flag_end": "what",
}  # fmt: skip
