"""What developers do on the sandbox's GitHub is real in its repository, and others hear of it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from sandbox.github.errors import GitHubError
from sandbox.github.server import GitHubServer, Settings
from sandbox.product.seed import SeededProduct

SECRET = "a-secret-of-this-hook"


@pytest.fixture
async def github(seeded: SeededProduct) -> AsyncIterator[GitHubServer]:
    async with GitHubServer(Settings(seeded.remote)) as server:
        server.people.adopts(seeded.merged, seeded.open)
        yield server


async def test_the_seeded_history_is_known_by_number(github: GitHubServer, seeded: SeededProduct) -> None:
    assert sorted(github.hub.issues) == sorted(pull.number for pull in (*seeded.merged, *seeded.open))
    issue, part = github.hub.pull(338)  # merged by a merge commit
    assert issue.labels == ["bug"]
    assert len(seeded.product.git("rev-list", "--parents", "-1", part.merge_sha).split()) == 3
    assert {issue.state for issue, _ in github.hub.pulls()} == {"open", "closed"}


@pytest.mark.parametrize("squash", [True, False])
async def test_a_merge_is_in_the_branch(github: GitHubServer, seeded: SeededProduct, squash: bool) -> None:
    sha = github.people.merges("theo", 341, squash=squash)
    assert seeded.product.commit_of("refs/heads/develop") == sha
    assert len(seeded.product.git("rev-list", "--parents", "-1", sha).split()) == (2 if squash else 3)
    assert "#341" in seeded.product.git("show", "-s", "--format=%s", sha)
    assert seeded.product.git("fsck", "--strict", "--connectivity-only") == ""
    assert github.hub.pull(341)[0].state == "closed"
    with pytest.raises(ValueError, match="closed"):
        github.people.merges("theo", 341)


async def test_a_conflict_is_not_mergeable(github: GitHubServer, seeded: SeededProduct) -> None:
    for branch in ("one", "two"):
        seeded.product.branch(branch, "develop")
        seeded.product.commit(branch, "VERSION", f"{branch}\n", subject=branch)
    number = github.people.opens_pull("dana", "one", "develop", "One").number
    other = github.people.opens_pull("dana", "two", "develop", "Two").number
    github.people.merges("theo", number)
    with pytest.raises(ValueError, match="conflicts"):
        github.people.merges("theo", other)


async def test_a_pull_request_follows_its_branch_until_it_is_gone(
    github: GitHubServer, seeded: SeededProduct
) -> None:
    branch = github.hub.pull(343)[1].head
    sha = seeded.product.commit(branch, "more.txt", "more", subject="More")
    github.hub.notice()
    assert github.hub.pull(343)[1].head_sha == sha
    assert seeded.product.refs()["refs/pull/343/head"] == sha
    seeded.product.delete(f"refs/heads/{branch}")
    github.hub.notice()
    issue, part = github.hub.pull(343)
    assert (issue.state, part.merged_at) == ("closed", None)


async def test_what_arrives_by_a_push_is_merged(github: GitHubServer, seeded: SeededProduct) -> None:
    _, part = github.hub.pull(345)
    message = {"author": "Theo", "message": "Merge by hand"}
    merged = seeded.product.merge("develop", part.head_sha, {}, **message)
    github.hub.notice()
    issue, part = github.hub.pull(345)
    assert (issue.state, part.merge_sha) == ("closed", merged)


async def test_people_are_refused_as_programs_are(github: GitHubServer) -> None:
    with pytest.raises(GitHubError, match="422"):
        github.people.opens_pull("dana", "develop", "develop", "Nothing")


# -- webhooks ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def heard() -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A receiver: its address, and what came in."""
    came: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        came.append((dict(request.headers), await request.read()))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", came
    await runner.cleanup()


async def test_what_happens_is_told_and_signed(
    seeded: SeededProduct, heard: tuple[str, list[tuple[dict[str, str], bytes]]]
) -> None:
    url, came = heard
    settings = Settings(seeded.remote, hook_url=url, hook_secret=SECRET, look_every=0.05)
    async with GitHubServer(settings) as github:
        github.people.adopts(seeded.merged, seeded.open)
        sha = seeded.product.commit("develop", "new.txt", "new", subject="New")
        seeded.product.branch("release/1.3.0", "develop")
        for _ in range(100):
            await asyncio.sleep(0.02)
            if len(came) >= 3:
                break
        github.people.runs_check(sha, "tests", "failure")
        github.people.reviews("theo", 341)
        github.people.merges("theo", 341)
        await github.hooks.settle()
        github.hooks.redeliver(github.hooks.deliveries[0])
        await github.hooks.settle()
    events = [headers["X-GitHub-Event"] for headers, _ in came]
    assert {"push", "create", "check_run", "pull_request_review", "pull_request"} <= set(events)
    pushes = [json.loads(raw) for headers, raw in came if headers["X-GitHub-Event"] == "push"]
    assert {push["ref"] for push in pushes} == {"refs/heads/develop", "refs/heads/release/1.3.0"}
    for headers, raw in came:
        digest = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
    ids = [headers["X-GitHub-Delivery"] for headers, _ in came]
    assert len(set(ids)) == len(ids) - 1
