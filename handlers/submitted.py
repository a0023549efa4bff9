"""Forms that were sent: the answers are read, the event is fired, and the window says what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.domain.gates.people import reason_lacks
from core.domain.lifecycle import ENVIRONMENT_WORDS, PEOPLE_WORDS
from core.errors import Refused, Stale
from core.usecases import look
from handlers import (
    calendars,
    drills,
    environments,
    flags,
    ids,
    noting,
    people,
    reminding,
    retro,
    roles,
    scoping,
    starting,
)
from handlers.commands import CALENDAR_WORDS
from handlers.forms import checklist
from handlers.forms.opening import opened
from handlers.forms.recipe import Recipe, read
from handlers.forms.recipes import RECIPES
from handlers.forms.recipes_retro import RETRO
from handlers.ground import ground
from handlers.moves import fire
from handlers.request import Answer, Form, Message, Request
from handlers.views import answers, inputs
from handlers.views import blocks as b
from handlers.views import checklist as checklists
from handlers.views.marks import LOOK
from handlers.views.pressing import about
from handlers.views.reasons import as_fact, reason
from handlers.views.refusals import at_fields
from handlers.views.writing import plain, said

if TYPE_CHECKING:
    from core.usecases.context import Context


async def submitted(request: Request, ctx: Context) -> Answer:
    """The answer to a sent form."""
    event = request.callback_id
    target, channel, extra = ids.read_metadata(request.private_metadata)
    if event == "start":
        return await starting.submitted(request, ctx)
    if event in PEOPLE_WORDS:
        return await people.submitted(request, ctx)
    if event == reminding.FORM:
        return await reminding.submitted(request, ctx)
    if event == "cast":
        return await roles.submitted(request, ctx)
    if event == "checklist":
        return await _checklist(request, ctx, target, extra)
    if event in (*noting.FORMS, *flags.FORMS):
        return await (noting.submitted if event in noting.FORMS else flags.submitted)(request, ctx)
    if event == "scope":
        return await scoping.submitted(request, ctx)
    recipe = RECIPES.get(event)
    if recipe is None:
        return Answer(private=answers.old_button(None))
    policy = await ctx.policy()
    train = next(iter(policy.trains.values()))
    given, wrong = read(recipe, request.values, policy.zone, f"{train.at:%H:%M}")
    if wrong:
        return Answer(errors=wrong)
    given = _finished(event, given, target)
    if event == "edit":
        given = _changed(given, await look.by_id(ctx, target.release or 0))
    if str(which := given.pop("which", "")).isdecimal():
        target = replace(target, release=int(str(which)))
    if event == "report" and given.get("kind") == "incident":
        return await _as_incident(replace(request, channel=channel), ctx, target, given)
    if event in RETRO:
        given = retro.finished(event, given, target, await look.by_id(ctx, target.release or 0))
    try:
        if event in (*drills.FORMS, *ENVIRONMENT_WORDS, *CALENDAR_WORDS):
            return _told(recipe, {}, await _of_no_release(request, ctx, event, given, target.item))
        message = await fire(request, ctx, event, target.release or 0, subject=target.subject, given=given)
    except Refused as refused:
        return await _at_fields(request, ctx, recipe, refused)
    except Stale as stale:
        return await _again(replace(request, channel=channel), ctx, recipe, target, stale, given)
    return _told(recipe, await look.by_id(ctx, target.release or 0), message)


async def _as_incident(request: Request, ctx: Context, target: ids.Target, given: Mapping[str, object]) -> Answer:
    """What was reported is an incident: its form asks how bad it is, because those on duty are called."""
    facts, told = await look.by_id(ctx, target.release or 0), {"reason": str(given.get("reason") or "")}
    found = await opened(request, ctx, "incident", facts, given=told)
    return Answer(form=found) if isinstance(found, Form) else Answer(private=found)


async def _of_no_release(
    request: Request, ctx: Context, event: str, given: Mapping[str, object], item: str
) -> Message:
    """What a form about the product itself does."""
    if event in drills.FORMS:
        return await drills.fire(request, ctx, given, item)
    if event in ENVIRONMENT_WORDS:
        return await environments.fire(request, ctx, event, given)
    return await calendars.fire(request, ctx, event, given)


def _finished(event: str, given: dict[str, object], target: ids.Target) -> dict[str, object]:
    """The fields' answers under the names that the use case reads."""
    if event in ("move", "resume") and given.get("other"):
        given["to"] = given.pop("other")
    given.pop("other", None)
    if "keep_place" in given:
        given["keep_place"] = given["keep_place"] != "no"
    if event == "adopt_policy":
        given["policy"] = target.item  # the text that was shown
    if event in ("reject", "withdraw") and target.item:
        given["item" if target.item.isdecimal() else "role"] = target.item  # the number of an override, or a role
    if event in ("concern", "report") and target.item:
        given["link"] = target.item
    return given


def _changed(given: dict[str, object], facts: Mapping[str, Any]) -> dict[str, object]:
    """Only what differs from what is recorded is a correction."""
    now = {"title": facts.get("title"), "version": facts.get("version"), "type": facts.get("type")}
    now["to"] = facts.get("departs_at")
    return {k: v for k, v in given.items() if v and str(v).removeprefix("v") != str(now.get(k) or "")}


def _told(recipe: Recipe, facts: Mapping[str, Any], message: Message) -> Answer:
    """What happened, where the form was."""
    title = recipe.title.format(tag=plain(facts.get("tag", ""))).strip() or "Release Bot"
    return Answer(form=inputs.told(title, b.surface(*message.blocks)), home=True)


async def _at_fields(request: Request, ctx: Context, recipe: Recipe, refused: Refused) -> Answer:
    """Words at the fields when every reason belongs to one; else the refusal in the window."""
    known = refused.facts.get("facts")
    facts: Mapping[str, Any] = known if isinstance(known, dict) else await ground(ctx)
    found = []
    for blocker in refused.blockers:
        field = recipe.wrong.get(blocker.code)
        field = "other" if field == "to" and request.values.get("other") else field
        if field is None or field not in request.values:
            raise refused
        found.append((field, blocker))
    return Answer(errors=at_fields(found, facts))


async def _again(
    request: Request, ctx: Context, recipe: Recipe, target: ids.Target, stale: Stale, given: Mapping[str, object]
) -> Answer:
    """Something moved while the form was open: the same form on what is current, with the words still in it."""
    facts = stale.facts.get("facts")
    if not isinstance(facts, dict):
        raise stale
    c = facts.get("candidate") or {}
    what = f"rc.{c['number']} is current now" if c else f"{facts['tag']} is in {facts['phase']} now"
    note = (
        f"{LOOK} *While this form was open something changed:* {said(what)}. Your words are still here; please look at "
        "the difference and send again."
    )
    words = {k: str(v) for k, v in request.values.items() if isinstance(v, str)}
    found = await opened(request, ctx, recipe.event, facts, item=target.item, given=words, note=note)
    return Answer(form=found) if isinstance(found, Form) else Answer(private=found)


async def _checklist(request: Request, ctx: Context, target: ids.Target, before: str) -> Answer:
    """Each tick is its own signature; taking one back needs why."""
    ticked, taken_back = checklist.changes(request.values, before)
    why = str(request.values.get(checklist.WHY) or "").strip()
    if taken_back and reason_lacks(why, request.actor):
        return Answer(errors={checklist.WHY: "Please say why it is no longer done, in up to 1,000 characters."})
    done, refusals, moved = [], [], False
    for event, names in (("tick", ticked), ("untick", taken_back)):
        for name in names:
            one = replace(request, key=f"{request.key}:{event}:{name}" if request.key else "")
            given = {"item": name, "reason": why if event == "untick" else ""}
            try:
                await fire(one, ctx, event, target.release or 0, subject=about(name, target.subject), given=given)
                done.append(name)
            except Stale:
                moved = True
            except Refused as refused:
                refusals += [as_fact(x) for x in refused.blockers]
    facts = await look.by_id(ctx, target.release or 0)
    words = [f"{LOOK} {r.title}: {r.detail}" for r in (reason(x, facts) for x in refusals)]
    if moved:
        tag = plain((facts.get("candidate") or {}).get("tag", ""))
        words.append(f"{LOOK} {said(tag)} was cut while this form was open. Please look at it, then sign again.")
    head = f"{len(done)} changed." if done else "Nothing changed."
    blocks = [
        b.section(f"*{head}*"),
        b.section("\n".join(words)) if words else None,
        *checklists.checklist(facts, request.actor).blocks,
    ]
    return Answer(form=inputs.told(f"Checklist {facts['tag']}", b.surface(*blocks)), home=True)
