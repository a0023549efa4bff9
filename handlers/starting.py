"""Start a release: typed with a kind it opens at once, otherwise through its form."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.domain.release import ReleaseType
from core.domain.versions import Version
from core.errors import Refused
from core.usecases import look
from core.usecases.advance import Ask
from core.usecases.start import propose, start
from handlers import ids
from handlers.forms import start as start_fields
from handlers.forms.opening import start_form
from handlers.ground import ground
from handlers.moves import way
from handlers.parsing import KINDS, Typed
from handlers.request import Answer, Message, Request
from handlers.spelled import in_words
from handlers.views import done as words
from handlers.views import inputs
from handlers.views.reasons import reasons
from handlers.views.writing import plain, spoken

if TYPE_CHECKING:
    from core.usecases.context import Context

_UNREAD = re.compile(  # a number or a day that could not be read: the form asks instead of taking another one
    r"v?\d+\.\d+\.|\d{4}-\d{1,2}-\d|\d{1,2}\.? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE
)


async def typed(request: Request, ctx: Context, found: Typed) -> Answer:
    """`start minor`, `start hotfix 1.2.2 payments fail`; without enough words the form with what was typed."""
    given: dict[str, Any] = {"reason": found.reason, "lead": found.people[0] if found.people else ""}
    kind, version = found.kind or _kind_of(found.version), Version.maybe(found.version)
    if found.when:
        policy = await ctx.policy()
        train = next(iter(policy.trains.values()))
        given["departs_at"] = found.when.instant(policy.zone, train.at).isoformat()
    if version and (kind != "hotfix" or version.hotfix):
        given["version"] = str(version)
    elif version:
        given["base"] = version.tag  # `start hotfix 1.2.2`: what is fixed, not the new number
    fix = kind in ("patch", "hotfix")
    if not found.kind or (fix and not found.reason) or _UNREAD.match(found.reason):
        shown = {k: str(v) for k, v in given.items() if k in ("reason", "lead", "version")}
        if not kind and found.reason and not _UNREAD.match(found.reason):
            shown["note"] = f"“{plain(found.reason, 60)}” names no kind that I know. Choose one of these."
        return Answer(
            form=await start_form(request, ctx, kind or "minor", shown | {"train": given.get("departs_at", "")})
        )
    return Answer(private=await _open(request, ctx, given | {"kind": kind}))


def _kind_of(text: str) -> str:
    """The kind that a version looks like."""
    version = Version.maybe(text)
    if version is None:
        return ""
    if version.hotfix:
        return "hotfix"
    return "patch" if version.patch else "minor" if version.minor else "major"


async def _open(request: Request, ctx: Context, given: dict[str, Any]) -> Message:
    kept = {k: v for k, v in (await in_words(ctx, given)).items() if v not in ("", None, [])}
    result = await start(ctx, Ask(request.actor, "start", input=kept, key=request.key or None, via=way(request)))
    return words.started(result.facts, result.notes.get("reasons") or ())


async def chosen_kind(request: Request, ctx: Context) -> Answer:
    """Another kind was chosen in the open form: the proposal follows, what was typed stays."""
    _, channel, before = ids.read_metadata(request.private_metadata)
    kind = request.value if request.value in KINDS else "minor"
    given = start_fields.answers(request.values, before)
    kept = {k: given.get(k, "") for k in ("lead", "reason", "picks", "title")}
    return Answer(form=await start_form(_in(request, channel), ctx, kind, kept))


async def submitted(request: Request, ctx: Context) -> Answer:
    """The form was sent."""
    _, channel, drawn = ids.read_metadata(request.private_metadata)
    given = start_fields.answers(request.values, drawn)
    kind = given.get("type") or drawn
    asked: dict[str, Any] = {k: given.get(k, "") for k in ("version", "lead", "reason", "title")}
    asked |= {
        "kind": kind,
        "departs_at": given.get("train", ""),
        "picks": list(start_fields.picks(given.get("picks", ""))),
    }
    if kind != drawn:  # Enter was faster than the new proposal: show it first
        return Answer(form=await start_form(_in(request, channel), ctx, kind, {"lead": given.get("lead", "")}))
    try:
        message = await _open(request, ctx, asked)
    except Refused as refused:
        return await _refused(request, ctx, refused, drawn)
    return Answer(form=inputs.told(f"{message.text.partition(' ')[0]} is started", message.blocks), home=True)


async def _refused(request: Request, ctx: Context, refused: Refused, drawn: str) -> Answer:
    """Words at the fields; what fits no field stands at the version. Of a number in flight, the way to it."""
    known = await ground(ctx)
    open_ = {f["version"]: f for f in await look.open_releases(ctx)}
    errors: dict[str, str] = {}
    for found, blocker in zip(reasons(list(refused.blockers), known), _ordered(refused), strict=True):
        field = start_fields.FIELDS.get(blocker.code, "version")
        block = next((k for k in request.values if k.partition(".")[0] == field), f"version.{drawn}")
        text = spoken(found.detail, known)
        taken = open_.get(str(blocker.facts.get("version") or "").removeprefix("v"))
        if blocker.code == "version_free" and taken:
            text = f"{taken['tag']} is already in flight."
        errors[block] = f"{errors[block]} {text}" if block in errors else text
    if (block := f"version.{drawn}") in errors:
        free = await propose(ctx, ReleaseType(drawn), actor=request.actor)
        errors[block] += f" Next free: {free.version}"
    return Answer(errors=errors)


def _ordered(refused: Refused) -> list[Any]:
    return [*(x for x in refused.blockers if not x.later), *(x for x in refused.blockers if x.later)]


def _in(request: Request, channel: str) -> Request:
    return replace(request, channel=channel or request.channel)
