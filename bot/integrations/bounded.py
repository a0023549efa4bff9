"""The body of a foreign answer, read up to a size: a stranger's answer may have no end."""

from __future__ import annotations

import aiohttp


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
