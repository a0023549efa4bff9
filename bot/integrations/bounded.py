"""What strangers answer, kept within bounds: a body up to a size, words on one line, seconds that are believed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

import aiohttp

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)  # what parsing foreign bytes raises
MOST_WORDS = 300


class Endless(ValueError):
    """An answer is longer than anything that was asked for."""


async def whole(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """All bytes of an answer. Raises Endless beyond `most` of them."""
    parts, size = [], 0
    async for part in answer.content.iter_chunked(256 * 1024):
        parts.append(part)
        size += len(part)
        if size > most:
            raise Endless
    return b"".join(parts)


def plain(text: Any, most: int = MOST_WORDS) -> str:
    """Somebody else's words as one printable line that is not too long."""
    line = "".join(letter if letter.isprintable() else " " for letter in str(text)).strip()
    return line if len(line) <= most else f"{line[: most - 1]}…"


def number(text: str | None) -> float | None:
    """The number that a header names; None where it names none."""
    try:
        found = float(text) if text is not None else None
    except ValueError:
        return None
    return found if found is not None and isfinite(found) else None


def dated(headers: Mapping[str, str]) -> datetime | None:
    """The instant at which an answer was given, by the answering machine's own clock, UTC."""
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return None
