"""GitHub's webhook: a signed knock that makes us look again. What it says is never believed, so it is never parsed.

The one exception is a job that asks whether it may deploy: its question is kept with the knock and answered later.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.logging import log
from bot.protecting import KIND, asked_of
from bot.replies import AfterAnswer
from core.domain.effects import CLICK
from core.errors import Busy, IntegrationError, NotFound
from core.store import inbox
from core.store.unit_of_work import Store, Unit

GITHUB_PATH = "/github/webhook"
LARGEST_BODY = 25 * 1024 * 1024  # GitHub sends no larger one
GIT = frozenset({"push", "create", "delete"})
FORGE = frozenset(
    {
        "pull_request",
        "pull_request_review",
        "check_run",
        "check_suite",
        "workflow_run",
        "status",
        "release",
        "milestone",
        "issues",
    }
)
RULE = "deployment_protection_rule"
LARGEST_QUESTION = 1024 * 1024
FRESH, KNOWN = 0.0, 30.0  # seconds that what is known of the remote may be old: a push just changed it
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")

Look = Callable[[float], Awaitable[object]]

_log = log("bot.github_hook")


@dataclass(slots=True)
class GitHubHook:
    """`look` reads remote and forge again; many knocks while it looks make one more look, not many."""

    secret: str = field(repr=False)
    store: Store
    look: Look
    after: AfterAnswer
    chain: str  # the product's, which keeps questions in order
    _wanted: float | None = None  # how old the remote may be for the look that is still to come
    _looking: bool = False

    async def handle(self, request: web.Request) -> web.Response:
        """202 for a look, 204 for what is none of ours or came before; a wrong signature is told nothing."""
        if (request.content_length or 0) > LARGEST_BODY:
            return web.Response(status=413)
        signature = request.headers.get("X-Hub-Signature-256", "")
        if not signature.startswith("sha256="):
            return _unsigned(request)
        event, delivery = _word(request, "X-GitHub-Event"), _word(request, "X-GitHub-Delivery")
        kept = bytearray() if event == RULE else None
        told = await self._digest(request, kept)
        if told is None:
            return web.Response(status=413)
        if not hmac.compare_digest(told, signature.encode(errors="surrogateescape")):
            return _unsigned(request)
        question = None if kept is None else asked_of(bytes(kept))
        if event not in GIT | FORGE and question is None:
            return web.Response(status=204)
        if not _DELIVERY.fullmatch(delivery):
            return web.Response(status=400, text="X-GitHub-Delivery is missing")
        try:
            new = await self._is_new(f"hook:{delivery}", question)
        except Busy:
            return web.Response(status=503)
        if new and question is None:
            self._want(FRESH if event in GIT else KNOWN)
        return web.Response(status=202 if new else 204)

    async def _digest(self, request: web.Request, kept: bytearray | None) -> bytes | None:
        """What the signature must be, from the body as it comes in; None when it does not end in time. A question is
        kept, all else is not."""
        digest, size = hmac.new(self.secret.encode(), digestmod=hashlib.sha256), 0
        async for part in request.content.iter_chunked(64 * 1024):
            size += len(part)
            if size > LARGEST_BODY:
                return None
            digest.update(part)
            if kept is not None and len(kept) <= LARGEST_QUESTION:
                kept += part
        return f"sha256={digest.hexdigest()}".encode()

    async def _is_new(self, key: str, question: Mapping[str, Any] | None) -> bool:
        async with self.store.database.reader.connect() as conn:
            if await inbox.known(conn, key):
                return False

        async def work(unit: Unit) -> None:
            """The key is all that is kept, but for a question, which is answered after this."""
            if question is not None:
                lane = f"{self.chain}:rule:{question['environment']}"
                await unit.outbox(lane, KIND, question, cause=self.chain, rank=CLICK)

        chains = () if question is None else (self.chain,)
        await self.store.unit(work, verb="hook.seen", key=key, chains=chains)
        return True

    def _want(self, max_age: float) -> None:
        self._wanted = max_age if self._wanted is None else min(self._wanted, max_age)
        if not self._looking:
            self._looking = True
            self.after.start(self._look(), "look")

    async def _look(self) -> None:
        """Until nobody has knocked meanwhile. What fails now is looked at again by the scheduler within a minute."""
        try:
            while self._wanted is not None:
                max_age, self._wanted = self._wanted, None
                try:
                    await self.look(max_age)
                except (Busy, IntegrationError, NotFound) as error:
                    _log.warning("look_put_off", why=str(error))
        finally:
            self._looking = False


def _unsigned(request: web.Request) -> web.Response:
    """No detail: whoever has the secret finds the reason in our log."""
    _log.warning("hook_not_signed", event_kind=_word(request, "X-GitHub-Event"))
    return web.Response(status=401)


def _word(request: web.Request, header: str) -> str:
    return request.headers.get(header, "")[:80]
