"""What the adapter reads from a forge and makes there, on two that were written apart: looked for, then made."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.forge import LONGEST_NOTES, LONGEST_PULL, Attachment
from core.errors import IntegrationError
from tests.bot.integrations.github.worlds import World

DUE = date(2026, 12, 16)


# -- milestones and issues -----------------------------------------------------------------------------------------


async def test_a_milestone_is_made_once_and_counts_what_is_in_it(world: World) -> None:
    assert await world.github.milestone("v1.3.0") is None
    made = await world.github.ensure_milestone("v1.3.0", DUE)
    assert (made.title, made.state, made.due) == ("v1.3.0", "open", DUE)
    assert await world.github.ensure_milestone("v1.3.0", DUE) == made
    assert world.count("POST", "/milestones") == 1
    assert world.count("PATCH", f"/milestones/{made.number}") == 0
    first = await world.files_issue("early", made.number)
    last = await world.files_issue("late", made.number, "bug")
    await world.files_issue("elsewhere", None)
    await world.closes(last)
    now = await world.github.milestone("v1.3.0")
    assert now is not None
    assert (now.open, now.closed) == (1, 1)
    issues = await world.github.issues("v1.3.0")
    assert [(one.number, one.title, one.is_pull, one.state, one.labels) for one in issues] == [
        (first, "early", False, "open", ()), (last, "late", False, "closed", ("bug",)),
    ]  # fmt: skip
    assert await world.github.issues("v9.9.9") == ()


async def test_a_closed_milestone_is_opened_again_and_moves_with_its_date(world: World) -> None:
    await world.github.ensure_milestone("v1.3.0", DUE)
    closed = await world.github.close_milestone("v1.3.0")
    assert closed is not None
    assert closed.state == "closed"
    assert await world.github.close_milestone("v1.3.0") == closed
    again = await world.github.ensure_milestone("v1.3.0", date(2027, 1, 13))
    assert (again.state, again.due, again.number) == ("open", date(2027, 1, 13), closed.number)
    assert (await world.github.ensure_milestone("v1.3.0")).due == date(2027, 1, 13)
    assert await world.github.close_milestone("v9.9.9") is None


async def test_a_milestone_is_found_beyond_the_first_page(world: World) -> None:
    await world.makes_milestones(*(f"v0.1.{n}" for n in range(102)))
    for title in ("v0.1.0", "v0.1.101"):
        found = await world.github.milestone(title)
        assert found is not None
        assert found.title == title
    assert world.count("GET", "/milestones") == 4


# -- pull requests -------------------------------------------------------------------------------------------------


async def test_a_pull_request_is_told_with_who_approved_it(world: World) -> None:
    number = await world.pull("a", body="Why")
    await world.reviews("theo", number)
    await world.reviews("ines", number, "requests changes")
    await world.reviews("theo", number, "comments")
    before = (await world.github.pulls([number]))[number]
    assert (before.reviewers, before.reviewers_before, before.state) == (("theo",), (), "open")
    assert before.head_sha == await world.head("topic/a")
    await world.reviews("ines", number)
    await world.reviews("theo", number, "requests changes")
    merged = await world.merges(number)
    pull = (await world.github.pulls([number]))[number]
    assert pull.reviewers == ("ines",)
    assert (pull.state, pull.merge_sha) == ("merged", merged)
    assert (pull.base, pull.head, pull.author, pull.title, pull.body) == ("main", "topic/a", "dana", "Topic a", "Why")
    assert pull.url.endswith(f"/pull/{number}")


async def test_numbers_that_are_no_pull_request_are_left_out(world: World) -> None:
    issue = await world.files_issue("no pull", None)
    number = await world.pull("a")
    assert set(await world.github.pulls([issue, number, 999, 0, -1, number])) == {number}
    assert await world.github.pulls([]) == {}


async def test_open_pulls_of_one_branch(world: World) -> None:
    await world.branch("develop")
    own = await world.pull("a", base="develop")
    newer = await world.pull("b", base="develop")
    await world.pull("c", base="main")
    assert [pull.number for pull in await world.github.open_pulls("develop")] == [newer, own]
    assert await world.github.open_pulls("a b&state=closed#x") == ()


async def test_a_pull_request_for_a_conflict_is_opened_once(world: World) -> None:
    await world.branch("develop")
    await world.pull("other", base="develop")
    await world.branch("release/1.3.0", "develop", "work\n")
    made = await world.github.ensure_pull("release/1.3.0", "develop", "Merge v1.3.0", "Two files conflict.")
    again = await world.github.ensure_pull("release/1.3.0", "develop", "Another title", "")
    assert made.head == "release/1.3.0"
    assert (again.number, again.title, again.body) == (made.number, "Merge v1.3.0", "Two files conflict.")
    assert world.count("POST", "/pulls") == 1


# -- checks: the witness has no commit statuses, so these are in test_strict.py ------------------------------------
# -- releases ------------------------------------------------------------------------------------------------------


async def test_a_release_is_published_once_and_corrected_when_it_differs(world: World) -> None:
    await world.tag("v1.3.0")
    page = await world.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True)
    assert page.endswith("/releases/tag/v1.3.0")
    assert await world.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True) == page
    assert world.count("POST", "/releases") == 1
    assert not [path for method, path in world.sent if method == "PATCH"]
    await world.github.ensure_release("v1.3.0", "v1.3.0", "Notes, mended", latest=True)
    one = await world.release("v1.3.0")
    assert (one.name, one.body, one.draft, one.prerelease) == ("v1.3.0", "Notes, mended", False, False)


async def test_a_hotfix_is_no_prerelease(world: World) -> None:
    await world.tag("v1.2.2-hotfix.1")
    await world.github.ensure_release("v1.2.2-hotfix.1", "v1.2.2-hotfix.1", "Notes", latest=True)
    assert (await world.release("v1.2.2-hotfix.1")).prerelease is False


async def test_no_release_without_its_tag(world: World) -> None:
    with pytest.raises(IntegrationError, match=r"v1\.3\.0") as missing:
        await world.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True)
    assert (missing.value.facts["reason"], missing.value.facts["cause"]) == ("missing", "no_tag")
    assert not await world.has_tag("v1.3.0")


async def test_a_text_of_exactly_the_longest_length_is_taken_and_one_more_is_not(world: World) -> None:
    await world.tag("v1.3.0")
    await world.github.ensure_release("v1.3.0", "v1.3.0", "é" * LONGEST_NOTES, latest=True)
    with pytest.raises(IntegrationError, match="125000") as refused:
        await world.github.ensure_release("v1.3.0", "v1.3.0", "x" * (LONGEST_NOTES + 1), latest=True)
    assert refused.value.facts["cause"] == "too_long"
    assert (await world.release("v1.3.0")).body == "é" * LONGEST_NOTES
    with pytest.raises(IntegrationError, match="65536"):
        await world.github.ensure_pull("topic/a", "main", "Title", "x" * (LONGEST_PULL + 1))


async def test_files_belong_to_the_release_once(world: World) -> None:
    await world.tag("v1.3.0")
    files = (Attachment("notes.md", "All of it ü"), Attachment("other.md", "x"))
    for _ in range(2):
        await world.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True, attachments=files)
    one = await world.release("v1.3.0")
    assert one.assets == {"notes.md": 12, "other.md": 1}
    assert not one.draft
    mended = (Attachment("notes.md", "All of it, mended"),)
    await world.github.ensure_release("v1.3.0", "v1.3.0", "Notes", latest=True, attachments=mended)
    assert (await world.release("v1.3.0")).assets == {"notes.md": 17, "other.md": 1}


# -- refusals ------------------------------------------------------------------------------------------------------


async def test_a_repository_that_is_not_there(world: World) -> None:
    with pytest.raises(IntegrationError) as missing:
        await world.another(repository="acme/other").open_pulls("main")
    assert (missing.value.facts["reason"], missing.value.retryable) == ("missing", False)
