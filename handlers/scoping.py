"""The scope: its form with pages, and the words that take something in or out of a release."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.errors import Refused
from core.usecases import look
from handlers import ids
from handlers.forms import scope as fields
from handlers.forms.opening import opened
from handlers.forms.recipes_contents import is_late
from handlers.moves import fire
from handlers.request import Answer, Form, Message, Request
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.embargo import revealed
from handlers.views.marks import DONE, LOOK
from handlers.views.reasons import as_fact, reason
from handlers.views.scope import scope
from handlers.views.strays import open_late, open_strays
from handlers.views.writing import Facts, plain

if TYPE_CHECKING:
    from core.usecases.context import Context
    from handlers.parsing import Typed

VERBS = ("scope_form", "scope_page")
_MOVED = f"{LOOK} *While this form was open the release moved on.* Please look at what follows now, and send it again."
_FIRST_SEND = f"{LOOK} *Send this page first, or close the form without it*, then go on."


def pressed(request: Request, verb: str, target: ids.Target, facts: Facts) -> Form:
    """Opens the form, or turns its page."""
    facts = revealed(facts, request.actor)
    here, channel, before = ids.read_metadata(request.private_metadata)
    if verb == "scope_form" or request.callback_id != "scope":
        return fields.form(facts, request.actor, 0, request.channel)
    page = int(target.item) if target.item.isdecimal() else 0
    asked = fields.read(facts, request.values, before)
    if asked.add or asked.drop or asked.errors or asked.reason or asked.final is not None:
        number = here.item.removeprefix("page:")
        stays = int(number) if number.isdecimal() else 0
        return fields.form(facts, request.actor, stays, channel, _FIRST_SEND, request.values)
    return fields.form(facts, request.actor, page, channel)


async def submitted(request: Request, ctx: Context) -> Answer:
    """The form was sent: each thing is asked for by itself, and the window tells what came of it."""
    target, channel, before = ids.read_metadata(request.private_metadata)
    facts = revealed(await look.by_id(ctx, target.release or 0), request.actor)
    asked = fields.read(facts, request.values, before)
    if asked.errors:
        return Answer(errors=asked.errors)
    if target.subject != str(facts["epoch"]) and (asked.add or asked.drop or asked.final is not None):
        return Answer(form=fields.form(facts, request.actor, 0, channel, _MOVED, request.values))
    steps: list[tuple[str, dict[str, object]]] = [("scope_add", {"ref": r, "title": t}) for r, t in asked.add]
    steps += [("scope_drop", {"ref": r, "reason": asked.reason}) for r in asked.drop]
    if asked.final is not None:
        given = {"item": fields.FINAL, "reason": asked.reason or "The scope changes again."}
        steps.append(("tick", {"item": fields.FINAL}) if asked.final else ("untick", dict(given)))
    done, problems = await _all(request, ctx, int(facts["id"]), steps)
    facts = revealed(await look.by_id(ctx, int(facts["id"])), request.actor)
    words = [f"{LOOK} {r.title}: {r.detail}" for r in (reason(x, facts) for x in problems)]
    head = f"{DONE} *{len(done)} of {len(steps)} kept.*" if done else "*Nothing was changed.*"
    blocks = [b.section(head), b.section("\n".join(words)) if words else None, *scope(facts).blocks]
    return Answer(form=inputs.told(f"Scope of {plain(facts['tag'])}", b.surface(*blocks)), home=True)


async def _all(
    request: Request, ctx: Context, release: int, steps: list[tuple[str, dict[str, object]]]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Fire one after the other; a refusal of one does not lose the others, the refusal of all is told as one."""
    done, problems = [], []
    for event, given in steps:
        name = str(given.get("ref") or given.get("item"))
        one = replace(request, key=f"{request.key}:{event}:{name}" if request.key else "")
        try:
            await fire(one, ctx, event, release, given=given)
            done.append(name)
        except Refused as refused:
            if len(steps) == 1:
                raise
            problems += [as_fact(x) for x in refused.blockers]
    return done, problems


def answered_for(found: Typed, facts: Facts) -> dict[str, str]:
    """What `accept #345 the bank needs it` and `accept main a hot patch` are about: the item and the reason."""
    waits = [str(x["id"]) for x in (*open_late(facts), *open_strays(facts))]
    if found.ref:
        item = next((i for i in waits if i.startswith(found.ref) or found.ref.startswith(i)), found.ref)
        return {"item": item, "reason": found.reason}
    first, _, rest = found.reason.partition(" ")
    named = next((str(x["id"]) for x in open_strays(facts) if first in (str(x["id"]), str(x["ref"]))), "")
    if named:
        return {"item": named, "reason": rest.strip()}
    return {"item": waits[0]} if len(waits) == 1 else {}


async def typed(request: Request, ctx: Context, found: Typed, facts: Facts) -> Answer:
    """`scope add #345`, `scope drop #345 not ready`, `scope finalize`; a late change shows first what it means."""
    assert found.word is not None
    event = found.word.event
    if event == "tick":
        return Answer(private=await fire(request, ctx, "tick", int(facts["id"]), given={"item": fields.FINAL}))
    if len(found.refs) > 1:
        return Answer(form=fields.form(facts, request.actor, 0, request.channel))
    words = "title" if event == "scope_add" else "reason"
    given = {k: v for k, v in {"ref": found.ref, words: found.reason}.items() if v}
    enough = found.ref and (event == "scope_add" or found.reason)
    if not enough or is_late(facts):
        form: Form | Message = await opened(request, ctx, event, facts, item=found.ref, given=given)
        return Answer(form=form) if isinstance(form, Form) else Answer(private=form)
    return Answer(private=await fire(request, ctx, event, int(facts["id"]), given=given))
