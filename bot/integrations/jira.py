"""Titles and states of issues from Jira, Cloud or Data Center: read only, in batches, never needed."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.integrations.bounded import UNREADABLE, Endless, number, plain, whole
from core.domain.notes.model import Issue
from core.errors import IntegrationError

KEY = re.compile(r"[A-Z][A-Z0-9_]{1,60}-[1-9][0-9]{0,9}")
BATCH = 50
MOST_KEYS = 500  # of one range; the rest stays without a title
LARGEST_ANSWER = 8 * 1024 * 1024
UNNAMED_WAIT, LONGEST_WAIT = 60.0, 3600.0
FIELDS = "summary,status"


@dataclass(frozen=True, slots=True)
class JiraSettings:
    """`url` is the site's address, with a slash at its end. A mail with a token is Jira Cloud, a token alone is the
    personal access token of a Data Center."""

    url: str
    email: str = ""
    token: str = field(default="", repr=False)
    timeout: float = 10.0  # seconds for one request

    @property
    def authorization(self) -> dict[str, str]:
        """The header that says who asks; none where Jira answers everybody."""
        if self.email:
            account = base64.b64encode(f"{self.email}:{self.token}".encode()).decode()
            return {"authorization": f"Basic {account}"}
        return {"authorization": f"Bearer {self.token}"} if self.token else {}


class Jira:
    """The port `Tracker`. The token goes to one address: no redirect is followed."""

    def __init__(self, settings: JiraSettings, session: aiohttp.ClientSession) -> None:
        self.settings = settings
        self._session = session
        self._closed_until = 0.0  # loop time

    async def issues(self, keys: Sequence[str]) -> Mapping[str, Issue]:
        """Those of `keys` that Jira knows and shows us; what is no key of Jira's is not asked about."""
        wanted = [key for key in dict.fromkeys(keys) if KEY.fullmatch(key)][:MOST_KEYS]
        found: dict[str, Issue] = {}
        for start in range(0, len(wanted), BATCH):
            found |= await self._batch(wanted[start : start + BATCH])
        return found

    async def account(self) -> str:
        """The name of the account that the token belongs to."""
        told = await self._get("myself", {})
        return plain(told.get("displayName") if isinstance(told, dict) else "", 80) or "an account without a name"

    async def _batch(self, keys: Sequence[str]) -> dict[str, Issue]:
        """Jira refuses a search that names an issue it does not know, so what is refused is asked in halves."""
        if len(keys) == 1:
            told = await self._get(f"issue/{keys[0]}", {"fields": FIELDS}, but=404)
            return {} if told is None else self._read([told])
        jql = f"key in ({', '.join(keys)})"
        search = "search/jql" if self.settings.email else "search"
        told = await self._get(search, {"jql": jql, "fields": FIELDS, "maxResults": str(BATCH)}, but=400)
        if told is None:
            half = len(keys) // 2
            return await self._batch(keys[:half]) | await self._batch(keys[half:])
        return self._read(told.get("issues") if isinstance(told, dict) else None)

    def _read(self, told: Any) -> dict[str, Issue]:
        try:
            return {issue.key: issue for issue in map(_issue, told)}
        except UNREADABLE as cause:
            raise _error("down", f"an answer that cannot be read ({type(cause).__name__})", retryable=True) from None

    async def _get(self, path: str, query: Mapping[str, str], *, but: int = 0) -> Any:
        """One object; None where Jira answers with the status `but`. Raises IntegrationError."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._closed_until:
            wait = self._closed_until - loop.time()
            raise _error("rate", "its limit is still reached", retryable=True, retry_after=wait)
        try:
            status, headers, raw = await self._once(path, query)
        except (TimeoutError, aiohttp.ClientError, OSError, Endless) as cause:
            raise _error("down", f"no answer ({type(cause).__name__})", retryable=True) from None
        if status == but:
            return None
        if status != 200:
            raise self._refused(status, headers)
        try:
            return json.loads(raw)
        except UNREADABLE as cause:
            raise _error("down", f"an answer that cannot be read ({type(cause).__name__})", retryable=True) from None

    async def _once(self, path: str, query: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        s = self.settings
        headers = {"accept": "application/json"} | s.authorization
        url = f"{s.url}rest/api/{3 if s.email else 2}/{path}"
        timeout = aiohttp.ClientTimeout(total=s.timeout, connect=5.0)
        async with self._session.get(
            url, params=query, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers, await whole(answer, LARGEST_ANSWER)

    def _refused(self, status: int, headers: Mapping[str, str]) -> IntegrationError:
        """What Jira's no means; its own words stay out, they may hold anything."""
        if status == 429:
            wait = _seconds(headers.get("retry-after"))
            self._closed_until = asyncio.get_running_loop().time() + wait
            return _error("rate", "its limit is reached", retryable=True, retry_after=wait, status=status)
        if status in (401, 403):
            return _error("denied", f"it refuses the account ({status})", status=status)
        if 300 <= status < 400:
            return _error("refused", "it sends us elsewhere, and the token stays here: check JIRA_URL", status=status)
        if status >= 500 or status == 408:
            return _error("down", f"it failed ({status})", retryable=True, status=status)
        return _error("missing" if status == 404 else "refused", f"it refused ({status})", status=status)


def _issue(told: Any) -> Issue:
    fields = told["fields"]
    status = fields["status"]
    done = status["statusCategory"]["key"] == "done"
    return Issue(str(told["key"]), plain(fields["summary"], 200), plain(status["name"], 60), done)


def _seconds(text: str | None) -> float:
    told = number(text)
    return min(max(UNNAMED_WAIT if told is None else told, 1.0), LONGEST_WAIT)


def _error(reason: str, words: str, *, retryable: bool = False, **more: Any) -> IntegrationError:
    return IntegrationError("jira", f"Jira: {words}", retryable=retryable, reason=reason, **more)
