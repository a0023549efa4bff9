"""The forge's memory: one repository, its numbers, and the events that others hear of."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.github.errors import not_found
from sandbox.github.records import Deployment, Issue, Json, Milestone, PullPart, Release, Run, Status, Token, Waiting
from sandbox.github.refs import Refs

Listener = Callable[[str, Json], None]


@dataclass
class Hub:
    """Everything that is kept about `repository`; `now` dates it, `on_event` hears of each change."""

    repository: str
    refs: Refs
    now: Callable[[], datetime]
    url: Callable[[], str]
    private: bool = True
    default_branch: str = "main"
    issues: dict[int, Issue] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    app: tuple[str, str] = ("", "")  # id and public key (PEM) of the app whose rule protects environments
    minted: dict[str, Token] = field(default_factory=dict)  # tokens of its installation
    waiting: dict[int, Waiting] = field(default_factory=dict)  # jobs that wait for a rule, by their run
    latest: int | None = None  # the release that somebody named the latest
    not_latest: set[int] = field(default_factory=set)
    on_event: Listener | None = None
    known: dict[str, str] = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1000))

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    def new_id(self) -> int:
        return next(self._ids)

    def next_number(self) -> int:
        return max(self.issues, default=0) + 1

    def pull(self, number: int) -> tuple[Issue, PullPart]:
        """A pull request; an issue with that number is none."""
        issue = self.issues.get(number)
        if issue is None or issue.pull is None:
            raise not_found()
        return issue, issue.pull

    def pulls(self) -> list[tuple[Issue, PullPart]]:
        return [(issue, issue.pull) for issue in self.issues.values() if issue.pull is not None]

    def release(self, release_id: int) -> Release:
        if release_id not in self.releases:
            raise not_found()
        return self.releases[release_id]

    def tell(self, event: str, action: str = "", /, **more: object) -> None:
        """An event for the webhooks."""
        if self.on_event is not None:
            body: Json = {"action": action} if action else {}
            self.on_event(event, {**body, **more, "repository": {"full_name": self.repository}})

    # -- what git did meanwhile ------------------------------------------------------------------------------------

    def notice(self) -> None:
        """See what was pushed: pull requests follow their branches, and those that arrived are merged."""
        refs = self.refs.all()
        if refs == self.known:
            return
        before, self.known = self.known, refs
        for issue, pull in self.pulls():
            if issue.state == "open":
                self._follow(issue, pull)
        if before:
            self._tell_pushes(before, refs)

    def _follow(self, issue: Issue, pull: PullPart) -> None:
        head, base = self.known.get(f"refs/heads/{pull.head}"), self.known.get(f"refs/heads/{pull.base}")
        if head and head != pull.head_sha:
            pull.head_sha = head
            self.refs.move(f"refs/pull/{issue.number}/head", head)
            self.tell("pull_request", "synchronize", number=issue.number)
        if base and base != pull.base_sha and self.refs.contains(pull.head_sha, base):
            self.close(issue, merged_as=base)
        elif head is None:
            self.close(issue)
        pull.base_sha = base or pull.base_sha

    def close(self, issue: Issue, merged_as: str = "") -> None:
        """Close an issue or a pull request; with `merged_as` as merged by that commit."""
        issue.state, issue.closed_at = "closed", self.now()
        if issue.pull is not None and merged_as:
            issue.pull.merged_at, issue.pull.merge_sha = issue.closed_at, merged_as
        self.tell("pull_request" if issue.pull else "issues", "closed", number=issue.number)

    def _tell_pushes(self, before: dict[str, str], after: dict[str, str]) -> None:
        nothing = "0" * 40
        for ref in sorted(before.keys() | after.keys()):
            old, new = before.get(ref, nothing), after.get(ref, nothing)
            if old == new:
                continue
            kind = "tag" if ref.startswith("refs/tags/") else "branch"
            if nothing in (old, new):
                name = ref.split("/", 2)[2]
                self.tell("create" if old == nothing else "delete", ref=name, ref_type=kind)
            self.tell("push", ref=ref, before=old, after=new, created=old == nothing, deleted=new == nothing)
