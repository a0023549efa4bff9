"""The arguments of a call, however they came: query, form or JSON."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from sandbox.workspace.errors import SlackError
from sandbox.workspace.records import Json

_BROKEN = object()


class Args:
    """Reads arguments by name and type; what is missing or malformed is refused as Slack does."""

    def __init__(self, raw: Json, as_json: bool = False) -> None:
        self.raw = raw
        self.as_json = as_json

    def text(self, name: str, default: str = "") -> str:
        """A text argument."""
        value = self.raw.get(name)
        if value is None:
            return default
        if isinstance(value, (dict, list)):
            raise SlackError("invalid_arguments", f"[ERROR] must be a string [json-pointer:/{name}]")
        return str(value)

    def need(self, name: str) -> str:
        """A text argument that must be there."""
        value = self.text(name)
        if not value:
            raise SlackError("invalid_arguments", f"[ERROR] missing required field: {name}")
        return value

    def has(self, name: str) -> bool:
        """True when the argument was given."""
        return self.raw.get(name) is not None

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no, as SDKs write it."""
        value = self.raw.get(name)
        if value is None or value == "":
            return default
        return value is True or str(value).lower() in ("1", "true", "t")

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number between 1 and `most`."""
        value = self.raw.get(name)
        if value in (None, ""):
            return default
        try:
            number = int(str(value))
        except ValueError:
            number = 0
        if not 1 <= number <= most:
            raise SlackError("invalid_limit" if name == "limit" else "invalid_arguments")
        return number

    def structure(self, name: str, refusal: str) -> Any:
        """An argument that is JSON, or a string that holds JSON."""
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            value = _parsed(value)
        if value is _BROKEN:
            raise SlackError(refusal)
        return value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return _BROKEN


async def args_of(request: web.Request) -> Args:
    """The arguments of a request: the query, and over it the body."""
    raw: Json = dict(request.query)
    as_json = request.content_type == "application/json"
    if request.method == "POST":
        if as_json:
            body = _parsed(await request.text() or "{}")
            if not isinstance(body, dict):
                raise SlackError("invalid_json")
            raw.update(body)
        else:
            raw.update({key: value for key, value in (await request.post()).items() if isinstance(value, str)})
    return Args(raw, as_json)
