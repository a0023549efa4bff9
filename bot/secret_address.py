"""GET of what only those read who have its address: an ETag for readers who come again, 404 for any other secret.

The secret is made of Slack's signing secret and a number in the store, so that no backup and no export holds it; with
another number every address that was given away ends.
"""

from __future__ import annotations

import hashlib
import hmac
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from aiohttp import web

from bot.tokens import part_of_address
from core.errors import NotFound
from core.usecases.addresses import Which, number_of
from core.usecases.context import Context

SECRET = "{secret:[0-9a-f]{40}}"


@dataclass(slots=True)
class SecretAddress(ABC):
    """`base` is where the web server is reached, "" when it is not; `key` makes the secrets."""

    ctx: Context
    key: str = field(repr=False)
    base: str = ""
    which: ClassVar[Which]
    name: ClassVar[str]  # of the folder; the secret is made of it, too
    ending: ClassVar[str] = ""
    path: ClassVar[str]
    headers: ClassVar[Mapping[str, str]]

    def routes(self) -> list[web.RouteDef]:
        return [web.get(self.path, self.handle)]

    def address(self, number: int) -> str:
        """The address with this number; "" where nobody could reach it."""
        where = f"/{self.name}/{self.secret(number)}{self.ending}"
        return f"{self.base.rstrip('/')}{where}" if self.base and self.key else ""

    def secret(self, number: int) -> str:
        return part_of_address(self.key, self.name, self.ctx.product, number)

    @abstractmethod
    async def body(self, request: web.Request) -> tuple[bytes, str]:
        """What is read there, and its content type. Raises NotFound before there is anything."""

    async def handle(self, request: web.Request) -> web.Response:
        """200 with the body, 304 when the reader has it, 404 for any other secret than the present one."""
        if not self.key:  # a secret that is made of nothing is none
            return web.Response(status=404)
        present = self.secret(await number_of(self.ctx, self.which))  # first, so that strangers make nothing be drawn
        if not hmac.compare_digest(request.match_info["secret"], present):
            return web.Response(status=404)
        try:
            body, kind = await self.body(request)
        except NotFound:  # before the first policy
            return web.Response(status=404)
        tag = hashlib.sha256(body).hexdigest()[:32]
        headers = {**self.headers, "ETag": f'"{tag}"', "Referrer-Policy": "no-referrer"}
        if any(one.value in (tag, "*") for one in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers, content_type=kind, charset="utf-8")
