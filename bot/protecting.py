"""A job of GitHub Actions asks whether it may deploy: the question out of a signed webhook, and the answer in words.

It is of no release, as are deployments of the environments before staging.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.integrations.bounded import UNREADABLE, plain
from core.errors import IntegrationError
from core.usecases import forge, protecting
from core.usecases.context import Context
from core.usecases.protecting import Verdict
from handlers.spelled import plainly
from handlers.views.reasons import reasons

KIND = "forge.protect"
LONGEST = 1000  # of a comment, in characters
FEW = 10  # reasons that are spelled out


def asked_of(raw: bytes) -> dict[str, Any] | None:
    """What is asked; None where the body asks for nothing. Its address is looked at again before a token goes there."""
    try:
        told = json.loads(raw)
        if told["action"] != "requested":
            return None
        return {
            "environment": plain(told["environment"], 100),
            "sha": plain(told["deployment"]["sha"], 64),
            "callback": str(told["deployment_callback_url"])[:500],
            "installation": int(told["installation"]["id"]),
        }
    except UNREADABLE:
        return None


async def alone(ctx: Context, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the host of the code is asked that is of no release. Raises IntegrationError."""
    if kind == KIND:
        return await answer(ctx, body)
    await forge.done(ctx, 0, kind, body)
    return {"host": ctx.forge is not None}


async def answer(ctx: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    """Judge and tell GitHub; asked twice it says the same of the same moment. Raises IntegrationError."""
    found = await protecting.verdict(ctx, str(body["environment"]), str(body["sha"]))
    names = {person.slack: person.name for person in (await ctx.policy()).people.values()}
    words = plain(plainly(_words(found, str(body["environment"])), names), LONGEST)
    if ctx.forge is None:
        return {"answered": False}
    try:
        await ctx.forge.answer_rule(body, found.allowed, words)
    except IntegrationError as error:
        if error.facts.get("reason") in ("missing", "refused"):  # the job does not wait any more
            return {"answered": False, "why": str(error)}
        raise
    return {"answered": True, "allowed": found.allowed, "said": words}


def _words(found: Verdict, environment: str) -> str:
    version = f"v{found.version}" if found.version else "nothing"
    match found.said:
        case "run":
            return f"{version} is on its way to {environment}, begun by <@{found.by}>."
        case "there":
            return f"{version} runs on {environment} already."
        case "free":
            return f"{environment} is free."
        case "locked":
            return f"{environment} is locked by <@{found.by}>; `/release environments` says why and until when."
        case "unknown":
            return "No open release has this commit as its candidate."
        case "nobody":
            return f"{version} is ready, and nobody has said go."
    told = [reason.title for reason in reasons(found.blockers, found.facts)]
    more = f", and {len(told) - FEW} more" if len(told) > FEW else ""
    return f"{version} may not go yet. It waits for: {'; '.join(told[:FEW])}{more}."
