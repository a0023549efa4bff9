"""One request after another to one API: the token goes nowhere else, limits are kept, errors have one shape."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import aiohttp
from gidgethub import HTTPException
from gidgethub.abc import GitHubAPI

from bot.integrations.bounded import UNREADABLE, Endless, plain, whole
from bot.integrations.github.errors import error, refused
from bot.integrations.github.settings import GitHubSettings, origin_of
from core.errors import IntegrationError

REQUESTER = "release-bot"
AT_ONCE = 8  # requests under way; GitHub asks for few
LARGEST_ANSWER = 32 * 1024 * 1024
MOST_REDIRECTS = 3
MOST_PAGES = 400  # of one list: pages may be small, and pages without items would never reach any other limit
ACCEPTED = "application/vnd.github+json"
MOST_REMEMBERED = 4000  # items in remembered answers, over all of them

T = TypeVar("T")
Answer = tuple[int, Mapping[str, str], bytes]
Remembered = tuple[str | None, str | None, Any, str | None]


class Memory(MutableMapping[str, Remembered]):
    """Answers with their ETags, the least used forgotten first: an unchanged one costs nothing of the limit."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._held: OrderedDict[str, Remembered] = OrderedDict()
        self._most, self._weight = most, 0

    def __getitem__(self, url: str) -> Remembered:
        self._held.move_to_end(url)
        return self._held[url]

    def __setitem__(self, url: str, answer: Remembered) -> None:
        self.pop(url, None)
        self._held[url] = answer
        self._weight += _weight(answer)
        while self._weight > self._most:
            self._weight -= _weight(self._held.popitem(last=False)[1])

    def __delitem__(self, url: str) -> None:
        self._weight -= _weight(self._held.pop(url))

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


def _weight(answer: Remembered) -> int:
    data = answer[2]
    lists = data.values() if isinstance(data, dict) else [data]
    return 1 + sum(len(part) for part in lists if isinstance(part, list))


class Wire(GitHubAPI):
    """gidgethub over our session; `closed` says until when (loop time) a rate limit keeps us out."""

    def __init__(self, settings: GitHubSettings, session: aiohttp.ClientSession) -> None:
        super().__init__(REQUESTER, oauth_token=settings.token, base_url=settings.api_url, cache=Memory())
        self.settings = settings
        self.seen: Mapping[str, str] = {}  # the headers of the newest answer
        self._session = session
        self._room = asyncio.Semaphore(AT_ONCE)
        self._closed: tuple[float, IntegrationError] | None = None

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """One object, or one page of a list. Raises IntegrationError."""
        asked = query or {}
        with self._judged("GET", path):
            return await self.getitem(_address(path, *asked), asked)

    async def all(
        self, path: str, query: Mapping[str, str] | None = None, *, key: str = "items", most: int = 10_000
    ) -> list[Any]:
        """A whole list, page by page; `key` is where the items are when an answer is no list."""
        asked = {"per_page": "100", **(query or {})}
        with self._judged("GET", path):
            found: list[Any] = []
            told: Any
            url = _address(path, *asked)
            for _ in range(MOST_PAGES):
                told, following, _ = await self._make_request("GET", url, asked, b"", ACCEPTED)
                found += told[key] if isinstance(told, dict) and key in told else told
                if not following or len(found) >= most:
                    break
                url = following
            return found[:most]

    async def send(
        self, method: str, path: str, data: Any, content_type: str = "application/json", *, jwt: str | None = None,
        token: str | None = None,
    ) -> Any:  # fmt: skip
        """One change. `path` may be a whole address, but only of the API or of its uploads. `jwt` is the proof of an
        app, `token` that of its installation; without them it is ours."""
        with self._judged(method, path):
            answer, _, _ = await self._make_request(
                method, path, None, data, ACCEPTED, jwt, token, content_type=content_type
            )
            return answer

    def made(self, read: Callable[[], T]) -> T:
        """What `read` makes of an answer. Raises IntegrationError when it is not what GitHub answers."""
        try:
            return read()
        except UNREADABLE as cause:
            words = f"GitHub's answer cannot be read ({type(cause).__name__})"
            raise error("down", words, retryable=True) from None

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request; a redirect is followed only to where the token may go, and only when it changes nothing."""
        for _ in range(MOST_REDIRECTS + 1):
            if origin_of(url) not in self.settings.origins:
                raise error("refused", f"GitHub sent us to {plain(urlsplit(url).hostname or '')}; the token stays here")
            async with self._room:
                status, told, answer = await self._once(method, url, headers, body)
            if status not in (301, 302, 307, 308) or method not in ("GET", "HEAD") or "location" not in told:
                self.seen = told
                return status, told, answer
            url = urljoin(url, told["location"])
        raise error("refused", "GitHub redirects in a circle")

    async def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        timeout = aiohttp.ClientTimeout(total=self.settings.timeout, connect=5.0)
        sent = {**headers, "x-github-api-version": "2022-11-28"}
        async with self._session.request(
            method, url, headers=sent, data=body or None, timeout=timeout, allow_redirects=False
        ) as answer:
            try:
                return answer.status, answer.headers, await whole(answer, LARGEST_ANSWER)
            except Endless:
                raise error("down", "GitHub's answer has no end", retryable=True) from None

    @contextmanager
    def _judged(self, method: str, path: str) -> Iterator[None]:
        """Whatever goes wrong inside becomes an IntegrationError; while a limit holds, GitHub is not asked."""
        loop = asyncio.get_running_loop()
        if self._closed is not None and loop.time() < self._closed[0]:
            raise self._again(self._closed[0] - loop.time(), self._closed[1])
        what, writes = f"{method} {self._shown(path)}", method != "GET"
        try:
            yield
        except HTTPException as told:
            failed = refused(what, told, writes=writes)
            if failed.facts["reason"] == "rate":
                self._closed = (loop.time() + failed.retry_after, failed)
            raise self._hidden(failed) from None
        except (TimeoutError, aiohttp.ClientError, OSError) as cause:
            maybe_done = writes and not isinstance(cause, aiohttp.ClientConnectorError)
            words = f"GitHub, {what}: no answer ({type(cause).__name__})"
            raise error("down", words, retryable=True, doubt=maybe_done) from None
        except UNREADABLE as cause:
            words = f"GitHub, {what}: no answer that can be read ({type(cause).__name__})"
            raise error("down", words, retryable=True, doubt=writes) from None

    def _again(self, wait: float, told: IntegrationError) -> IntegrationError:
        facts = {name: told.facts[name] for name in ("until", "status")}
        return error("rate", str(told), retryable=True, retry_after=wait, **facts)

    def _shown(self, path: str) -> str:
        return urlsplit(path).path.removeprefix(f"/repos/{self.settings.repository}")

    def _hidden(self, failed: IntegrationError) -> IntegrationError:
        failed.args = (str(failed).replace(self.settings.token, "(hidden)"),)
        return failed


def _address(path: str, *query: str) -> str:
    """The path as a URI template; what goes into the query is escaped by the template."""
    return f"{path}{{?{','.join(query)}}}" if query else path
