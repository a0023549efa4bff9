"""The endpoint for CI: who may post, what is taken, and what everything else is told."""

from __future__ import annotations

import asyncio
import json
import logging
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot import evidence_hook
from bot.evidence_hook import EVIDENCE_PATH
from core.domain.evidence.limits import LARGEST_BODY
from core.domain.policy_evidence import EvidenceRules, EvidenceSource
from core.errors import Busy
from core.store import evidence
from core.usecases import evidence as evidence_usecase
from core.usecases.context import Context
from core.usecases.evidence import Posted, Taken
from tests.bot.conftest import Stage, Stages

CI, PERF = "a-secret-of-the-ci-1", "a-secret-of-perf-22"
SHA = "0123456789abcdef0123456789abcdef01234567"
GREEN = b'<testsuite name="all" tests="3"><testcase name="a"/><testcase name="b"/><testcase name="c"/></testsuite>'
RED = b'<testsuite name="all"><testcase classname="cart" name="sums"><failure/></testcase></testsuite>'
BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
EXTERNAL = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>'


class Ci:
    """Posts as a CI does."""

    def __init__(self, stage: Stage, session: aiohttp.ClientSession) -> None:
        assert stage.app.listener is not None
        self.stage, self.session, self.url = stage, session, stage.app.listener.address + EVIDENCE_PATH

    async def post(
        self, body: Any = GREEN, *, token: str = CI, headers: dict[str, str] | None = None, **query: str
    ) -> tuple[int, dict[str, Any]]:
        said = {"commit": SHA, "kind": "regression"} | query
        sent = {"Authorization": f"Bearer {token}"} | (headers or {})
        async with self.session.post(self.url, data=body, params=said, headers=sent) as answer:
            return answer.status, await answer.json()

    async def kept(self) -> int:
        async with self.stage.app.ctx.store.database.reader.connect() as conn:
            return len(await evidence.of_commit(conn, "asset-anchor", SHA))


@pytest.fixture
async def ci(stages: Stages) -> AsyncIterator[Ci]:
    async with stages(evidence_tokens=f"ci:{CI}, perf:{PERF}") as stage, aiohttp.ClientSession() as session:
        yield Ci(stage, session)


async def only_ci_may(ci: Ci, *kinds: Any) -> None:
    """As if the active policy said so."""
    policy = await ci.stage.app.ctx.policy()
    rules = EvidenceRules(sources={"ci": EvidenceSource(kinds=kinds)})
    ci.stage.app.ctx._parsed[policy.hash] = policy.model_copy(update={"evidence": rules})


async def test_evidence_for_an_unknown_commit_is_kept_and_twice_is_once(ci: Ci) -> None:
    status, told = await ci.post()
    assert (status, told["verdict"], told["new"], told["releases"]) == (202, "passed", True, [])
    assert "no open release has this commit as its candidate yet" in told["message"]
    status, told = await ci.post()
    assert (status, told["new"], await ci.kept()) == (200, False, 1)
    assert "reported before and counts once" in told["message"]
    both = await asyncio.gather(ci.post(RED), ci.post(RED), ci.post(RED))
    assert sorted(status for status, _ in both) == [200, 200, 202] and await ci.kept() == 2
    status, told = await ci.post(RED)
    assert (told["verdict"], told["failing"]) == ("failed", ["cart.sums"])
    assert (await ci.post())[0] == 202 and await ci.kept() == 3  # it was repaired: what came before may come again


async def test_what_no_release_ever_has_is_forgotten_and_a_commit_has_not_endless_results(
    ci: Ci, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_usecase, "MOST_RESULTS", 2)
    assert [(await ci.post(name=name))[0] for name in ("web", "api")] == [202, 202]
    status, told = await ci.post(name="more")
    assert (status, told["error"]) == (422, "There are 2 results for 0123456 already; more are not kept.")
    ci.stage.clock.move_to(ci.stage.clock.now() + timedelta(days=31))
    assert (await ci.post(commit="f" * 40))[0] == 202
    assert await ci.kept() == 0


async def test_who_may_post_what(ci: Ci, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for said in ("Bearer wrong", f"Basic {CI}", "Bearer é", "Bearer", ""):
            status, told = await ci.post(headers={"Authorization": said})
            assert (status, told["code"]) == (401, "token")
        await only_ci_may(ci, "regression", "security")
        status, told = await ci.post(kind="performance")
        assert (status, told["error"]) == (403, "ci may not report performance; it may report regression, security")
        status, told = await ci.post(token=PERF)
        assert status == 403 and "does not name it" in told["error"]
        assert await ci.kept() == 0
    assert CI not in caplog.text and PERF not in caplog.text and "wrong" not in caplog.text
    assert CI not in repr(ci.stage.app.settings)


@pytest.mark.parametrize(
    ("body", "more", "status", "words"),
    [
        (b"<testsuite>", {}, 422, "no well-formed XML: line 1"),
        (BOMB, {}, 422, "document type or entities"),
        (EXTERNAL, {}, 422, "document type or entities"),
        (b"PK\x03\x04....", {}, 415, "archive"),
        (b"hello", {}, 415, "neither XML nor JSON"),
        (GREEN, {"headers": {"Content-Encoding": "x-tar"}}, 415, "neither packed nor as a form"),
        (GREEN, {"headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 415, "neither packed nor as a form"),
        (GREEN, {"commit": "main"}, 422, "“main” is no commit"),
        (GREEN, {"commit": "", "kind": "magic"}, 422, "“magic” is no kind of evidence: automated"),
        (GREEN, {"url": "javascript:alert(1)"}, 422, "no http or https address"),
        (b"", {}, 422, "empty"),
    ],
    ids=[
        "malformed XML", "entity bomb", "external entity", "archive", "no format", "packed", "a form", "no commit",
        "no kind", "a dangerous link", "nothing",
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_is_answered_in_words(
    ci: Ci, body: bytes, more: dict[str, Any], status: int, words: str
) -> None:
    got, told = await ci.post(body, **more)
    assert (got, words in told["error"]) == (status, True), told
    assert await ci.kept() == 0


async def test_100_mb_are_refused_without_being_held(ci: Ci) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * 1024 * 1024:
            sent += 256 * 1024
            yield b" " * 256 * 1024

    tracemalloc.start()
    status, told = await ci.post(endless())
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (status, told["code"]) == (413, "large")
    assert held < 2.5 * LARGEST_BODY
    reader, writer = await asyncio.open_connection("127.0.0.1", int(ci.url.split(":")[2].split("/")[0]))
    head = f"POST {EVIDENCE_PATH}?kind=regression&commit={SHA} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {CI}\r\n"
    writer.write(f"{head}Content-Length: {100 * 1024 * 1024}\r\n\r\n".encode())
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 5)  # nothing of the body was asked for
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.1)  # until the server has seen both go; else its end waits for them


async def test_work_is_bounded(ci: Ci, monkeypatch: pytest.MonkeyPatch) -> None:
    free, most, at_once = asyncio.Event(), 0, 0

    async def held(ctx: Context, posted: Posted) -> Taken:
        nonlocal most, at_once
        at_once += 1
        most = max(most, at_once)
        await free.wait()
        at_once -= 1
        raise Busy(verb="evidence.take")

    monkeypatch.setattr(evidence_hook, "take", held)
    posts = [asyncio.create_task(ci.post()) for _ in range(12)]
    done: set[asyncio.Task[tuple[int, dict[str, Any]]]] = set()
    while len(done) < 2:
        done |= (await asyncio.wait(set(posts) - done, return_when=asyncio.FIRST_COMPLETED))[0]
    assert [post.result()[0] for post in done] == [429, 429], "the others wait"
    free.set()
    assert sorted(status for status, _ in await asyncio.gather(*posts)) == [429] * 2 + [503] * 10
    assert most == 2
    monkeypatch.undo()
    assert (await ci.post())[0] == 202


async def test_a_body_that_does_not_end_is_given_up(ci: Ci, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_hook, "READ_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield GREEN
        await asyncio.sleep(1)

    assert (await ci.post(slow()))[0] == 408


async def test_who_sends_slowly_keeps_nobody_waiting(ci: Ci) -> None:
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield GREEN[:5]
        begun.release()
        await go_on.wait()
        yield GREEN[5:]

    waiting = [asyncio.create_task(ci.post(slow(), name=f"slow {n}")) for n in range(evidence_hook.AT_ONCE)]
    for _ in waiting:
        await begun.acquire()
    assert (await asyncio.wait_for(ci.post(), 5))[0] == 202
    go_on.set()
    assert [status for status, _ in await asyncio.gather(*waiting)] == [202, 202]


async def test_slow_senders_in_all_places_make_room_for_who_sends_at_once(
    ci: Ci, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield GREEN[:5]
        await go_on.wait()
        yield GREEN[5:]

    places = evidence_hook.AT_ONCE + evidence_hook.WAITING
    slow_ones = [asyncio.create_task(ci.post(slow(), name=f"slow {n}")) for n in range(places + 1)]
    (full,), others = await asyncio.wait(slow_ones, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert full.result()[0] == 429, "for a moment they may"
    monkeypatch.setattr(evidence_hook, "PATIENCE", 0.0)
    assert (await asyncio.wait_for(ci.post(name="quick"), 5))[0] == 202
    go_on.set()
    assert sorted(status for status, _ in await asyncio.gather(*others)) == [202] * (places - 1) + [408]


async def test_without_tokens_there_is_no_such_address(stage: Stage) -> None:
    async with aiohttp.ClientSession() as session:
        assert stage.app.listener is not None
        async with session.post(stage.app.listener.address + EVIDENCE_PATH, data=GREEN) as answer:
            assert answer.status == 404


async def test_with_socket_mode_ci_is_heard_all_the_same(stages: Stages) -> None:
    async with (
        stages(evidence_tokens=f"ci:{CI}", slack_app_token="xapp-1") as stage, aiohttp.ClientSession() as session,
    ):  # fmt: skip
        assert stage.app.where == "Socket Mode"
        assert (await Ci(stage, session).post())[0] == 202


async def test_headers_say_the_same_as_the_query(ci: Ci) -> None:
    sent = {"Authorization": f"Bearer {CI}", "X-Evidence-Commit": SHA, "X-Evidence-Kind": "security"}
    report = json.dumps({"verdict": "failed", "url": "https://scan.example/7", "note": "2 open"}).encode()
    async with ci.session.post(ci.url, data=report, headers=sent) as answer:
        assert answer.status == 202
        assert (await answer.json())["kind"] == "security"
