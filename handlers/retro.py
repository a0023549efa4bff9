"""The retrospective by word, button, message shortcut and form; action items of all releases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.domain.retrospective import QUESTIONS
from core.usecases import look, retro
from handlers import ids
from handlers.forms.opening import opened
from handlers.forms.recipes_retro import date_of
from handlers.moves import fire, way
from handlers.parsing import Typed
from handlers.request import Answer, Form, Message, Request
from handlers.views import retro as views
from handlers.views.writing import Facts

if TYPE_CHECKING:
    from core.usecases.context import Context

WORDS = ("retro", "retro add", "retro at", "retro summary", "action", "action done", "action keep", "action drop")
VERBS = ("retro", "retro_page", "retro_all", "actions", "retro_say", "retro_summary", "action_done", "action_keep")
NUMBERED = ("action_done", "action_keep", "action_drop")
_NAMES = {"good": "well", "bad": "wrong", "improve": "better"} | {q: q for q in QUESTIONS}


async def typed(request: Request, ctx: Context, found: Typed, facts: Facts) -> Answer:
    """`retro`, `retro at thu 15:00`, `retro add wrong late`, `action text @who day`, `action done 3`."""
    assert found.word is not None
    word, event = found.word.word, found.word.event
    if word == "retro":
        return await _retro(request, ctx, facts)
    if word == "retro summary":
        if way(request) == "cli":
            return Answer(private=await fire(request, ctx, event, facts["id"]))
        return await summary(request, ctx, facts)
    given = _given(found, facts)
    if event in NUMBERED and given.get("action"):
        facts = await _where_it_stands(ctx, given["action"], facts)
    if _enough(event, given):
        return Answer(private=await fire(request, ctx, event, facts["id"], given=given))
    form = {k: str(v) for k, v in given.items()}
    if event == "retro_move" and found.when:
        form = {"to": found.when.day.isoformat()}
    return _answer(await opened(request, ctx, event, facts, item=str(given.get("action") or ""), given=form))


def _given(found: Typed, facts: Facts) -> dict[str, Any]:
    """What was typed, as the use case's input."""
    assert found.word is not None
    event, zone = found.word.event, str(facts.get("zone") or "UTC")
    if event == "retro_move":
        at = found.when.at if found.when else None
        return {"to": found.when.instant(zone, at).isoformat()} if found.when and at else {}
    if event == "retro_add":
        known = _NAMES.get(found.item)
        text = found.reason if known else f"{found.item} {found.reason}".strip()
        return {k: v for k, v in {"question": known, "reason": text}.items() if v}
    if event == "action_add":
        given: dict[str, Any] = {"action": found.reason, "owner": found.people[0] if found.people else ""}
        given |= {"due": found.when.day.isoformat()} if found.when else {}
        return {k: v for k, v in given.items() if v}
    number, _, rest = found.reason.partition(" ")
    is_number = number.lstrip("#").isdecimal() and len(number) < 9
    given = {"action": int(number.lstrip("#")), "reason": rest.strip()} if is_number else {"reason": found.reason}
    return {k: v for k, v in given.items() if v}


def _enough(event: str, given: Mapping[str, Any]) -> bool:
    """Whether what was typed is enough to do it, or its form has to ask."""
    needs = {"retro_move": ("to",), "retro_add": ("question", "reason"), "action_add": ("action",),
             "action_drop": ("reason",)}  # fmt: skip
    return all(given.get(name) for name in needs.get(event, ()))


async def decided_with(ctx: Context, found: Typed) -> Facts | None:
    """The release that an action item's number means by itself; None where no such number or a release is named."""
    assert found.word is not None
    number = _given(found, {}).get("action") if found.word.event in NUMBERED and not found.version else 0
    return await _where_it_stands(ctx, number, {}) or None if number else None


async def _where_it_stands(ctx: Context, number: int, facts: Facts) -> Facts:
    """An item named by its number is decided with the release on whose checklist it stands."""
    found = await retro.home_of(ctx, number)
    return await look.by_id(ctx, found) if found else facts


async def _retro(request: Request, ctx: Context, facts: Facts) -> Answer:
    """The form while it is open, its page afterwards and where no form can open."""
    state = facts.get("retro") or {}
    if state and not state.get("summary") and request.kind != "mention" and way(request) != "cli":
        return _answer(await opened(request, ctx, "retro_say", facts))
    return Answer(private=await page(request, ctx, facts))


async def page(request: Request, ctx: Context, facts: Facts) -> Message:
    """How it stands, with what was said and resolved."""
    return views.page(facts, await retro.whole(ctx, facts["id"], request.actor), request.actor)


async def summary(request: Request, ctx: Context, facts: Facts) -> Answer:
    """What would be posted, to look at first; refused at once where nobody may post it now."""
    await look.may_be_asked(ctx, request.actor, "retro_summary", facts)
    return Answer(form=views.preview(facts, await retro.whole(ctx, facts["id"], request.actor), request.channel))


async def pressed(request: Request, ctx: Context, verb: str, target: ids.Target, facts: Facts) -> Answer:
    """A button about a retrospective or an action item."""
    if verb == "retro":
        return await _retro(request, ctx, facts)
    if verb == "retro_say":
        return _answer(await opened(request, ctx, "retro_say", facts))
    if verb == "retro_summary":
        return await summary(request, ctx, facts)
    if verb in NUMBERED:
        number = int(target.item) if target.item.isdecimal() else 0
        facts = await _where_it_stands(ctx, number, facts)
        return Answer(private=await fire(request, ctx, verb, facts["id"], given={"action": number}), home=True)
    if verb == "retro_page":
        return Answer(private=await page(request, ctx, facts))
    data = await retro.whole(ctx, facts["id"], request.actor)
    if verb == "retro_all":
        return Answer(form=views.everything(facts, data))
    return Answer(private=views.decide(facts, data, request.actor))


def _answer(found: Form | Message) -> Answer:
    return Answer(form=found) if isinstance(found, Form) else Answer(private=found)


def of_message(request: Request) -> str:
    """What a form remembers of the message that is taken in: its author and its address."""
    return f"{request.message_author} {request.message_link}" if request.message_link else ""


def finished(event: str, given: dict[str, object], target: ids.Target, facts: Facts) -> dict[str, object]:
    """The answers of a form under the names that the use case reads; days are local dates."""
    if event == "retro_add" and target.item:
        author, _, link = target.item.partition(" ")
        given |= {"author": author, "link": link}
    if event in ("retro_say", "action_add"):
        given = date_of(given, facts)
        if event == "retro_say" and not given.get("action"):
            given = {k: v for k, v in given.items() if k not in ("action", "owner", "due")}
    if event == "action_drop":
        number = str(given.get("action") or "")
        given["action"] = int(number) if number.isdecimal() else 0
    return given
