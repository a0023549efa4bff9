"""Words about environments and about everything at once: lock, unlock, data, pause, resume all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.domain.environments import name_of
from core.errors import Blocker, Refused
from core.usecases import environments, integrating, look, pausing
from core.usecases.advance import Ask
from handlers import dates
from handlers.choosing import named
from handlers.forms.opening import opened
from handlers.ground import ground
from handlers.ids import Target
from handlers.moves import way
from handlers.parsing import Typed, version_in
from handlers.request import Answer, Form, Message, Request
from handlers.spelled import in_words
from handlers.views import environments as views
from handlers.views.lists import picker
from handlers.views.writing import instant

if TYPE_CHECKING:
    from core.usecases.context import Context

EVENING = time(17)  # when a lock ends on a day for which no hour was said
_USES: dict[str, Callable[[Context, Ask], Awaitable[dict[str, Any]]]] = {
    "lock": environments.lock,
    "unlock": environments.unlock,
    "data": environments.data,
    "deploy": integrating.put,
    "pause": pausing.pause,
    "unpause": pausing.unpause,
}


async def typed(request: Request, ctx: Context, found: Typed) -> Answer:
    """`lock staging the load test until friday 18:00`, `data staging 2 nov`, `pause the office moves`."""
    assert found.word is not None
    event = found.word.event
    if event == "deploy":
        return Answer(private=await _put(request, ctx, found.reason.split()))
    given = await _given(request, ctx, event, found.reason)
    if _enough(event, given) or (event == "unlock" and await _own(ctx, request.actor, given)):
        return Answer(private=await fire(request, ctx, event, given))
    return await form(request, ctx, event, given)


async def pressed(request: Request, ctx: Context, event: str, target: Target) -> Answer:
    """A button on an environment, or one that lets everything go on."""
    if event == "deploy":
        what = {"release": target.release} if target.release else {"develop": True}
        return Answer(private=await fire(request, ctx, event, what))
    if event == "unpause":
        return Answer(private=await fire(request, ctx, event, {}), home=True)
    return await form(request, ctx, event, {"environment": target.item})


async def _put(request: Request, ctx: Context, tokens: list[str]) -> Message:
    """`deploy integration 1.3.0`, `deploy integration develop`; without a version the only release with a candidate."""
    where = name_of(tokens[0]) if tokens else None
    rest = tokens[1:] if where else tokens
    if where not in (None, "integration"):
        raise Refused([Blocker("environment.only", {"environment": where})], asked="deploy")
    if rest and rest[0].casefold() == integrating.DEVELOP:
        return await fire(request, ctx, "deploy", {"develop": True})
    version = version_in(rest[0].casefold()) if rest else ""
    if version:
        return await fire(request, ctx, "deploy", {"release": (await named(ctx, version))["id"]})
    found = [f for f in await look.open_releases(ctx) if f.get("candidate") and not f.get("live_at")]
    if len(found) > 1:
        return picker("put it on integration", found, [f"deploy integration {f['version']}" for f in found])
    if not found:
        raise Refused([Blocker("has_candidate")], asked="deploy")
    return await fire(request, ctx, "deploy", {"release": found[0]["id"]})


async def _given(request: Request, ctx: Context, event: str, text: str) -> dict[str, str]:
    """What was typed: the environment first, a day or an end with `until` last, the reason between."""
    tokens = text.split()
    if event in ("pause", "unpause"):
        return {"reason": text}
    where = name_of(tokens[0]) if tokens else None
    tokens = tokens[1:] if where else tokens
    given: dict[str, str] = {"environment": where or ("production" if event == "unlock" else "")}
    if event == "unlock":
        return given | {"reason": " ".join(tokens)}
    zone = (await ctx.policy()).zone
    if event == "data":
        when, _ = dates.read(tokens[1:] if tokens[:1] == ["of"] else tokens, request.now, zone)
        return given | {"day": when.day.isoformat() if when else ""}
    marks = [i for i, token in enumerate(tokens) if token.casefold() == "until"]
    if marks:
        when, used = dates.read(tokens[marks[-1] + 1 :], request.now, zone)
        if when and used == len(tokens) - marks[-1] - 1:
            given["until"] = when.instant(zone, EVENING).isoformat()
            tokens = tokens[: marks[-1]]
    return given | {"reason": " ".join(tokens)}


def _enough(event: str, given: Mapping[str, str]) -> bool:
    """Whether what was typed can be done, or its form has to ask."""
    needs = {"lock": ("environment", "reason"), "data": ("environment", "day"), "pause": ("reason",)}
    return all(given.get(name) for name in needs.get(event, ("reason",))) or event == "unpause"


async def _own(ctx: Context, actor: str, given: Mapping[str, str]) -> bool:
    """Whether the lock that would be cleared is the person's own: that needs no reason."""
    env = (await environments.all_environments(ctx))[given["environment"]]
    left_behind = bool((env["lock"] or {}).get("until_cleared"))
    return not left_behind and bool(env["kept"]) and env["kept"]["by"] == actor


async def form(request: Request, ctx: Context, event: str, given: Mapping[str, str] | None = None) -> Answer:
    """The form of one of the words; that of `unlock` says whose lock it clears."""
    known, words = await ground(ctx), {k: v for k, v in (given or {}).items() if v}
    where = words.get("environment") or "production"
    note = views.locks((await environments.all_environments(ctx))[where], known) if event == "unlock" else ""
    found = await opened(request, ctx, event, known, item=words.get("environment", ""), given=words, note=note)
    return Answer(form=found) if isinstance(found, Form) else Answer(private=found)


async def fire(request: Request, ctx: Context, event: str, given: Mapping[str, Any]) -> Message:
    """Do it, or raise Refused with every reason."""
    answers = {k: v for k, v in (await in_words(ctx, given)).items() if v}
    if event == "data" and (at := instant(answers.get("day"))) is not None:  # a form's day comes as an instant
        answers["day"] = at.astimezone(ZoneInfo((await ctx.policy()).zone)).date().isoformat()
    ask = Ask(request.actor, event, input=answers, key=request.key or None, via=way(request))
    return views.done(await _USES[event](ctx, ask), await ground(ctx))
