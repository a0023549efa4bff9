"""What the bot knows of the remote: refs with their age, ranges of commits, ancestry."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest


async def test_refs_are_peeled_to_commits(yard):
    yard.product.git("update-ref", "refs/tags/light", yard.head("develop"))

    state = await yard.bot().look()

    assert state.heads["develop"] == yard.head("develop")
    assert state.tags["v1.2.2"] == yard.tagged("v1.2.2") == yard.head("main")
    assert state.tags["light"] == yard.head("develop")


async def test_a_look_is_as_fresh_as_asked(yard):
    first = await yard.bot().look()
    yard.product.merge_pull(340)

    assert await yard.bot().look(max_age=60) is first is yard.bot().seen()
    assert (await yard.bot().look(max_age=0)).heads["develop"] == yard.head("develop") != first.heads["develop"]


async def test_many_who_look_at_once_ask_the_remote_once(yard):
    states = await asyncio.gather(*(yard.bot().look() for _ in range(8)))
    assert len({id(state) for state in states}) == 1


async def test_deleted_and_moved_refs_are_followed(yard):
    await yard.bot().look()
    yard.product.delete("refs/heads/feature/AA-165-import")
    yard.product.branch("feature", "develop")
    yard.product.git("update-ref", "refs/tags/v1.0.0", yard.head("develop"))

    state = await yard.bot().look(max_age=0)

    assert "feature/AA-165-import" not in state.heads
    assert state.heads["feature"] == state.tags["v1.0.0"] == yard.head("develop")


async def test_a_range_is_read_in_one_go_with_the_pull_requests(yard):
    state = await yard.bot().look()

    commits = await yard.bot().changes(state.tags["v1.2.2"], state.heads["develop"])

    assert commits[0].sha == state.heads["develop"]
    assert [commit.at for commit in commits] == sorted((commit.at for commit in commits), reverse=True)
    pulls = {commit.pull for commit in commits} - {None}
    assert pulls == {329, 330, 331, 332, 333, 334, 335, 336, 337, 338, 339, 342}
    tidy = next(commit for commit in commits if commit.pull == 331)
    assert (tidy.subject, tidy.author, tidy.email) == ("Tidy up lease model (#331)", "Jo", "jo@asset-anchor.example")
    assert tidy.at.tzinfo is UTC
    assert datetime(2026, 11, 20, tzinfo=UTC) < tidy.at < datetime(2026, 11, 21, tzinfo=UTC)
    expected = yard.product.git("rev-list", "v1.2.2..develop").split()
    assert {commit.sha for commit in commits} == set(expected)


async def test_the_whole_history_and_a_limit(yard):
    head = yard.head("develop")
    assert len(await yard.bot().changes("", head)) == int(yard.product.git("rev-list", "--count", "develop"))
    assert len(await yard.bot().changes("", head, limit=3)) == 3
    assert await yard.bot().changes(head, head) == []


async def test_a_commit_newer_than_the_last_look_is_fetched(yard):
    await yard.bot().look()
    sha = yard.product.merge_pull(340)

    assert [commit.sha for commit in await yard.bot().changes(f"{sha}", yard.tagged("v1.2.2"))] == []
    assert await yard.bot().contains(yard.tagged("v1.2.2"), sha)
    assert not await yard.bot().contains(sha, yard.tagged("v1.2.2"))


async def test_a_fetch_writes_the_commit_graph(yard):
    await yard.bot().look()
    assert list((yard.settings().path / "objects/info").rglob("*graph*"))


async def test_no_process_is_left_and_no_reader_waits_for_a_writer(yard):
    bot = yard.bot()
    await bot.look()
    files = len(list(Path("/proc/self/fd").iterdir()))
    head, base = yard.head("develop"), yard.tagged("v1.2.2")
    async with bot._turn:
        answers = await asyncio.wait_for(asyncio.gather(*(bot.contains(base, head) for _ in range(30))), 10)
    assert all(answers)
    assert len(list(Path("/proc/self/fd").iterdir())) <= files + 1


@pytest.mark.parametrize("hostile", [{"GIT_TRACE": "1"}, {"GIT_DIR": "/nonexistent"}, {"GIT_CONFIG_COUNT": "x"}])
async def test_our_own_environment_does_not_reach_git(yard, monkeypatch, hostile):
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    assert (await yard.do(yard.cut())).outcome == "done"
