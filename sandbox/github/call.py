"""One call as an endpoint sees it, what it answers, and the row that puts it on the map."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.github.errors import GitHubError, not_found
from sandbox.github.records import Json, Token
from sandbox.github.state import Hub

NULL = type(None)


@dataclass(frozen=True)
class Listing:
    """A list to be cut into pages; with `key` it stands inside an object beside `extra`."""

    items: list[Json]
    key: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """`path` are the variable parts of the address, `body` what was sent (bytes for an upload)."""

    hub: Hub
    token: Token
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    raw: bytes = b""
    content_type: str = ""

    def number(self, name: str = "number") -> int:
        """A number of the address; anything else is not there."""
        text = self.path[name]
        if not text.isascii() or not text.isdigit():
            raise not_found()
        return int(text)

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        """A query word out of `options`; GitHub takes the first one when it is none of them."""
        asked = self.query.get(name, options[0])
        return asked if asked in options else options[0]


Work = Callable[[Call], "Json | Listing | None"]


@dataclass(frozen=True)
class Route:
    """`needs` are permissions of which one is enough; `fields` are the keys that may be sent, with their types."""

    op: str
    method: str
    pattern: re.Pattern[str]
    work: Work
    needs: tuple[str, ...] = ("metadata=read",)
    fields: Mapping[str, tuple[type, ...]] = field(default_factory=dict)
    status: int = 200

    @property
    def writes(self) -> bool:
        return self.method != "GET"


def route(
    op: str, said: str, work: Work, needs: str = "metadata=read", *, fields: Mapping[str, Any] | None = None,
    status: int = 200,
) -> Route:  # fmt: skip
    """A row: `said` is "GET /repos/{repo}/pulls/{number}"; {repo} takes two parts, everything else one."""
    method, _, path = said.partition(" ")
    pattern = re.escape(path).replace(r"\{repo\}", "(?P<repo>[^/]+/[^/]+)")
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern)
    kinds = {name: kind if isinstance(kind, tuple) else (kind,) for name, kind in (fields or {}).items()}
    return Route(op, method, re.compile(pattern), work, tuple(needs.split(" | ")), kinds, status)


def checked(fields: Mapping[str, tuple[type, ...]], body: Json) -> None:
    """Refuse keys that an endpoint does not have, and values of another type."""
    for name, value in body.items():
        if name not in fields:
            raise GitHubError(422, f'Invalid request.\n\n"{name}" is not a permitted key.')
        if not isinstance(value, fields[name]) or (isinstance(value, bool) and bool not in fields[name]):
            kinds = " or ".join("null" if kind is NULL else kind.__name__ for kind in fields[name])
            raise GitHubError(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a {kinds}.")
