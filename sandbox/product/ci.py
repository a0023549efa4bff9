"""The product's CI: when a candidate is tagged it reports what it ran for that commit, with its token.

It knows the address and a token, and nothing of who listens. What fails is set by hand (`fails`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode
from xml.sax.saxutils import quoteattr

import aiohttp

from sandbox.product.remote import Product

EVERY = 0.5  # seconds between two looks at the remote
SITE = "https://ci.asset-anchor.example/runs"
_CANDIDATE = re.compile(r"refs/tags/(v\d+\.\d+\.(\d+)(-hotfix\.\d+)?[.-]rc\.\d+)")
_SUITES = {"automated": 41, "regression": 128, "limited": 9}  # tests in each
_STATED = {
    "accessibility": ("Keyboard, contrast and screen reader", {"pages": 14}),
    "migrations": ("Applied to a copy of production and taken back", {"migrations": 2}),
    "plan": ("How v{version} is taken back, step by step", {"steps": 5}),
    "documentation": ("Built; every link leads somewhere", {"pages": 32}),
    "uat": ("The five stories of the user acceptance test", {"stories": 5}),
}
_log = logging.getLogger("sandbox.ci")


def kinds_of(tag: str) -> tuple[str, ...]:
    """What is run for a candidate: by its number, as the product's pipeline decides."""
    found = _CANDIDATE.fullmatch(f"refs/tags/{tag}")
    if found is None:
        return ()
    always = ("build", "migrations", "plan")
    if found[3]:
        return ("limited", *always)
    if found[2] != "0":
        return ("automated", *always)
    return ("automated", "regression", "performance", "security", "accessibility", "documentation", *always)


def report_of(kind: str, tag: str, *, fails: bool = False) -> bytes:
    """The result of one job, in the format in which such a tool writes it."""
    if kind in _SUITES:
        return _junit(kind, _SUITES[kind], fails)
    if kind == "performance":
        slow = 640 if fails else 212
        rows = [_bench("property search", slow, 400), _bench("owner statement", 880, 1500)]
        return json.dumps({"benchmarks": rows}).encode()
    if kind == "security":
        found = [_finding("py/sql-injection", "error")] if fails else [_finding("py/unused-import", "note")]
        tool = {"driver": {"name": "scanner"}}
        return json.dumps({"version": "2.1.0", "runs": [{"tool": tool, "results": found}]}).encode()
    if kind == "build":
        digest = hashlib.sha256(tag.encode()).hexdigest()
        return json.dumps({"build": {"name": "app", "digest": f"sha256:{digest}"}}).encode()
    note, numbers = _STATED[kind]
    told = {"verdict": "failed" if fails else "passed", "url": f"{SITE}/{tag}/{kind}", "numbers": numbers}
    return json.dumps(told | {"note": note.format(version=re.split(r"[.-]rc\.", tag)[0].removeprefix("v"))}).encode()


def _junit(suite: str, count: int, fails: bool) -> bytes:
    broken = '<failure message="the total is off by one"/>'
    cases = [
        f'<testcase classname="{suite}" name={quoteattr(f"test_{n}")}>{broken if fails and n == 1 else ""}</testcase>'
        for n in range(1, count + 1)
    ]
    return f'<testsuite name="{suite}" tests="{count}" failures="{int(fails)}">{"".join(cases)}</testsuite>'.encode()


def _bench(name: str, value: int, limit: int) -> dict[str, object]:
    return {"name": name, "value": value, "limit": limit, "unit": "ms", "better": "lower"}


def _finding(rule: str, level: str) -> dict[str, object]:
    return {"ruleId": rule, "level": level, "message": {"text": rule}}


@dataclass(slots=True)
class Ci:
    """Watches the remote and reports; `fails` are kinds of which the next results are bad."""

    product: Product
    url: str  # where results are sent
    token: str
    fails: set[str] = field(default_factory=set)
    _reported: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """For the life of the process: a candidate that could not be reported is tried again."""
        async with aiohttp.ClientSession() as http:
            while True:
                try:
                    await self.look(http)
                except (aiohttp.ClientError, TimeoutError, RuntimeError) as fault:
                    _log.info("the results could not be sent: %s", fault)
                await asyncio.sleep(EVERY)

    async def look(self, http: aiohttp.ClientSession) -> int:
        """Report each candidate that has no results yet; returns how many results were sent."""
        sent = 0
        refs = await asyncio.to_thread(self.product.refs)
        for tag in [found[1] for ref in refs if (found := _CANDIDATE.fullmatch(ref))]:
            if tag not in self._reported:
                sent += await self.report(http, tag, *kinds_of(tag))
                self._reported.add(tag)
        return sent

    async def report(self, http: aiohttp.ClientSession, tag: str, *kinds: str) -> int:
        """Send results for a candidate now, one after the other as a pipeline ends its jobs."""
        commit = await asyncio.to_thread(self.product.commit_of, f"refs/tags/{tag}")
        for kind in kinds:
            await self._send(http, commit, kind, tag)
        return len(kinds)

    async def again(self, kind: str, fails: bool) -> str:
        """A job of the newest candidate runs again and ends like this; what is wrong comes back, or nothing."""
        tags = [found[1] for ref in await asyncio.to_thread(self._by_age) if (found := _CANDIDATE.fullmatch(ref))]
        if not tags:
            return "No candidate is tagged yet."
        if kind not in kinds_of(tags[-1]):
            return f"{tags[-1]} is not tested like that; its jobs are {', '.join(kinds_of(tags[-1]))}."
        (self.fails.add if fails else self.fails.discard)(kind)
        async with aiohttp.ClientSession() as http:
            await self.report(http, tags[-1], kind)
        return ""

    def _by_age(self) -> list[str]:
        return self.product.git("for-each-ref", "--sort=creatordate", "--format=%(refname)", "refs/tags").splitlines()

    async def _send(self, http: aiohttp.ClientSession, commit: str, kind: str, tag: str) -> None:
        said = {"commit": commit, "kind": kind, "url": f"{SITE}/{tag}/{kind}"}
        body = report_of(kind, tag, fails=kind in self.fails)
        allowed = {"Authorization": f"Bearer {self.token}"}
        async with http.post(f"{self.url}?{urlencode(said)}", data=body, headers=allowed) as answer:
            if answer.status >= 300:
                raise RuntimeError(f"{kind}: {answer.status} {(await answer.text())[:200]}")
