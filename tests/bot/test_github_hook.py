"""The webhook: only a right signature makes us look, and what was said is never read."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot import github_hook
from bot.adopt import adopt
from bot.github_hook import FRESH, GITHUB_PATH, KNOWN, GitHubHook
from bot.replies import AfterAnswer
from core.errors import Busy, IntegrationError
from core.store.engines import Database
from core.store.unit_of_work import Store
from sandbox.github.records import Token
from sandbox.github.server import GitHubServer
from sandbox.github.server import Settings as ServerSettings
from tests.bot.conftest import POLICY, Stages

SECRET = "a-secret-of-this-hook"
TOKEN = "github_pat_sandbox_1234567890"


@dataclass
class Knocks:
    """The hook on a port of its own, and how old the remote was allowed to be at each look."""

    url: str
    hook: GitHubHook
    session: aiohttp.ClientSession
    looks: list[float] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)  # set: a look may end

    async def knock(self, body: bytes = b"{}", **said: Any) -> tuple[int, str]:
        """Knock, and wait for what follows."""
        answer = await self.send(body, **said)
        await self.hook.after.idle()
        return answer

    async def send(
        self, body: bytes = b"{}", *, event: str = "push", delivery: str = "d-1", signature: str | None = None,
        **more: str,
    ) -> tuple[int, str]:  # fmt: skip
        headers = {"X-GitHub-Event": event, "X-GitHub-Delivery": delivery, **more}
        if signature is None:
            signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if signature:
            headers["X-Hub-Signature-256"] = signature
        async with self.session.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.text()


@pytest.fixture
def look_fails() -> list[Exception]:
    """What the next looks end with."""
    return []


@pytest.fixture
async def knocks(sqlite_url: str, look_fails: list[Exception]) -> AsyncIterator[Knocks]:
    database = Database.open(sqlite_url)
    looks: list[float] = []
    held = asyncio.Event()
    held.set()

    async def look(max_age: float) -> None:
        looks.append(max_age)
        await held.wait()
        if look_fails:
            raise look_fails.pop(0)

    hook = GitHubHook(SECRET, Store(database, "process-1"), look, AfterAnswer(), "product:anchor")
    app = web.Application()
    app.router.add_post(GITHUB_PATH, hook.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield Knocks(f"http://127.0.0.1:{runner.addresses[0][1]}{GITHUB_PATH}", hook, session, looks, held)
    await runner.cleanup()
    await database.close()


@pytest.mark.parametrize(
    ("event", "max_age"),
    [("push", FRESH), ("create", FRESH), ("delete", FRESH), ("check_run", KNOWN), ("pull_request", KNOWN)],
)
async def test_what_concerns_us_makes_us_look(knocks: Knocks, event: str, max_age: float) -> None:
    assert await knocks.knock(event=event) == (202, "")
    assert knocks.looks == [max_age]


@pytest.mark.parametrize("event", ["ping", "star", "", "push\tx", "x" * 500])
async def test_other_events_are_thanked_for(knocks: Knocks, event: str) -> None:
    assert await knocks.knock(event=event) == (204, "")
    assert knocks.looks == []


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + hmac.new(SECRET.encode(), b"{}", hashlib.sha1).hexdigest(),
        hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest(),
        "sha256=" + hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest().upper(),
        "sha256=" + hmac.new(b"", b"{}", hashlib.sha256).hexdigest(),
        "sha256=\u00e9\u00e9",
    ],
)
async def test_a_wrong_signature_is_told_nothing(
    knocks: Knocks, signature: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await knocks.knock(signature=signature) == (401, "")
        assert await knocks.knock(signature=signature, event="ping") == (401, "")
    assert knocks.looks == []
    assert SECRET not in caplog.text
    assert await knocks.knock() == (202, ""), "a refused one does not use its delivery up"


async def test_a_body_that_was_changed_on_the_way(knocks: Knocks) -> None:
    signed = "sha256=" + hmac.new(SECRET.encode(), b'{"a": 1}', hashlib.sha256).hexdigest()
    assert (await knocks.knock(b'{"a": 2}', signature=signed))[0] == 401


async def test_the_same_delivery_again_is_ignored(knocks: Knocks) -> None:
    assert [(await knocks.knock())[0] for _ in range(3)] == [202, 204, 204]
    assert knocks.looks == [FRESH]
    assert (await knocks.knock(delivery="d-2"))[0] == 202


@pytest.mark.parametrize("delivery", ["", "x" * 65, "a b", "d'; --", "ü"])
async def test_a_delivery_without_a_name(knocks: Knocks, delivery: str) -> None:
    assert (await knocks.knock(delivery=delivery))[0] == 400
    assert knocks.looks == []


@pytest.mark.parametrize("body", [b"", b"not json", b"\xff\x00\xfe", b"[" * 200_000, b'{"ref": "refs/heads/-x"}'])
async def test_what_it_says_is_never_read(knocks: Knocks, body: bytes) -> None:
    assert await knocks.knock(body) == (202, "")
    assert knocks.looks == [FRESH]


async def _chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 1_000_000


@pytest.mark.parametrize("announced", [True, False])
async def test_thirty_megabytes_are_refused_with_or_without_a_length(knocks: Knocks, announced: bool) -> None:
    headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d-1", "X-Hub-Signature-256": f"sha256={'0' * 64}"}
    body = b"x" * 30_000_000 if announced else _chunks(30)
    try:
        async with knocks.session.post(knocks.url, data=body, headers=headers) as answer:
            assert answer.status == 413
    except aiohttp.ClientConnectionError:
        assert announced, "who sends on after the answer finds the line cut"
    assert knocks.looks == []
    assert (await knocks.knock())[0] == 202


async def test_a_large_one_of_github_is_taken(knocks: Knocks) -> None:
    assert (await knocks.knock(b"x" * 3_000_000))[0] == 202


async def test_many_knocks_make_few_looks(knocks: Knocks) -> None:
    knocks.held.clear()
    await asyncio.gather(*(knocks.send(delivery=f"d-{n}", event="status") for n in range(20)))
    await knocks.send(delivery="last", event="push")
    knocks.held.set()
    await knocks.hook.after.idle()
    assert len(knocks.looks) == 2, "the one that was under way, and one for all that came meanwhile"
    assert knocks.looks[-1] == FRESH


@pytest.mark.parametrize(
    "fault", [IntegrationError("git", "away", retryable=True), Busy(), RuntimeError("a fault of ours")]
)
async def test_a_look_that_fails_does_not_end_the_looking(
    knocks: Knocks, look_fails: list[Exception], fault: Exception
) -> None:
    look_fails.append(fault)
    assert (await knocks.knock())[0] == 202
    assert (await knocks.knock(delivery="d-2"))[0] == 202
    assert knocks.looks == [FRESH, FRESH]


async def test_a_store_that_is_busy_lets_github_show_a_failed_delivery(
    knocks: Knocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(self: GitHubHook, key: str, question: object) -> bool:
        raise Busy

    with monkeypatch.context() as patched:
        patched.setattr(github_hook.GitHubHook, "_is_new", busy)
        assert (await knocks.knock())[0] == 503
    assert (await knocks.knock())[0] == 202


# -- with the whole bot --------------------------------------------------------------------------------------------


async def test_without_a_secret_there_is_no_such_address(stages: Stages) -> None:
    async with stages() as stage, aiohttp.ClientSession() as session:
        assert stage.app.ctx.forge is None
        assert stage.app.listener is not None
        async with session.post(f"{stage.app.listener.address}{GITHUB_PATH}", data=b"{}") as answer:
            assert answer.status == 404


@pytest.fixture
def policy_with_github(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "policy" / "release_policy.toml"
    path.parent.mkdir()
    path.write_text(POLICY.read_text() + '\n[github]\nrepository = "asset-anchor/asset-anchor"\n')
    yield path


async def test_a_push_is_heard_of_at_once(
    stages: Stages, prepared: Path, tmp_path: Path, policy_with_github: Path, sqlite_url: str
) -> None:
    remote = Path(shutil.copytree(prepared / "remote.git", tmp_path / "remote.git"))
    async with (
        GitHubServer(ServerSettings(remote, tokens=(Token(TOKEN),), hook_secret=SECRET)) as github,
        stages(
            github_token=TOKEN, github_api_url=github.url, github_webhook_secret=SECRET,
            release_policy=policy_with_github, database_url=sqlite_url,
        ) as stage,
    ):  # fmt: skip
        assert stage.app.ctx.forge is not None
        assert stage.app.listener is not None
        await adopt(stage.app.ctx, "U0PRIYA")
        await stage.app.edge.events.read_groups()
        await stage.start_minor()
        github.hooks.url = f"{stage.app.listener.address}{GITHUB_PATH}"
        sha = stage.product.commit("develop", "new.txt", "new", subject="fix: something, AA-200")
        github.hub.notice()
        await github.hooks.settle()
        assert [(delivery.event, delivery.status) for delivery in github.hooks.deliveries] == [("push", 202)]
        await stage.app.replies.after.idle()
        assert [one.title for one in github.hub.milestones.values()] == ["v1.3.0"]
        seen = stage.app.ctx.repository.seen()
        assert seen is not None
        assert seen.heads["develop"] == sha
        github.hooks.redeliver(github.hooks.deliveries[0])
        await github.hooks.settle()
        assert [delivery.status for delivery in github.hooks.deliveries] == [202, 204]
        assert json.loads(github.hooks.deliveries[0].raw)["after"] == sha
