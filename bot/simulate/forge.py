"""The host of the code in a simulation: milestones and pages are there once they were asked for, checks always pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.simulate.repository import MemoryRepository
from core.domain.forge import Attachment, Check, Issue, Milestone, Pull, Shown

PAGES = "https://code.example"


@dataclass(slots=True)
class MemoryForge:
    """Knows the pull requests that the commits in memory name; nobody opens others."""

    repository: MemoryRepository
    milestones: dict[str, Milestone] = field(default_factory=dict)

    async def pulls(self, numbers: Sequence[int]) -> Mapping[int, Pull]:
        found = {c.pull: c for c in self.repository.history.commits.values() if c.pull in set(numbers)}
        return {
            number: Pull(number, commit.subject, author=commit.author, state="merged", merge_sha=commit.sha)
            for number, commit in found.items()
            if number is not None
        }

    async def open_pulls(self, base: str) -> Sequence[Pull]:
        return ()

    async def issues(self, milestone: str) -> Sequence[Issue]:
        return ()

    async def checks(self, sha: str) -> Sequence[Check]:
        return (Check("ci", "passed"),)

    async def milestone(self, title: str) -> Milestone | None:
        return self.milestones.get(title)

    async def ensure_milestone(self, title: str, due: date | None = None) -> Milestone:
        known = self.milestones.get(title) or Milestone(len(self.milestones) + 1, title)
        self.milestones[title] = replace(known, state="open", due=due or known.due)
        return self.milestones[title]

    async def close_milestone(self, title: str) -> Milestone | None:
        if title in self.milestones:
            self.milestones[title] = replace(self.milestones[title], state="closed")
        return self.milestones.get(title)

    async def ensure_pull(self, head: str, base: str, title: str, body: str) -> Pull:
        return Pull(1, title, body, base=base, head=head, url=f"{PAGES}/pull/1")

    async def ensure_release(
        self, tag: str, name: str, body: str, *, latest: bool, attachments: Sequence[Attachment] = ()
    ) -> str:
        return f"{PAGES}/releases/{tag}"

    async def show_run(self, run: Shown) -> str:
        return run.run

    async def answer_rule(self, asked: Mapping[str, object], allowed: bool, words: str) -> None:
        return None

    async def mark_latest(self, tag: str) -> str:
        return f"{PAGES}/releases/{tag}"
