"""What only the sandbox's forge can show: its refusals, its races, and what it does when it breaks in the middle."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from core.domain.forge import Attachment
from core.errors import IntegrationError
from sandbox.github.records import Token
from tests.bot.integrations.github.worlds import Sandbox

DUE = date(2026, 12, 16)


async def test_two_processes_that_make_the_same_milestone_get_the_same(forge: Sandbox) -> None:
    found = await asyncio.gather(*(forge.github.ensure_milestone("v1.3.0", DUE) for _ in range(4)))
    assert len({one.number for one in found}) == 1
    assert len(forge.server.hub.milestones) == 1


async def test_two_processes_that_open_the_same_pull_request_get_the_same(forge: Sandbox) -> None:
    await forge.branch("release/1.3.0", "main", "work\n")
    await forge.branch("develop")
    found = await asyncio.gather(
        *(forge.github.ensure_pull("release/1.3.0", "develop", "Merge", "") for _ in range(4))
    )
    assert len({one.number for one in found}) == 1


async def test_a_milestone_counts_pull_requests_too(forge: Sandbox) -> None:
    made = await forge.github.ensure_milestone("v1.3.0", DUE)
    number = await forge.pull("a")
    await forge.plans(number, made.number)
    await forge.merges(number)
    now = await forge.github.milestone("v1.3.0")
    assert now is not None
    assert (now.open, now.closed) == (0, 1)
    (only,) = await forge.github.issues("v1.3.0")
    assert (only.number, only.is_pull, only.merged, only.state) == (number, True, True, "closed")


async def test_approvals_are_of_what_is_there_now_and_of_others(forge: Sandbox) -> None:
    number = await forge.pull("a")
    await forge.reviews("dana", number)  # her own, as an administrator may force it
    await forge.reviews("theo", number)
    forge.server.people.reviews("renovate", number, is_bot=True)
    assert (await forge.github.pulls([number]))[number].reviewers == ("theo",)
    await forge.commit("topic/a", "more.txt", "more")
    await forge.reviews("ines", number)
    pull = (await forge.github.pulls([number]))[number]
    assert (pull.reviewers, pull.reviewers_before, pull.commits) == (("ines",), ("theo",), 2)


async def test_very_many_pull_requests_are_read_by_the_hundred(
    forge: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.integrations.github.forge.ONE_BY_ONE", 10)
    monkeypatch.setattr("bot.integrations.github.forge.PAGE", 10)
    numbers = [await forge.pull("old")]
    _, part = forge.server.hub.pull(numbers[0])
    for _ in range(14):
        numbers.append(await forge.files_issue("later", None))
        forge.server.hub.issues[numbers[-1]].pull = type(part)("topic/x", "x", part.head_sha, part.base_sha)
    found = await forge.github.pulls(numbers)
    assert list(found) == numbers
    assert forge.count("GET", "/pulls") == 2
    assert not [path for _, path in forge.sent if path.startswith("/pulls/") and not path.endswith("/reviews")]


@pytest.mark.parametrize(("head", "cause"), [("main", "no_commits"), ("nowhere", None)])
async def test_a_pull_request_that_cannot_be(forge: Sandbox, head: str, cause: str) -> None:
    await forge.branch("develop")
    with pytest.raises(IntegrationError) as refused:
        await forge.github.ensure_pull(head, "develop", "Title", "")
    assert (refused.value.facts["reason"], refused.value.retryable) == ("refused", False)
    assert refused.value.facts.get("cause") == cause


# -- checks --------------------------------------------------------------------------------------------------------


async def test_checks_and_statuses_of_a_commit_together(forge: Sandbox) -> None:
    sha, people = await forge.head("main"), forge.server.people
    assert await forge.github.checks(sha) == ()
    people.runs_check(sha, "tests", "failure")
    people.runs_check(sha, "tests", "success")  # run again in the same suite
    people.runs_check(sha, "lint", None)
    people.runs_check(sha, "docs", "neutral")
    people.runs_check(sha, "build", "success", suite=1)
    people.runs_check(sha, "build", "timed_out", suite=2)  # once for the push, once for the pull request
    people.sets_status(sha, "ci/old", "failure")
    people.sets_status(sha, "ci/old", "pending")
    classic = forge.with_token(Token("ghp_classic_token", scopes=frozenset({"repo"})))
    for github in (forge.github, classic):
        found = {check.name: check for check in await github.checks(sha)}
        assert {name: check.state for name, check in found.items()} == {
            "tests": "passed", "lint": "running", "docs": "skipped", "build": "failed", "ci/old": "running",
        }  # fmt: skip
        assert found["tests"].at is not None
        assert "/runs/" in found["build"].url


async def test_a_token_that_may_see_no_check_runs_sees_those_of_actions(forge: Sandbox) -> None:
    sha = await forge.head("main")
    forge.server.people.runs_check(sha, "tests", "failure")
    forge.server.people.runs_check(sha, "cla", "success", app="cla-bot")
    assert [(check.name, check.state) for check in await forge.github.checks(sha)] == [("tests", "failed")]
    classic = forge.with_token(Token("ghp_classic_token", scopes=frozenset({"repo"})))
    assert {check.name for check in await classic.checks(sha)} == {"tests", "cla"}


async def test_a_commit_that_is_not_there(forge: Sandbox) -> None:
    classic = forge.with_token(Token("ghp_classic_token", scopes=frozenset({"repo"})))
    for github in (forge.github, classic):
        with pytest.raises(IntegrationError) as missing:
            await github.checks("a" * 40)
        assert missing.value.facts["reason"] == "missing"
    with pytest.raises(IntegrationError, match="no commit"):
        await forge.github.checks("../../milestones")


# -- releases ------------------------------------------------------------------------------------------------------


async def test_latest_is_said_on_purpose(forge: Sandbox) -> None:
    hub = forge.server.hub
    for tag, latest in (("v2.0.0", True), ("v1.9.9-hotfix.1", False), ("v2.0.1", True)):
        await forge.tag(tag)
        await forge.github.ensure_release(tag, tag, "Notes", latest=latest)
    assert hub.releases[hub.latest or 0].tag == "v2.0.1"
    assert (await forge.github.mark_latest("v2.0.0")).endswith("v2.0.0")  # v2.0.1 was rolled back
    assert hub.releases[hub.latest or 0].tag == "v2.0.0"
    assert await forge.github.mark_latest("v2.0.0") != ""
    assert await forge.github.mark_latest("v9.9.9") == ""
    await forge.github.ensure_release("v2.0.0", "v2.0.0", "Notes", latest=False)
    assert hub.latest is None


@pytest.mark.parametrize("broken", ["assets.upload", "releases.update", "releases.create"])
@pytest.mark.parametrize("how", ["error_before", "error_after", "drop"])
async def test_files_are_there_before_it_is_published_even_after_a_break(
    forge: Sandbox, broken: str, how: str
) -> None:
    await forge.tag("v1.3.0")
    files = (Attachment("notes.md", "All of it ü"), Attachment("other.md", "x"))
    forge.server.faults.add(broken, how, nth=1)  # type: ignore[arg-type]
    with pytest.raises(IntegrationError) as down:
        await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True, attachments=files)
    assert (down.value.facts["reason"], down.value.doubt) == ("down", True)
    for one in forge.server.hub.releases.values():
        assert one.draft or len(one.assets) == 2
    await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True, attachments=files)
    (one,) = forge.server.hub.releases.values()
    assert [(asset.name, asset.raw.decode()) for asset in one.assets] == [(f.name, f.text) for f in files]
    assert not one.draft


# -- for the doctor ------------------------------------------------------------------------------------------------


async def test_what_a_token_may_is_found_out_without_changing_anything(forge: Sandbox) -> None:
    told = await forge.github.standing()
    assert (told.private, told.writes, told.remaining) == (True, True, forge.server.limits.remaining + 7)
    assert all(probe.ok for probe in told.probes)
    few = forge.with_token(Token("github_pat_few", permissions={"metadata": "read", "pull_requests": "read"}))
    lacking = {probe.what: probe.said for probe in (await few.standing()).probes if not probe.ok}
    assert set(lacking) == {"releases", "deployments", "commit statuses", "checks"}
    assert lacking["releases"] == "contents=read"
    assert {method for method, _ in forge.sent} == {"GET"}
