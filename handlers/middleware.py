"""The one place where what goes wrong becomes a kind message: nobody ever sees a traceback or a code alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

from core.errors import Busy, IntegrationError, NotFound, Refused, Stale
from core.usecases import look
from handlers.ground import ground
from handlers.request import Answer, Message, Request
from handlers.views import answers, inputs, refusals

if TYPE_CHECKING:
    from core.usecases.context import Context

Route = Callable[[Request, "Context"], Awaitable[Answer]]


async def answered(request: Request, ctx: Context, route: Route) -> Answer:
    """The route's answer, or kind words about what went wrong."""
    try:
        try:
            return await route(request, ctx)
        except (Refused, Stale, NotFound) as error:
            return say(request, await _explained(request, ctx, error))
    except Busy:
        return say(request, answers.busy())
    except IntegrationError as error:
        structlog.get_logger("handlers").warning("integration_failed", vendor=error.vendor, why=str(error))
        return say(request, answers.unreachable(error.vendor, error.retryable, error.facts))
    except Exception:  # noqa: BLE001  the one place that turns our own faults into words
        number = reference(request)
        structlog.get_logger("handlers").exception(
            "handler_failed", reference=number, kind=request.kind, action=request.action_id, form=request.callback_id
        )
        return say(request, answers.broken(number))


async def _explained(request: Request, ctx: Context, error: Refused | Stale | NotFound) -> Message:
    if isinstance(error, Refused):
        facts = error.facts.get("facts")
        known = dict(facts) if isinstance(facts, dict) else await ground(ctx)
        if "version" in error.facts and "tag" not in known:
            known["tag"] = f"v{error.facts['version']}"
        asked = error.asked or request.action_id or "do this"
        return refusals.refusal(asked, error.blockers, known, request.actor, request.now)
    if isinstance(error, Stale):
        facts = error.facts.get("facts")
        return answers.stale(facts, request.now) if isinstance(facts, dict) else answers.old_button(None)
    if error.facts.get("name"):
        return answers.no_ref(str(error.facts["name"]))
    return answers.no_version(
        str(error.facts.get("version") or error.facts.get("id") or "such release"),
        await look.open_releases(ctx),
        await ground(ctx),
    )


def say(request: Request, message: Message) -> Answer:
    """Words in the place where the request was made."""
    if request.kind == "mention":
        return Answer(in_thread=message)
    if request.kind == "action" and request.view_id and not request.from_home:
        return Answer(form=inputs.told("Release Bot", message.blocks))
    return Answer(private=message)


def reference(request: Request) -> str:
    """Four signs that find the request in the log: `7K2F`."""
    text = f"{request.key}|{request.actor}|{request.now.isoformat()}"
    return base64.b32encode(hashlib.blake2s(text.encode("utf-8", "replace")).digest()).decode()[:4]
