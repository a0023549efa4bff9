"""GET /status/<secret>: what is live, what comes and what does not work, for people without Slack; .json as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from aiohttp import web

from bot.secret_address import SECRET, SecretAddress
from core.usecases.addresses import Which
from core.usecases.status_page import public_status
from handlers.views.status_page import as_json, page


class StatusPage(SecretAddress):
    """No script, no picture and nothing of others."""

    __slots__ = ()
    which: ClassVar[Which] = "page"
    name: ClassVar[str] = "status"
    path: ClassVar[str] = f"/status/{SECRET}{{form:(?:\\.json)?}}"
    headers: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "Cache-Control": "private, max-age=60",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
            "base-uri 'none'",
            "X-Content-Type-Options": "nosniff",
        }
    )

    async def body(self, request: web.Request) -> tuple[bytes, str]:
        """Raises NotFound before the first policy."""
        status = await public_status(self.ctx)
        if request.match_info["form"]:
            return json.dumps(as_json(status), indent=1, ensure_ascii=False).encode(), "application/json"
        return page(status).encode(), "text/html"
