"""Buttons, ⋮ menus, choices in open forms, and shortcuts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.domain.lifecycle import DRILL_WORDS, ENVIRONMENT_WORDS, FOLLOW_WORDS, PEOPLE_WORDS, REHEARSAL_WORDS
from core.errors import NotFound
from core.usecases import look
from core.usecases.advance import Ask
from core.usecases.policy import sign
from core.usecases.remind import remind
from core.usecases.thread import release_of
from handlers import (
    approving,
    auditing,
    calendars,
    commands,
    drills,
    environments,
    flags,
    following,
    ids,
    logs,
    metrics,
    noting,
    people,
    rehearsing,
    reminding,
    retro,
    scoping,
    starting,
)
from handlers.forms import adding
from handlers.forms.opening import opened, start_form
from handlers.ground import ground
from handlers.moves import fire
from handlers.parsing import Typed
from handlers.request import Answer, Request
from handlers.shows import OF_A_RELEASE, WITHOUT, everything, idle, overview, possible, shown
from handlers.views import answers, inputs, policy
from handlers.views.card import card
from handlers.views.pressing import DIRECT, event_of, without_place
from handlers.views.reasons import reasons
from handlers.views.writing import plain, spoken
from handlers.words import BY_WORD, for_event

if TYPE_CHECKING:
    from core.usecases.context import Context


async def pressed(request: Request, ctx: Context) -> Answer:
    """The answer to a click; what is not known is answered too, with the current card."""
    verb, target = ids.verb_of(request.action_id), ids.read(request.value)
    if verb == "more":
        verb, target = ids.read_option(request.value)
    if request.callback_id == "start" and verb == "type":
        return await starting.chosen_kind(request, ctx)
    if verb == "run":
        return await commands.line(request, ctx, target.item)
    if verb == "start":
        if target.item == "hotfix":
            return Answer(form=await start_form(request, ctx, "hotfix", {"reason": target.subject}))
        return Answer(form=await start_form(request, ctx, given={"train": target.subject}))
    if verb == "mine":
        return Answer(form=await everything(request, ctx))
    if verb in FOLLOW_WORDS:
        facts = await look.by_id(ctx, target.release) if target.release else {}
        return Answer(private=await following.fire(request, ctx, verb, facts))
    if verb in DRILL_WORDS:
        return await drills.pressed(request, ctx, target)
    if verb in REHEARSAL_WORDS:
        return await rehearsing.pressed(request, ctx, target)
    if verb in flags.BUTTONS:
        return await flags.pressed(request, ctx, verb, target)
    if verb in ENVIRONMENT_WORDS:
        return await environments.pressed(request, ctx, verb, target)
    if verb in (*commands.CALENDAR_WORDS, *calendars.BUTTONS):
        return await calendars.pressed(request, ctx, verb, target)
    if verb in auditing.VERBS:
        return await auditing.pressed(request, ctx, verb, target)
    if verb in metrics.VERBS:
        return await metrics.pressed(request, ctx, verb, target)
    if verb in PEOPLE_WORDS:
        return await people.form(request, ctx, verb)
    if verb in reminding.BUTTONS:
        return await reminding.pressed(request, ctx, verb, target)
    if verb == "policy_sign":
        return Answer(private=policy.signed(await sign(ctx, request.actor, target.item), await ground(ctx)), home=True)
    if verb in WITHOUT:
        return Answer(private=await shown(request, ctx, _typed(verb, target)))
    if target.release is None:
        return await _without_release(request, ctx, verb)
    return in_place(request, await _of_release(request, ctx, verb, target))


async def _of_release(request: Request, ctx: Context, verb: str, target: ids.Target) -> Answer:
    """A click about a release that the button names."""
    facts = await look.by_id(ctx, target.release or 0)
    if verb == "checklist":
        return commands.answer_of(await opened(request, ctx, "checklist", facts))
    if verb in OF_A_RELEASE:
        return Answer(private=await shown(request, ctx, _typed(verb, target), facts))
    if verb == "log":
        return Answer(form=await logs.opened(ctx, target, facts))
    if verb in noting.VERBS:
        return commands.answer_of(await noting.pressed(request, ctx, verb, target, facts))
    if verb in scoping.VERBS:
        return Answer(form=scoping.pressed(request, verb, target, facts))
    if verb == "options":
        return Answer(private=await possible(request, ctx, facts, Typed()))
    if verb == "add_line":
        return Answer(form=adding.form([facts], target.subject, request.channel, target.item))
    if verb == "remind":
        return await _remind(request, ctx, target, facts)
    if verb == "approve":
        return await approving.pressed(request, ctx, target, facts)
    if verb in retro.VERBS:
        return await retro.pressed(request, ctx, verb, target, facts)
    event = event_of(verb)
    if for_event(event) is None:
        return Answer(private=answers.old_button(card(facts, request.now)))
    if event == "tick" and not target.item:
        return commands.answer_of(await opened(request, ctx, "checklist", facts))
    if event == "resume" and without_place(facts):
        return commands.answer_of(await opened(request, ctx, event, facts))
    second = event == "override" and target.item.isdecimal()  # it names what somebody has asked for
    if event in DIRECT or second or (event == "go" and target.item == "said"):
        given = {"item": target.item} if event in ("tick", "pull", "override", "stop") else {}
        message = await fire(request, ctx, event, facts["id"], subject=target.subject, given=given)
        return Answer(private=message)
    return commands.answer_of(await opened(request, ctx, event, facts, item=target.item))


def in_place(request: Request, answer: Answer) -> Answer:
    """A click in an open form is answered in that form."""
    if answer.private and request.view_id and not request.from_home:
        return Answer(form=inputs.told("Release Bot", answer.private.blocks), home=answer.home)
    return answer


def _typed(verb: str, target: ids.Target) -> Typed:
    """A show button as if its word had been typed."""
    item = target.item if verb in ("notes", "help") else ""
    return Typed(first=verb, word=BY_WORD[verb], item=item, reason=f"{target.item} {target.subject}".strip())


async def _without_release(request: Request, ctx: Context, verb: str) -> Answer:
    """A button of Home or of a message about no release: the same as typing its word."""
    word = BY_WORD.get(verb) or for_event(event_of(verb))
    if word is None:
        return Answer(private=answers.old_button(None))
    return await commands.run(request, ctx, Typed(first=word.word, word=word))


async def _remind(request: Request, ctx: Context, target: ids.Target, facts: dict[str, Any]) -> Answer:
    """Remind or Ask: one message to the person who can clear it."""
    code, person = target.item, target.subject
    if not person:
        raise NotFound("nobody to remind")
    about = next((spoken(r.title, facts) for r in reasons(facts.get("blockers") or [], facts) if r.code == code), "")
    if code.startswith("ask."):
        about = f"somebody asks you to {plain(code.removeprefix('ask.').replace('_', ' '))} it"
    given = {"person": person, "code": code, "about": about}
    ask = Ask(request.actor, "remind", release=facts["id"], input=given, key=request.key or None, via="button")
    result = await remind(ctx, ask)
    told = bool(result.get("sent")), str(result.get("at") or ""), str(result.get("by") or "")
    return Answer(private=answers.reminded(facts, person, *told))


async def shortcut(request: Request, ctx: Context) -> Answer:
    """Global shortcuts open what they name; message shortcuts take the message along."""
    name = request.callback_id.removeprefix("shortcut:")
    if name == "start":
        return Answer(form=await start_form(request, ctx))
    if name in ("waiting", "waits"):
        return Answer(private=await overview(request, ctx))
    word = name if name in ("incident", "concern", "notes", "retro", "report") else None
    if word is None:
        return Answer(private=answers.old_button(None))
    release = await release_of(ctx, request.channel, request.thread_ts or request.message_ts)
    facts = await look.by_id(ctx, release) if release else None
    return await _with_message(request, ctx, word, facts)


async def _with_message(request: Request, ctx: Context, word: str, facts: dict[str, Any] | None) -> Answer:
    """The form of a word with the message's text in it."""
    text = plain(request.message_text, 900)
    if word == "notes":
        releases = [facts] if facts else await look.candidates_for(ctx, "words", request.actor)
        if not releases:
            return Answer(private=await idle(ctx))
        return Answer(form=adding.form(releases, text, request.channel))
    event, item = ("retro_add", retro.of_message(request)) if word == "retro" else (word, request.message_link)
    if word == "report" and facts and not facts.get("live_at"):
        facts = None  # what somebody wrote in the thread of the next release is about what is live
    if facts is None:
        found = await look.candidates_for(ctx, event, request.actor)
        if len(found) > 1 and word in ("concern", "retro"):
            several = {**found[0], "tag": "a release"}
            asked = await opened(request, ctx, event, several, item=item, given={"reason": text}, among=found)
            return commands.answer_of(asked)
        if len(found) != 1:
            typed = Typed(first=word, word=BY_WORD[word], reason=text, rest=text if event == word else "")
            return await commands.run(replace(request, kind="action"), ctx, typed)
        facts = found[0]
    form = await opened(request, ctx, event, facts, item=item, given={"reason": text})
    return commands.answer_of(form)
