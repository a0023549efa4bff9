"""GitHub down, full, refusing or lying: one error with a reason, and the token stays where it belongs."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.integrations.github import GitHub, GitHubSettings
from bot.integrations.github import wire as wiring
from bot.integrations.github.errors import when_again
from core.domain.forge import Attachment
from core.errors import IntegrationError
from sandbox.github.records import Token
from tests.bot.integrations.github.worlds import REPOSITORY, TOKEN, Sandbox

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _fails(work: Awaitable[object]) -> IntegrationError:
    with pytest.raises(IntegrationError) as failed:
        await work
    assert failed.value.vendor == "github"
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value.facts)
    assert "github_pat_" not in told
    return failed.value


@asynccontextmanager
async def _host(answer: Answer) -> AsyncIterator[str]:
    """A server that answers everything in the same way; its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@asynccontextmanager
async def _talking(answer: Answer, **settings: float) -> AsyncIterator[GitHub]:
    async with _host(answer) as url, aiohttp.ClientSession() as session:
        yield GitHub(GitHubSettings(REPOSITORY, TOKEN, url, **settings), session)


# -- limits --------------------------------------------------------------------------------------------------------


async def test_an_hour_that_is_used_up_says_until_when_and_is_not_asked_again(forge: Sandbox) -> None:
    forge.server.limits.remaining = 0
    failed = await _fails(forge.github.milestone("v1.3.0"))
    assert (failed.facts["reason"], failed.retryable) == ("rate", True)
    assert 3590 <= failed.retry_after <= 3600
    until = failed.facts["until"]
    assert isinstance(until, datetime)
    assert abs(until.timestamp() - forge.server.limits.reset) <= 2
    asked = len(forge.server.door.calls)
    again = await _fails(forge.github.pulls([1]))
    assert (again.facts["reason"], again.facts["until"]) == ("rate", until)
    assert len(forge.server.door.calls) == asked


@pytest.mark.parametrize(("named", "wait"), [(7, 7.0), (None, 60.0)])
async def test_the_second_limit_is_no_refusal_of_the_token(forge: Sandbox, named: int | None, wait: float) -> None:
    forge.server.limits.secondary, forge.server.limits.retry_after = 1, named
    failed = await _fails(forge.github.ensure_milestone("v1.3.0"))
    assert (failed.facts["reason"], failed.retryable, failed.retry_after) == ("rate", True, wait)


async def test_after_the_pause_it_works_again(forge: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    forge.server.limits.secondary, forge.server.limits.retry_after = 1, 1
    await _fails(forge.github.milestone("v1.3.0"))
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now + 1.1)
    assert await forge.github.milestone("v1.3.0") is None


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "30"}, 30.0),
        ({"retry-after": "soon"}, 60.0),
        ({"retry-after": "nan"}, 60.0),
        ({"retry-after": "-5"}, 1.0),
        ({"retry-after": "999999"}, 3600.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225690"}, 90.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "never"}, 60.0),
        ({}, 60.0),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], wait: float) -> None:
    here = datetime(2026, 1, 1, tzinfo=UTC)
    stamp = {"date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    assert when_again(headers | stamp) == (wait, here + timedelta(seconds=wait))
    assert when_again(headers | {"date": "yesterday"})[1] is None


# -- refusals ------------------------------------------------------------------------------------------------------


async def test_a_wrong_token_a_lacking_permission_and_a_wrong_repository(forge: Sandbox) -> None:
    wrong = await _fails(forge.another(token="github_pat_wrong").milestone("x"))
    assert (wrong.facts["reason"], wrong.facts["status"], wrong.retryable) == ("denied", 401, False)
    few = forge.with_token(Token("github_pat_few", permissions={"metadata": "read", "issues": "read"}))
    lacking = await _fails(few.ensure_milestone("x"))
    assert (lacking.facts["reason"], lacking.facts["needs"]) == ("denied", "issues=write; pull_requests=write")
    assert "issues=write" in str(lacking)
    elsewhere = await _fails(forge.another(repository="acme/other").open_pulls("main"))
    assert (elsewhere.facts["reason"], elsewhere.retryable) == ("missing", False)


@pytest.mark.parametrize(
    "wrong", ["owner", "owner/", "/name", "a/b/c", "owner/..", "own er/x", "owner/na?me", "-x/y", "o/{x}", "o/x\n"]
)
def test_what_is_no_repository(wrong: str) -> None:
    with pytest.raises(ValueError, match="repository"):
        GitHubSettings(wrong, TOKEN)


@pytest.mark.parametrize("wrong", ["", "two words", "ghp_\n", "ghp_é"])
def test_what_is_no_token(wrong: str) -> None:
    with pytest.raises(ValueError, match="GITHUB_TOKEN"):
        GitHubSettings(REPOSITORY, wrong)


def test_settings_do_not_show_the_token() -> None:
    assert TOKEN not in repr(GitHubSettings(REPOSITORY, TOKEN))


# -- outages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop", "reset", "error_before", "error_after"])
async def test_an_outage_while_writing_leaves_one_thing(forge: Sandbox, kind: str) -> None:
    forge.server.faults.add("milestones.create", kind, nth=1)
    failed = await _fails(forge.github.ensure_milestone("v1.3.0"))
    assert (failed.facts["reason"], failed.retryable, failed.doubt) == ("down", True, True)
    await forge.github.ensure_milestone("v1.3.0")
    assert len(forge.server.hub.milestones) == 1


async def test_a_forge_that_does_not_answer_in_time(forge: Sandbox) -> None:
    forge.server.faults.add("milestones.list", "stall", seconds=0.2)
    failed = await _fails(forge.another(timeout=0.05).milestone("v1.3.0"))
    assert (failed.facts["reason"], failed.retryable, failed.doubt) == ("down", True, False)


async def test_a_forge_that_is_not_there() -> None:
    async with aiohttp.ClientSession() as session:
        github = GitHub(GitHubSettings(REPOSITORY, TOKEN, "http://127.0.0.1:1"), session)
        failed = await _fails(github.ensure_release("v1", "v1", "", latest=True))
    assert (failed.facts["reason"], failed.doubt) == ("down", False)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"{", "application/json"),
        (b"<html>", "text/html"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"[1, 2]", "application/json"),
        (b'{"number": "x"}', "application/json"),
        (b"[]", "application/json; charset=klingon"),
    ],
)
async def test_an_answer_that_nobody_can_read(raw: bytes, kind: str) -> None:
    async def nonsense(request: web.Request) -> web.Response:
        return web.Response(body=raw, headers={"Content-Type": kind})

    async with _talking(nonsense) as github:
        if raw == b'{"number": "x"}':
            failed = await _fails(github.pulls([1]))
        else:
            failed = await _fails(github.milestone("x"))
    assert (failed.facts["reason"], failed.retryable) == ("down", True)


async def test_an_answer_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "LARGEST_ANSWER", 1_000_000)

    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        for _ in range(30):
            await answer.write(b" " * 100_000)
        return answer

    async with _talking(endless) as github:
        failed = await _fails(github.milestone("x"))
    assert (failed.facts["reason"], failed.retryable) == ("down", True)
    assert "no end" in str(failed)


@pytest.mark.parametrize("each", [100, 0], ids=["full", "empty"])
async def test_pages_without_end_are_left(each: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "MOST_PAGES", 120)
    asked = []

    async def circle(request: web.Request) -> web.Response:
        asked.append(request)
        again = f'<{request.url}>; rel="next"'
        return web.json_response([{"number": n, "title": "x"} for n in range(each)], headers={"link": again})

    async with _talking(circle) as github:
        assert await asyncio.wait_for(github.milestone("v1.3.0"), 20) is None
    assert len(asked) == (100 if each else 120)


# -- the token -----------------------------------------------------------------------------------------------------


async def test_the_token_goes_to_no_other_host() -> None:
    seen: list[str] = []

    async def thief(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.json_response([])

    async with _host(thief) as elsewhere:

        async def redirects(request: web.Request) -> web.Response:
            raise web.HTTPFound(f"{elsewhere}/stolen")

        async def pages(request: web.Request) -> web.Response:
            return web.json_response([], headers={"link": f'<{elsewhere}/stolen?page=2>; rel="next"'})

        async def uploads(request: web.Request) -> web.Response:
            if "/assets" in request.path:
                return web.json_response([])
            told = {"id": 1, "draft": True, "tag_name": "v1", "upload_url": f"{elsewhere}/stolen{{?name}}"}
            return web.json_response(told)

        for answer in (redirects, pages):
            async with _talking(answer) as github:
                assert (await _fails(github.milestone("x"))).facts["reason"] == "refused"
        async with _talking(uploads) as github:
            release = github.ensure_release("v1", "v1", "", latest=True, attachments=(Attachment("a", "a"),))
            assert (await _fails(release)).facts["reason"] == "refused"
    assert seen == []


async def test_a_renamed_repository_is_followed_on_the_same_host_but_nothing_is_written_there() -> None:
    seen: list[str] = []

    async def moved(request: web.Request) -> web.Response:
        seen.append(f"{request.method} {request.path}")
        if request.path.startswith("/repos/"):
            raise web.HTTPMovedPermanently("/repositories/7/milestones")
        return web.json_response([])

    async with _talking(moved) as github:
        assert await github.milestone("x") is None
        failed = await _fails(github.ensure_milestone("x"))
    assert (failed.facts["reason"], failed.facts["status"]) == ("refused", 301)
    assert "POST /repositories/7/milestones" not in seen


async def test_redirects_in_a_circle() -> None:
    async def circle(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.path)

    async with _talking(circle) as github:
        assert (await _fails(github.milestone("x"))).facts["reason"] == "refused"


async def test_a_server_that_echoes_the_token_is_not_repeated() -> None:
    async def echo(request: web.Request) -> web.Response:
        words = f"no {request.headers['Authorization']}\n\x1b[31m{'x' * 999}"
        return web.json_response({"message": words}, status=403)

    async with _talking(echo) as github:
        failed = await _fails(github.milestone("x"))
    assert str(failed).isprintable()
    assert len(str(failed)) < 400


def test_where_files_of_a_release_may_go() -> None:
    assert GitHubSettings(REPOSITORY, TOKEN).origins == {"https://api.github.com:443", "https://uploads.github.com:443"}
    own = GitHubSettings(REPOSITORY, TOKEN, "https://ghe.example/api/v3")
    assert own.origins == {"https://ghe.example:443"}


# -- what is asked twice -------------------------------------------------------------------------------------------


async def test_what_has_not_changed_costs_nothing_of_the_limit(forge: Sandbox) -> None:
    number = await forge.pull("a")
    first = await forge.github.pulls([number])
    left = forge.server.limits.remaining
    assert await forge.github.pulls([number]) == first
    assert forge.server.limits.remaining == left
    forge.server.people.reviews("theo", number)
    assert (await forge.github.pulls([number]))[number].reviewers == ("theo",)
    assert forge.server.limits.remaining == left - 1


def test_what_is_remembered_has_a_limit() -> None:
    memory = wiring.Memory(most=10)
    for n in range(6):
        memory[f"u{n}"] = (str(n), None, [1, 2], None)
    assert list(memory) == ["u3", "u4", "u5"]
    _ = memory["u3"]
    memory["u6"] = ("6", None, {"check_runs": [1, 2]}, None)
    assert list(memory) == ["u5", "u3", "u6"]
    memory["u7"] = ("7", None, list(range(99)), None)
    assert len(memory) == 0
    memory["u8"] = ("8", None, None, None)
    assert list(memory) == ["u8"]
