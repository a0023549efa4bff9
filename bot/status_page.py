"""GET /status/<secret>: what is live, what comes and what does not work, for people without Slack; with .json as JSON.

The secret is made like that of the calendar; with another number every address that was given away ends.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field

from aiohttp import web

from bot.tokens import part_of_address
from core.errors import NotFound
from core.usecases.context import Context
from core.usecases.status_page import present_number, public_status
from handlers.views.status_page import as_json, page

PATH = "/status/{secret:[0-9a-f]{40}}{form:(?:\\.json)?}"
# No script, no picture and nothing of others; where it is shown, nobody learns the address from it.
HEADERS = {
    "Cache-Control": "private, max-age=60",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(slots=True)
class StatusPage:
    """`base` is where the web server is reached, "" when it is not; `key` makes the secrets."""

    ctx: Context
    key: str = field(repr=False)
    base: str = ""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.handle)]

    def address(self, number: int) -> str:
        """The address with this number; "" where nobody could reach it."""
        return f"{self.base.rstrip('/')}/status/{self.secret(number)}" if self.base and self.key else ""

    def secret(self, number: int) -> str:
        return part_of_address(self.key, "status", self.ctx.product, number)

    async def handle(self, request: web.Request) -> web.Response:
        """200 with the page, 304 when the reader has it, 404 for any other secret than the present one."""
        if not self.key:  # a secret that is made of nothing is none
            return web.Response(status=404)
        present = self.secret(await present_number(self.ctx))  # first, so that strangers make no page be written
        if not hmac.compare_digest(request.match_info["secret"], present):
            return web.Response(status=404)
        try:
            status = await public_status(self.ctx)
        except NotFound:  # before the first policy
            return web.Response(status=404)
        machine = bool(request.match_info["form"])
        text = json.dumps(as_json(status), indent=1, ensure_ascii=False) if machine else page(status)
        body = text.encode()
        tag = hashlib.sha256(body).hexdigest()[:32]
        headers = HEADERS | {"ETag": f'"{tag}"'}
        if any(one.value in (tag, "*") for one in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        kind = "application/json" if machine else "text/html"
        return web.Response(body=body, headers=headers, content_type=kind, charset="utf-8")
