"""What is asked of host and tracker while a range is read, and what becomes of it when they do not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from core.domain.forge import Issue, Pull
from core.domain.notes.gaps import as_told_before, with_issues
from core.domain.notes.model import Draft, Item
from core.domain.notes.model import Issue as Planned
from core.domain.repository import Commit
from core.errors import IntegrationError
from core.usecases.asking import merged, planned

COMMITS = [Commit("a" * 40, (), "Jo", "jo@x", datetime(2026, 12, 1, tzinfo=UTC), "feat: a (#7)", pull=7)]


class Host:
    """A host with one merged and one open pull request in the milestone."""

    asked: Sequence[int] = ()

    async def issues(self, milestone: str) -> Sequence[Issue]:
        merged = Issue(8, "b", "closed", is_pull=True, merged=True)
        return (merged, Issue(9, "c", "open", is_pull=True), Issue(3, "slow", "closed"))

    async def pulls(self, numbers: Sequence[int]) -> Mapping[int, Pull]:
        self.asked = numbers
        return {n: Pull(n, "x", state="merged") for n in numbers}


class Away:
    async def issues(self, keys: Any) -> Any:
        raise IntegrationError("jira", "no", retryable=False, reason="denied")

    pulls = issues


async def test_what_was_merged_for_the_milestone_is_asked_about_with_what_the_commits_name() -> None:
    host = Host()
    ctx: Any = SimpleNamespace(forge=host, tracker=None)
    found, heard = await merged(ctx, COMMITS, "v1.3.0")
    assert (set(found), heard, list(host.asked)) == ({7, 8}, {"host": ""}, [7, 8])
    assert (await merged(ctx, COMMITS, ""))[0].keys() == {7}, "two versions that are compared have no milestone"
    assert await planned(ctx, ["AA-1"]) == ({}, {}), "without a tracker nobody is asked"
    assert await merged(SimpleNamespace(forge=None), COMMITS, "v1.3.0") == ({}, {})  # type: ignore[arg-type]


async def test_who_does_not_answer_is_told_with_the_reason() -> None:
    ctx: Any = SimpleNamespace(forge=Away(), tracker=Away())
    assert await merged(ctx, COMMITS, "") == ({}, {"host": "denied"})
    assert await planned(ctx, ["AA-1"]) == ({}, {"tracker": "denied"})


def test_what_the_tracker_said_of_items_that_are_still_there_stands() -> None:
    items = (Item("#7", "a", keys=("AA-1",)), Item("#8", "b", keys=("AA-2",)))
    states = {key: Planned(key, "", "In Review", done=False) for key in ("AA-1", "AA-2")}
    before = with_issues(Draft("", "", items), states)
    now = as_told_before(Draft("", "", items[:1]), before)
    assert [(g.code, g.item, g.facts["key"]) for g in now.gaps] == [("key_not_done", "#7", "AA-1")]
