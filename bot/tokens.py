"""Tokens that others show us, out of a setting like "ci:token,perf:token"; what is wrong is said without the token."""

from __future__ import annotations

import hashlib
import hmac
import re

from core.domain.evidence.model import CLI, HOST, PERSON
from core.domain.flags.model import ENVIRONMENTS

SHORTEST_SECRET = 16
_LONG = 40  # letters of a secret that is part of an address
_SOURCE = re.compile(r"[a-z][a-z0-9_.-]{0,40}")


def part_of_address(key: str, what: str, product: str, number: int) -> str:
    """A secret that is part of an address: made of our key and a number in the store, so that no backup holds it."""
    said = f"{what}\n{product}\n{number}".encode()
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()[:_LONG]


def sources(text: str) -> dict[str, str]:
    """Source -> token out of "ci:token,perf:token"; what is wrong is said without the token."""
    found: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        source, _, token = part.partition(":")
        if not token or not _SOURCE.fullmatch(source) or source in (PERSON, HOST, CLI):
            raise ValueError("is no list like ci:token,perf:token with a name of its own before each token")
        if source in found or token in found.values():
            raise ValueError(f"names {source} or its token twice")
        if len(token) < SHORTEST_SECRET or not re.fullmatch(r"[!-~]+", token):
            raise ValueError(f"has a token of {source} that is too short: {SHORTEST_SECRET} random characters at least")
        found[source] = token
    return found


def flag_readers(text: str) -> dict[str, str]:
    """Token -> environment out of "production:token,staging:token"; an environment may have several."""
    found: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        environment, _, token = part.partition(":")
        if not token or environment not in ENVIRONMENTS:
            raise ValueError(f"is no list like production:token,staging:token; there are {', '.join(ENVIRONMENTS)}")
        if token in found:
            raise ValueError(f"has the token of {environment} twice")
        if len(token) < SHORTEST_SECRET or not re.fullmatch(r"[!-~]+", token):
            what = f"has a token of {environment} that is too short"
            raise ValueError(f"{what}: {SHORTEST_SECRET} random characters at least")
        found[token] = environment
    return found
