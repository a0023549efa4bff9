"""One call after another to one host: the token goes nowhere else, limits are kept, errors have one shape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp

from bot.integrations.bounded import UNREADABLE, Endless, dated, number, plain, whole
from core.domain.pipeline.hosted import Deployed
from core.domain.secrets import redact
from core.errors import IntegrationError

LARGEST_ANSWER = 8 * 1024 * 1024
UNNAMED_WAIT, LONGEST_WAIT = 30.0, 3600.0
AN_EPOCH = 1_000_000_000.0  # a reset beyond it is an instant, below it a number of seconds
AT_ONCE = 8
TRIES = 2  # of a question that failed on the way; what changes something is asked once
BREATH = 0.3  # seconds between them
SKEW = timedelta(minutes=1)  # that a host's clock may be behind ours
RESETS = ("retry-after", "ratelimit-reset", "x-ratelimit-reset")

T = TypeVar("T")
Query = Mapping[str, str | int]
Body = Mapping[str, Any]
Words = Callable[[Any], str]  # what a refusal's body says, in the host's own words


@dataclass(frozen=True, slots=True)
class Address:
    """Where a host's API is and who asks; `title` is what people call the host."""

    host: str
    title: str
    url: str  # ends with a slash
    token: str = field(repr=False)
    timeout: float = 5.0  # seconds for one call: a look at a step shall be quick


class Line:
    """The calls to one host. Raises IntegrationError and nothing else."""

    def __init__(self, address: Address, session: aiohttp.ClientSession, words: Words) -> None:
        self.address = address
        self._session = session
        self._words = words
        self._room = asyncio.Semaphore(AT_ONCE)
        self._closed_until = 0.0  # loop time

    async def get(self, path: str, query: Query | None = None) -> Any:
        """One object or list. A failure on the way is asked once more."""
        for attempt in range(1, TRIES + 1):
            try:
                return await self._ask("GET", path, query, None, {})
            except IntegrationError as failed:
                if attempt == TRIES or failed.facts.get("reason") != "down":
                    raise
                await asyncio.sleep(BREATH)
        raise AssertionError("a loop with an end")

    async def send(
        self, method: str, path: str, body: Body | None = None, *, query: Query | None = None, key: str = ""
    ) -> Any:
        """One change, asked once; None where the host answers nothing. `key` is for hosts that do a key once."""
        return await self._ask(method, path, query, body or {}, {"idempotency-key": key} if key else {})

    def made(self, read: Callable[[], T]) -> T:
        """What `read` makes of an answer. Raises IntegrationError when it is not what the host answers."""
        try:
            return read()
        except UNREADABLE as cause:
            words = f"an answer that cannot be read ({type(cause).__name__})"
            raise self.error("down", words, retryable=True) from None

    def error(self, reason: str, words: str, *, retryable: bool = False, **more: Any) -> IntegrationError:
        """One IntegrationError of this host; `more` are its facts, `doubt` and `retry_after`."""
        told = f"{self.address.title}: {words}"
        if self.address.token:
            told = told.replace(self.address.token, "(hidden)")
        return IntegrationError(self.address.host, redact(told)[0], retryable=retryable, reason=reason, **more)

    async def _ask(
        self, method: str, path: str, query: Query | None, body: Body | None, headers: Mapping[str, str]
    ) -> Any:
        loop, writes = asyncio.get_running_loop(), method != "GET"
        if loop.time() < self._closed_until:
            wait = self._closed_until - loop.time()
            raise self.error("rate", "its limit is still reached", retryable=True, retry_after=wait)
        try:
            status, told, raw = await self._once(method, path, query, body, headers)
        except (TimeoutError, aiohttp.ClientError, OSError, Endless) as cause:
            doubt = writes and not isinstance(cause, aiohttp.ClientConnectorError)
            raise self.error("down", f"no answer ({type(cause).__name__})", retryable=True, doubt=doubt) from None
        if not 200 <= status < 300:
            raise self._refused(status, told, raw, writes=writes)
        try:
            return json.loads(raw) if raw.strip() else None
        except UNREADABLE as cause:
            words = f"an answer that cannot be read ({type(cause).__name__})"
            raise self.error("down", words, retryable=True, doubt=writes) from None

    async def _once(
        self, method: str, path: str, query: Query | None, body: Body | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        sent = {"accept": "application/json", "user-agent": "release-bot", **headers}
        if self.address.token:
            sent["authorization"] = f"Bearer {self.address.token}"
        timeout = aiohttp.ClientTimeout(total=self.address.timeout, connect=4.0)
        url = f"{self.address.url}{path}"
        async with self._room, self._session.request(
            method, url, params=query, json=body, headers=sent, timeout=timeout, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers, await whole(answer, LARGEST_ANSWER)

    def _refused(self, status: int, headers: Mapping[str, str], raw: bytes, *, writes: bool) -> IntegrationError:
        """What a no of the host's means."""
        if status == 429:
            wait = _wait(headers)
            self._closed_until = asyncio.get_running_loop().time() + wait
            return self.error("rate", "its limit is reached", retryable=True, retry_after=wait, status=status)
        if status >= 500 or status == 408:
            return self.error("down", f"it failed ({status})", retryable=True, doubt=writes, status=status)
        said = self._said(raw)
        if status in (401, 403):
            return self.error("denied", f"it refuses the token ({status}{said})", status=status)
        if 300 <= status < 400:
            return self.error("refused", f"it sends us elsewhere ({status}), and the token stays here", status=status)
        if status in (409, 423):
            return self.error("busy", f"not now ({status}{said})", retryable=True, retry_after=5.0, status=status)
        reason = "missing" if status in (404, 410) else "refused"
        return self.error(reason, f"it refuses ({status}{said})", status=status)

    def _said(self, raw: bytes) -> str:
        try:
            said = plain(self._words(json.loads(raw)))
        except UNREADABLE:
            return ""
        return f", {said}" if said else ""


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds until the host may be asked again, by its own clock where it names an instant."""
    told = next((found for name in RESETS if (found := number(headers.get(name))) is not None), UNNAMED_WAIT)
    here = dated(headers)
    if told > AN_EPOCH:
        told = told - here.timestamp() if here is not None else UNNAMED_WAIT
    return min(max(told, 1.0), LONGEST_WAIT)


def chosen(found: Sequence[Deployed], commit: str, key: str, since: datetime) -> Deployed | None:
    """Ours by its key, else the newest of the commit; `found` are the newest first, and none from before `since`."""
    fits = [one for one in found if one.commit == commit and (one.created_at is None or one.created_at >= since)]
    return next((one for one in fits if key and one.key == key), fits[0] if fits else None)


def part(text: str) -> str:
    """One part of a path, escaped: what people wrote never becomes another address."""
    return quote(text, safe="")


def instant(text: Any) -> datetime | None:
    """An ISO-8601 text or milliseconds since the epoch, as hosts write them; None for nothing. Raises ValueError."""
    if text in (None, ""):
        return None
    if isinstance(text, int | float):
        return datetime.fromtimestamp(text / 1000, UTC)
    at = datetime.fromisoformat(str(text))
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
