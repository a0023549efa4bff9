"""What the adapter reads from the forge, and what it makes there: looked for first, so that twice is once."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from core.domain.forge import LONGEST_NOTES, LONGEST_PULL, Attachment
from core.errors import IntegrationError
from sandbox.github.records import Token
from tests.bot.integrations.github.conftest import Forge

DUE = date(2026, 12, 16)


# -- milestones and issues -----------------------------------------------------------------------------------------


async def test_a_milestone_is_made_once_and_counts_issues_and_pulls(forge: Forge) -> None:
    assert await forge.github.milestone("v1.3.0") is None
    made = await forge.github.ensure_milestone("v1.3.0", DUE)
    assert (made.title, made.state, made.due) == ("v1.3.0", "open", DUE)
    assert await forge.github.ensure_milestone("v1.3.0", DUE) == made
    assert forge.server.made("milestones.create") == 1
    assert forge.server.made("milestones.update") == 0
    number = forge.pull("a")
    forge.server.people.plans(number, made.number)
    done = forge.server.people.files_issue("jo", "late", milestone=made.number, labels=("bug",))
    forge.server.people.closes(done.number)
    now = await forge.github.milestone("v1.3.0")
    assert now is not None
    assert (now.open, now.closed) == (1, 1)
    issues = await forge.github.issues("v1.3.0")
    assert [(one.number, one.is_pull, one.state, one.labels) for one in issues] == [
        (number, True, "open", ()), (done.number, False, "closed", ("bug",)),
    ]  # fmt: skip
    assert await forge.github.issues("v9.9.9") == ()


async def test_a_closed_milestone_is_opened_again_and_moves_with_its_date(forge: Forge) -> None:
    await forge.github.ensure_milestone("v1.3.0", DUE)
    closed = await forge.github.close_milestone("v1.3.0")
    assert closed is not None
    assert closed.state == "closed"
    assert await forge.github.close_milestone("v1.3.0") == closed
    again = await forge.github.ensure_milestone("v1.3.0", date(2027, 1, 13))
    assert (again.state, again.due, again.number) == ("open", date(2027, 1, 13), closed.number)
    assert (await forge.github.ensure_milestone("v1.3.0")).due == date(2027, 1, 13)
    assert await forge.github.close_milestone("v9.9.9") is None


async def test_two_processes_that_make_the_same_milestone_get_the_same(forge: Forge) -> None:
    found = await asyncio.gather(*(forge.github.ensure_milestone("v1.3.0", DUE) for _ in range(4)))
    assert len({one.number for one in found}) == 1
    assert len(forge.server.hub.milestones) == 1


# -- pull requests -------------------------------------------------------------------------------------------------


async def test_a_pull_request_is_told_with_who_approved_what_is_there_now(forge: Forge) -> None:
    people = forge.server.people
    number = forge.pull("a", by="dana", body="Why")
    people.reviews("dana", number)  # her own, as an administrator may force it
    people.reviews("theo", number)
    people.reviews("ines", number, "requests changes")
    people.reviews("renovate", number, is_bot=True)
    before = (await forge.github.pulls([number]))[number]
    assert (before.reviewers, before.reviewers_before, before.state) == (("theo",), (), "open")
    forge.product.commit("topic/a", "more.txt", "more", subject="One more")
    people.reviews("ines", number)
    people.reviews("theo", number, "comments")
    merged = people.merges("ines", number)
    pull = (await forge.github.pulls([number]))[number]
    assert (pull.reviewers, pull.reviewers_before) == (("ines",), ("theo",))
    assert (pull.state, pull.merge_sha) == ("merged", merged)
    assert (pull.base, pull.head, pull.author, pull.commits) == ("main", "topic/a", "dana", 2)
    assert pull.merged_at is not None
    assert pull.body == "Why"


async def test_a_withdrawn_approval_counts_no_more(forge: Forge) -> None:
    number = forge.pull("a")
    forge.server.people.reviews("theo", number)
    forge.server.people.reviews("theo", number, "requests changes")
    assert (await forge.github.pulls([number]))[number].reviewers == ()


async def test_numbers_that_are_no_pull_request_are_left_out(forge: Forge) -> None:
    issue = forge.server.people.files_issue("jo", "no pull").number
    number = forge.pull("a")
    assert set(await forge.github.pulls([issue, number, 999, 0, -1, number])) == {number}
    assert await forge.github.pulls([]) == {}


async def test_very_many_pull_requests_are_read_by_the_hundred(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.integrations.github.forge.ONE_BY_ONE", 20)
    head = forge.branch("topic/many", "main", "many\n")
    old = forge.pull("old")
    numbers = [old]
    for _ in range(130):
        issue = forge.server.people.files_issue("jo", "later")
        number = issue.number
        forge.server.hub.issues[number].pull = type(forge.server.hub.pull(old)[1])("topic/many", "x", head, head)
        numbers.append(number)
    forge.server.door.calls.clear()
    found = await forge.github.pulls(numbers)
    assert list(found) == numbers
    assert forge.server.made("pulls.list") == 2
    assert forge.server.made("pulls.get") == 0


async def test_open_pulls_of_one_branch_over_all_pages(forge: Forge) -> None:
    forge.branch("develop")
    own = forge.pull("a", base="develop")
    forge.pull("b", base="main")
    assert [pull.number for pull in await forge.github.open_pulls("develop")] == [own]
    assert await forge.github.open_pulls("a b&state=closed#x") == ()


async def test_a_pull_request_for_a_conflict_is_opened_once(forge: Forge) -> None:
    forge.branch("develop")
    forge.branch("release/1.3.0", "develop", "work\n")
    made = await forge.github.ensure_pull("release/1.3.0", "develop", "Merge v1.3.0", "Two files conflict.")
    again = await forge.github.ensure_pull("release/1.3.0", "develop", "Another title", "")
    assert (again.number, again.title) == (made.number, "Merge v1.3.0")
    assert forge.server.made("pulls.create") == 1


@pytest.mark.parametrize(
    ("head", "body", "cause", "words"),
    [
        ("main", "", "no_commits", "No commits between"),
        ("nowhere", "", None, "head"),
        ("topic/a", "x" * (LONGEST_PULL + 1), "too_long", "65536"),
    ],
)
async def test_a_pull_request_that_cannot_be(forge: Forge, head: str, body: str, cause: str, words: str) -> None:
    forge.branch("develop")
    forge.branch("topic/a", "main", "a\n")
    with pytest.raises(IntegrationError, match=words) as refused:
        await forge.github.ensure_pull(head, "develop", "Title", body)
    assert (refused.value.facts["reason"], refused.value.retryable) == ("refused", False)
    assert refused.value.facts.get("cause") == cause


# -- checks --------------------------------------------------------------------------------------------------------


async def test_checks_and_statuses_of_a_commit_together(forge: Forge) -> None:
    sha, people = forge.product.commit_of("refs/heads/main"), forge.server.people
    assert await forge.github.checks(sha) == ()
    people.runs_check(sha, "tests", "failure")
    people.runs_check(sha, "tests", "success")  # run again in the same suite
    people.runs_check(sha, "lint", None)
    people.runs_check(sha, "docs", "neutral")
    people.runs_check(sha, "build", "success", suite=1)
    people.runs_check(sha, "build", "timed_out", suite=2)  # once for the push, once for the pull request
    people.sets_status(sha, "ci/old", "failure")
    people.sets_status(sha, "ci/old", "pending")
    found = {check.name: check for check in await forge.github.checks(sha)}
    assert {name: check.state for name, check in found.items()} == {
        "tests": "passed", "lint": "running", "docs": "skipped", "build": "failed", "ci/old": "running",
    }  # fmt: skip
    assert found["tests"].at is not None
    assert "/runs/" in found["build"].url


async def test_a_token_that_may_see_no_check_runs_sees_those_of_actions(forge: Forge) -> None:
    sha = forge.product.commit_of("refs/heads/main")
    forge.server.people.runs_check(sha, "tests", "failure")
    forge.server.people.runs_check(sha, "cla", "success", app="cla-bot")
    fine = await forge.github.checks(sha)
    assert [(check.name, check.state) for check in fine] == [("tests", "failed")]
    classic = forge.with_token(Token("ghp_classic_token", scopes=frozenset({"repo"})))
    assert {check.name for check in await classic.checks(sha)} == {"tests", "cla"}


async def test_a_commit_that_is_not_there(forge: Forge) -> None:
    classic = forge.with_token(Token("ghp_classic_token", scopes=frozenset({"repo"})))
    for github in (forge.github, classic):
        with pytest.raises(IntegrationError) as missing:
            await github.checks("a" * 40)
        assert missing.value.facts["reason"] == "missing"
    with pytest.raises(IntegrationError, match="no commit"):
        await forge.github.checks("../../milestones")


# -- releases ------------------------------------------------------------------------------------------------------


def _tag(forge: Forge, *names: str) -> None:
    for name in names:
        forge.product.git("update-ref", f"refs/tags/{name}", forge.product.commit_of("refs/heads/main"))


async def test_a_release_is_published_once_and_corrected_when_it_differs(forge: Forge) -> None:
    _tag(forge, "v1.3.0")
    page = await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True)
    assert page.endswith("/releases/tag/v1.3.0")
    assert await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True) == page
    assert (forge.server.made("releases.create"), forge.server.made("releases.update")) == (1, 0)
    await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes, mended", latest=True)
    (one,) = forge.server.hub.releases.values()
    assert (one.body, one.draft, one.prerelease) == ("Notes, mended", False, False)


async def test_latest_is_said_on_purpose(forge: Forge) -> None:
    _tag(forge, "v2.0.0", "v1.9.9-hotfix.1", "v2.0.1")
    for tag, latest in (("v2.0.0", True), ("v1.9.9-hotfix.1", False), ("v2.0.1", True)):
        await forge.github.ensure_release(tag, tag, "Notes", latest=latest)
        assert not any(one.prerelease for one in forge.server.hub.releases.values())
    hub = forge.server.hub
    assert hub.releases[hub.latest or 0].tag == "v2.0.1"
    assert (await forge.github.mark_latest("v2.0.0")).endswith("v2.0.0")  # v2.0.1 was rolled back
    assert hub.releases[hub.latest or 0].tag == "v2.0.0"
    assert await forge.github.mark_latest("v2.0.0") != ""
    assert await forge.github.mark_latest("v9.9.9") == ""
    await forge.github.ensure_release("v2.0.0", "v2.0.0", "Notes", latest=False)
    assert hub.latest is None


async def test_no_release_without_its_tag(forge: Forge) -> None:
    with pytest.raises(IntegrationError, match=r"v1\.3\.0") as missing:
        await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True)
    assert (missing.value.facts["reason"], missing.value.facts["cause"]) == ("missing", "no_tag")
    assert "refs/tags/v1.3.0" not in forge.product.refs()


async def test_a_text_of_exactly_the_longest_length_is_taken_and_one_more_is_not(forge: Forge) -> None:
    _tag(forge, "v1.3.0")
    await forge.github.ensure_release("v1.3.0", "v1.3.0", "é" * LONGEST_NOTES, latest=True)
    with pytest.raises(IntegrationError, match="125000") as refused:
        await forge.github.ensure_release("v1.3.0", "v1.3.0", "x" * (LONGEST_NOTES + 1), latest=True)
    assert refused.value.facts["cause"] == "too_long"
    (one,) = forge.server.hub.releases.values()
    assert one.body == "é" * LONGEST_NOTES


@pytest.mark.parametrize("broken", ["assets.upload", "releases.update", "releases.create"])
async def test_files_are_there_before_it_is_published_even_after_a_break(forge: Forge, broken: str) -> None:
    _tag(forge, "v1.3.0")
    files = (Attachment("notes.md", "All of it ü"), Attachment("other.md", "x"))
    forge.server.faults.add(broken, "error_after", nth=1)
    with pytest.raises(IntegrationError) as down:
        await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True, attachments=files)
    assert (down.value.facts["reason"], down.value.doubt) == ("down", True)
    states = [one.published_at for one in forge.server.hub.releases.values()]
    assert states == ([None] if broken != "releases.update" else [states[0]])
    await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True, attachments=files)
    (one,) = forge.server.hub.releases.values()
    assert [(asset.name, asset.raw.decode()) for asset in one.assets] == [(f.name, f.text) for f in files]
    assert not one.draft
    mended = (Attachment("notes.md", "All of it, mended"),)
    await forge.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True, attachments=mended)
    assert {asset.name: asset.raw for asset in one.assets}["notes.md"] == b"All of it, mended"


# -- for the doctor ------------------------------------------------------------------------------------------------


async def test_what_a_token_may_is_found_out_without_changing_anything(forge: Forge) -> None:
    told = await forge.github.standing()
    assert (told.private, told.writes, told.remaining) == (True, True, forge.server.limits.remaining + 6)
    assert all(probe.ok for probe in told.probes)
    few = forge.with_token(Token("github_pat_few", permissions={"metadata": "read", "pull_requests": "read"}))
    lacking = {probe.what: probe.said for probe in (await few.standing()).probes if not probe.ok}
    assert set(lacking) == {"releases", "commit statuses", "checks"}
    assert lacking["releases"] == "contents=read"
    assert not [call for call in forge.server.door.calls if call.body]
