"""What was typed behind `/release`: the word finds its view, its form or its event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.lifecycle import (
    DRILL_WORDS,
    ENVIRONMENT_WORDS,
    FOLLOW_WORDS,
    PEOPLE_WORDS,
    REHEARSAL_WORDS,
    TRAIN_WORDS,
)
from core.usecases import look
from core.usecases.advance import Ask
from core.usecases.environments import all_environments
from core.usecases.reporting import keep_report
from handlers import (
    approving,
    auditing,
    calendars,
    dates,
    drills,
    environments,
    flags,
    following,
    noting,
    people,
    rehearsing,
    retro,
    scoping,
    starting,
)
from handlers.choosing import item_meant, named, of_gates, of_items, to_change
from handlers.dates import When
from handlers.forms.opening import opened
from handlers.ground import ground, holds
from handlers.moves import fire, way
from handlers.parsing import Typed, parse
from handlers.patience import patient
from handlers.request import Answer, Form, Message, Request
from handlers.shows import overview, shown
from handlers.views import answers
from handlers.views.overrides import asked_for
from handlers.views.pressing import without_place
from handlers.views.writing import Facts, instant
from handlers.words import DATE, nearest

if TYPE_CHECKING:
    from core.usecases.context import Context

CALENDAR_WORDS = tuple(TRAIN_WORDS)
READS_GIT = ("diff", "where")


async def typed(request: Request, ctx: Context) -> Answer:
    """The answer to a command."""
    return await line(request, ctx, request.text)


async def line(request: Request, ctx: Context, text: str, facts: Facts | None = None) -> Answer:
    """Run a line; `facts` when the release is known already (a thread)."""
    found = parse(text, request.now, "UTC")
    if found.word and DATE in found.word.takes:  # only dates need the policy's zone, and reading it costs
        found = parse(text, request.now, (await ctx.policy()).zone)
    if not found.first:
        return Answer(private=await overview(request, ctx))
    if found.word is None:
        return Answer(private=_unknown(found))
    return await run(request, ctx, found, facts)


async def _not_shipped_here(request: Request, ctx: Context, found: Typed) -> Message | None:
    """What to do about a version that runs and was shipped without the bot; None where a release can take the words."""
    word = found.word.word if found.word else ""
    if word not in ("incident", "report") or await look.status_of_production(ctx):
        return None
    runs = (await all_environments(ctx))["production"].get("version")
    if not runs or found.version not in ("", runs) or await look.candidates_for(ctx, word, request.actor):
        return None
    known = await ground(ctx)
    said = reported_as(found.reason)
    urgent = word == "incident" or said.get("kind") == "incident"
    words = said.get("reason", found.reason)
    told = None
    if words and not urgent:
        given = {"version": str(runs), "reason": words, "kind": said.get("kind", "")}
        ask = Ask(request.actor, "report", input=given, key=request.key or None, via=way(request))
        told = (await keep_report(ctx, ask))["people"]
    may_fix = holds(known, request.actor, "start_hotfix")
    return answers.not_shipped_here(str(runs), words, urgent, known, may_fix, told)


def _unknown(found: Typed) -> Message:
    first = found.first.casefold()
    return answers.unknown_word(found.first, nearest(first) or "", found.rest)


async def run(request: Request, ctx: Context, found: Typed, facts: Facts | None = None) -> Answer:
    """Run a word of the table."""
    assert found.word is not None
    if found.mistyped and found.word.word != "start":  # its form asks again
        return Answer(private=answers.mistyped(found.mistyped, found.first, await look.open_releases(ctx)))
    if found.word.word == "checklist" and request.kind != "mention":
        return await _checklist(request, ctx, found, facts)
    if found.word.word == "audit" and (of_record := await auditing.typed(request, ctx, found, facts)):
        return of_record
    if found.word.show:
        return await _looked(request, ctx, found, facts if facts and not found.versions else None)
    if found.word.word == "start":
        return await starting.typed(request, ctx, found)
    if found.word.word in FOLLOW_WORDS:
        return await following.typed(request, ctx, found)
    if found.word.event in ENVIRONMENT_WORDS:
        return await environments.typed(request, ctx, found)
    if found.word.word == "flag" and (of_flag := await flags.typed(request, ctx, found)):
        return of_flag
    if found.word.word in DRILL_WORDS:
        return await drills.typed(request, ctx, found)
    if found.word.word in REHEARSAL_WORDS:
        return await rehearsing.typed(request, ctx, found)
    if found.word.word in CALENDAR_WORDS:
        return await calendars.typed(request, ctx, found)
    if found.word.word in PEOPLE_WORDS:
        return await people.typed(request, ctx, found)
    facts = facts or await retro.decided_with(ctx, found)
    if not facts and (told := await _not_shipped_here(request, ctx, found)):
        return Answer(private=told)
    meant = dict(facts) if facts and not found.version else await to_change(ctx, found, found.word.event, request.actor)
    if isinstance(meant, Message):
        return Answer(private=meant)
    return await _change(request, ctx, found, meant)


async def _looked(request: Request, ctx: Context, found: Typed, known: Facts | None) -> Answer:
    """A word that shows something; what reads history from git may take longer than Slack waits."""

    async def read(request: Request, ctx: Context) -> Answer:
        return Answer(private=await shown(request, ctx, found, dict(known) if known else None))

    assert found.word is not None
    if found.word.word in READS_GIT and way(request) != "cli":  # a terminal has time
        return await patient(request, ctx, read, answers.looked_for(f"{found.first} {found.rest}"))
    return await read(request, ctx)


async def _checklist(request: Request, ctx: Context, found: Typed, facts: Facts | None) -> Answer:
    meant = facts if facts and not found.versions else await _shown_one(ctx, found)
    if not meant:
        return Answer(private=await shown(request, ctx, found))
    return answer_of(await opened(request, ctx, "checklist", meant))


async def _shown_one(ctx: Context, found: Typed) -> Facts | None:
    return await named(ctx, found.version) if found.version else await look.status(ctx, None)


async def _change(request: Request, ctx: Context, found: Typed, facts: Facts) -> Answer:
    """A word that changes this release."""
    assert found.word is not None
    word = found.word.word
    if word == "approve":
        return await approving.typed(request, ctx, found, facts)
    if word in retro.WORDS:
        return await retro.typed(request, ctx, found, facts)
    if word == "tick" and not f"{found.item}{found.reason}":
        return answer_of(await opened(request, ctx, "checklist", facts))
    if word.startswith("scope "):
        return await scoping.typed(request, ctx, found, facts)
    if word == "classify":
        return await noting.typed(request, ctx, found, facts)
    if word == "freeze" and (told := await _another_day(request, ctx, found, facts)):
        return told
    given = given_by(found, facts)
    if word == "report" and given.get("kind") == "incident":
        return answer_of(await opened(request, ctx, "incident", facts, given={"reason": given["reason"]}))
    if word == "resume" and found.when:
        given["to"] = await departure(ctx, found.when)
    if _has_words(found, given, facts, request):
        return Answer(private=await fire(request, ctx, found.word.event, facts["id"], given=given))
    item = found.role or str(given.get("item") or given.get("concern") or found.item or "")
    return answer_of(await opened(request, ctx, found.word.event, facts, item=item, given=_prefilled(found, given)))


async def _another_day(request: Request, ctx: Context, found: Typed, facts: Facts) -> Answer | None:
    """Before its day a freeze is now: a day alone is no reason, and a reason that begins with one is shown first."""
    tokens, due = found.reason.split(), instant(facts.get("freeze_at"))
    if due is None or due <= request.now:
        return None
    day, used = dates.read(tokens, request.now, (await ctx.policy()).zone) if tokens else (None, 0)
    if day is None:
        return None
    if used == len(tokens):
        return Answer(private=answers.freeze_is_now(facts, found.reason))
    return answer_of(await opened(request, ctx, "freeze_early", facts, given={"reason": found.reason}))


def _has_words(found: Typed, given: Mapping[str, str], facts: Facts, request: Request) -> bool:
    """Whether what was typed is enough to do it, or its form has to ask."""
    assert found.word is not None
    if found.word.word == "resume" and without_place(facts):
        return "to" in given
    if found.word.form == "never":
        return True
    if found.word.form == "always":
        return False
    if found.word.word == "freeze":
        day = instant(facts.get("freeze_at"))
        return bool(found.reason) or day is None or day <= request.now
    if found.word.word == "accept" and "item" not in given:
        return False
    if found.word.word == "report":
        return "kind" in given and bool(given.get("reason"))
    if found.word.word == "override":
        item = given.get("item", "")
        return bool(item) and ("reason" in given or asked_for(facts, item, request.actor))
    if found.word.word in ("settle", "resolve") and "concern" not in given and "incident" not in given:
        return False
    if found.word.word == "untick":
        return "reason" in given
    return bool(found.reason)


async def departure(ctx: Context, when: When) -> str:
    """A day as typed, at the train's hour when none was said."""
    policy = await ctx.policy()
    return when.instant(policy.zone, next(iter(policy.trains.values())).at).isoformat()


def given_by(found: Typed, facts: Facts) -> dict[str, str]:
    """What was typed, as the use case's input."""
    assert found.word is not None
    given = {"reason": found.reason, "role": found.role, "item": found.item}
    if found.word.word in ("tick", "untick", "override"):
        given |= _named_item(found, facts)
    if found.word.word == "depends" and found.people:
        given["owner"] = found.people[0]
    if found.word.word == "depends" and found.when:
        given["due"] = found.when.instant(str(facts.get("zone") or "UTC")).isoformat()
    if found.word.word == "accept":
        given |= scoping.answered_for(found, facts)
    if found.word.word == "flag":
        given |= {"flag": found.item, "item": ""}
    if found.word.word == "report":
        given |= reported_as(found.reason)
    open_ = [str(c["id"]) for c in facts.get("concerns") or ()]
    if found.word.word in ("settle", "carry") and len(open_) == 1:
        given["concern"] = open_[0]
    burning = [str(i["id"]) for i in facts.get("incidents") or () if not i.get("resolved_at")]
    if found.word.word == "resolve" and len(burning) == 1:
        given["incident"] = burning[0]
    return {k: v for k, v in given.items() if v}


def _named_item(found: Typed, facts: Facts) -> dict[str, str]:
    """The item or gate as people call it, by name or title; what is none of them stays as it was typed."""
    assert found.word is not None
    text = f"{found.item} {found.reason}".strip()
    gates = found.word.word == "override"
    item, rest = item_meant(text, of_gates(facts) if gates else of_items(facts), whole=gates)
    if item:
        return {"item": item, "reason": rest}
    return {"item": text[:60]} if found.word.word == "tick" else {}


def reported_as(text: str) -> dict[str, str]:
    """`bug a search ends with an empty page`: what kind of report it is, when the first word says so."""
    first, _, rest = text.partition(" ")
    kind = first.casefold().rstrip(":,")
    return {"kind": kind, "reason": rest.strip()} if kind in ("feedback", "bug", "incident") else {}


def _prefilled(found: Typed, given: Mapping[str, str]) -> dict[str, str]:
    """What was typed, in the fields of the form."""
    filled = dict(given)
    if found.when:
        filled["other"] = found.when.day.isoformat()
        if found.when.at:
            filled["other_at"] = f"{found.when.at:%H:%M}"
    return filled


def answer_of(found: Form | Message) -> Answer:
    return Answer(form=found) if isinstance(found, Form) else Answer(private=found)
