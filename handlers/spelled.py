"""Slack's own spelling inside what people write: mentions, channels and links become the words that they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.usecases.context import Context

_SPELLED = re.compile(r"<([@#!])?([^<>|\s]+)(?:\|([^<>]*))?>")


async def in_words(ctx: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """The same answers, with names where Slack wrote ids: a reason is read by people and kept for years."""
    spelled = {key for key, value in given.items() if isinstance(value, str) and _SPELLED.search(value)}
    if not spelled:
        return dict(given)
    policy = await ctx.policy()
    names = {person.slack: person.name for person in policy.people.values()}
    return {key: plainly(value, names) if key in spelled else value for key, value in given.items()}


def plainly(text: str, names: Mapping[str, str]) -> str:
    """`<@U0MIRA>` as `@Mira`, `<#C1|releases>` as `#releases`, `<!here>` as `@here`, `<https://x|y>` as `https://x`."""

    def word(found: re.Match[str]) -> str:
        sign, what, label = found[1], found[2], found[3]
        if sign == "@":
            return f"@{names.get(what) or label or what}"
        if sign == "#":
            return f"#{label or what}"
        if sign == "!":
            return label or f"@{what.partition('^')[0]}"
        known = what.startswith(("https://", "http://", "mailto:", "tel:"))
        return what.removeprefix("mailto:").removeprefix("tel:") if known else found[0]

    return _SPELLED.sub(word, text)
