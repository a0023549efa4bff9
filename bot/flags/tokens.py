"""Which environment a request for flags may read: one or more tokens for each, never logged or answered."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from aiohttp import web


def environment_of(request: web.Request, tokens: Mapping[str, str]) -> str:
    """The environment of the token that was sent, "" when it is none of ours. `tokens` are environments by token.

    All are compared, each in the same time wherever it differs.
    """
    sent = request.headers.get("Authorization", "") or request.headers.get("X-API-Key", "")
    scheme, _, rest = sent.partition(" ")
    given = (rest if scheme.lower() == "bearer" else sent).strip().encode(errors="surrogateescape")
    found = ""
    for token, environment in tokens.items():
        if hmac.compare_digest(given, token.encode()):
            found = environment
    return found
