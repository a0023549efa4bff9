"""The outside world as the core sees it; implemented in `bot/integrations`, joined in `bot/app`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from core.domain.flags.in_code import Places
from core.domain.forge import Attachment, Check, Issue, Milestone, Pull, Shown
from core.domain.notes.model import Issue as Planned
from core.domain.pipeline.hosted import Deployed
from core.domain.repository import (
    Commit,
    Difference,
    FileFault,
    GitOrder,
    GitPlan,
    Holding,
    Prepare,
    PushResult,
    RangeRead,
    RemoteState,
)


class Clock(Protocol):
    """Release time: aware UTC. Leases, pauses and signatures never use it."""

    def now(self) -> datetime: ...


class Repository(Protocol):
    """The product's git remote. Every method may take seconds and never runs inside a unit of work.

    Raises `IntegrationError("git", ..., retryable=...)` when the remote cannot be read, and `Refused` with every
    reason when a plan is impossible.
    """

    def seen(self) -> RemoteState | None:
        """The last state read, without waiting; None before the first read."""

    async def look(self, max_age: float = 60.0) -> RemoteState:
        """The remote's refs, read again when what we know is older than `max_age` seconds."""

    async def head(self) -> str:
        """The commit of the remote's own HEAD, mostly its default branch; "" in an empty repository."""

    async def changes(self, base: str, head: str, limit: int = 2000) -> Sequence[Commit]:
        """Commits in `base..head` (SHAs), newest first, from the mirror."""

    async def read_range(
        self, base: str, head: str, *, against: Sequence[str] = (), limit: int = 50_000
    ) -> RangeRead:
        """Commits in `base..head`, newest first, and which of them shipped before under another SHA.

        `against` are commits of shipped versions, oldest first; `base`'s own line is always among what shipped.
        An empty `base` reads from the first commit on.
        """

    async def difference(self, base: str, head: str, wanted: Callable[[str], bool]) -> Difference:
        """What differs between two commits, with the texts of the files that `wanted` asks for by path."""

    async def touched(self, shas: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The paths that each of these commits changed; none for a merge."""

    async def mentions(self, sha: str, names: Sequence[str]) -> Places:
        """Where the files of a commit name these flags as whole words, by name; bounded, binary files left out."""

    async def files(self, sha: str, paths: Sequence[str]) -> dict[str, str | None]:
        """The texts of files at a commit; None for one that is missing or is no text."""

    async def checkout(self, sha: str, folder: Path) -> None:
        """Write the files of a commit into a new folder."""

    async def prepared(self, sha: str, wanted: Prepare) -> tuple[FileFault, ...]:
        """What at `sha` differs from what was to be prepared: version files and the CHANGELOG's section."""

    async def find(self, text: str) -> tuple[Commit, ...]:
        """Commits on any branch or tag, newest first, by the start of a SHA, "#42" or an issue key ("AA-101")."""

    async def holding(self, sha: str) -> Holding:
        """The tags and branches whose history has the commit."""

    async def strangers(self, main: str, known: Sequence[str]) -> Sequence[Commit]:
        """Commits of `main` (a SHA) that none of the known ones holds and no promotion of ours explains."""

    async def contains(self, ancestor: str, descendant: str) -> bool:
        """Whether `ancestor` is reachable from `descendant`."""

    async def plan(self, order: GitOrder) -> GitPlan:
        """Make all objects in memory of the mirror; move nothing outside."""

    async def push(self, order: GitOrder, plan: GitPlan) -> PushResult:
        """Publish the plan in one atomic push, idempotently; look at the remote before and after."""


class Copies(Protocol):
    """Copies of the product's repository, one for each rehearsal; nothing that happens there leaves this machine."""

    def of(self, key: str) -> Repository:
        """The copy with this key; its methods raise `IntegrationError` when it is gone."""

    async def make(self, key: str, without: Collection[str]) -> None:
        """Copy what is known of the remote, without these refs (refs/heads/...). May take seconds."""

    async def forget(self, key: str) -> None:
        """Delete a copy; one that is gone is no fault."""


class Tracker(Protocol):
    """Where work is planned, by issue key ("AA-101"); read only. May take seconds; raises `IntegrationError`."""

    async def issues(self, keys: Sequence[str]) -> Mapping[str, Planned]:
        """Title and state of those of `keys` that the tracker knows."""


class Forge(Protocol):
    """The host of pull requests, checks, milestones and releases. Every method may take seconds.

    Raises `IntegrationError` with the vendor's name and the facts `reason` and `until`: `reason` is down, rate, denied,
    missing or refused (see `core.domain.forge.Reason`), `until` the instant from which a rate limit lets us in again
    or None. Each `ensure_*` looks first, so doing it twice leaves one thing.
    """

    async def pulls(self, numbers: Sequence[int]) -> Mapping[int, Pull]:
        """The pull requests among `numbers`; one that does not exist, or is an issue, is left out."""

    async def open_pulls(self, base: str) -> Sequence[Pull]:
        """Open pull requests into the branch `base`, newest first, without their reviewers."""

    async def issues(self, milestone: str) -> Sequence[Issue]:
        """Issues and pull requests of the milestone with this title, open and closed; none when it does not exist."""

    async def checks(self, sha: str) -> Sequence[Check]:
        """The newest result of each check and status of a commit, by name."""

    async def milestone(self, title: str) -> Milestone | None:
        """The milestone with this title, open or closed."""

    async def ensure_milestone(self, title: str, due: date | None = None) -> Milestone:
        """An open milestone with this title; an existing one gets the due date when `due` is another."""

    async def close_milestone(self, title: str) -> Milestone | None:
        """Close it; None when there is none."""

    async def ensure_pull(self, head: str, base: str, title: str, body: str) -> Pull:
        """An open pull request from the branch `head` into `base`; an open one is left as people wrote it."""

    async def ensure_release(
        self, tag: str, name: str, body: str, *, latest: bool, attachments: Sequence[Attachment] = ()
    ) -> str:
        """The published release of an existing tag with exactly this text, never a pre-release; returns its page.

        `latest` is said either way, because the forge would guess it from the version. Attachments are there
        before it is published. A body over `LONGEST_NOTES` is refused.
        """

    async def show_run(self, run: Shown) -> str:
        """The deployment of a run, with this state as its newest one; returns its id."""

    async def answer_rule(self, asked: Mapping[str, object], allowed: bool, words: str) -> None:
        """Let a job of CI deploy, or not. `asked` are its environment, callback and installation, as it told them."""

    async def mark_latest(self, tag: str) -> str:
        """Make the release of `tag` the latest one, its text untouched: after a roll-back. Returns its page, or ""."""


class Tails(Protocol):
    """What steps that are at work say right now."""

    async def newest(self, run: int, step: str, lines: int) -> Sequence[str]:
        """The newest lines of a step of a stored run, oldest first, without secrets; none where nobody here can tell.
        """


class ServiceHost(Protocol):
    """A host that runs services of the product; `target` is what it calls one of them in one environment.

    Every method asks a vendor: it may take seconds and raises `IntegrationError(host, retryable=...)`. None of them
    waits for a deployment to end. `key` is ours, the same for every try at one step of one run.
    """

    name: str
    phased: bool  # whether it can give a deployment a part of the traffic

    async def deploy(self, target: str, commit: str, *, key: str, digest: str = "") -> Deployed:
        """Ask for a deployment of this commit. Raises a final `IntegrationError` for a commit that the host does not
        know. Not repeatable by itself: after doubt `find` is asked first."""

    async def find(self, target: str, commit: str, *, key: str, since: datetime) -> Deployed | None:
        """The newest deployment of this commit that began after `since` (less a minute), ours or that of a push."""

    async def look(self, target: str, id: str) -> Deployed:
        """How one deployment stands. Raises a final `IntegrationError` for one that the host does not know."""

    async def live(self, target: str) -> Deployed | None:
        """What serves now; None where nothing was deployed yet."""

    async def roll_back(self, target: str, commit: str, *, key: str) -> Deployed:
        """Ask for the commit's last live deployment again, by the host's own way back where it has one.

        Asked twice it is the same: what serves already, or is on its way, is only named."""

    async def give(self, target: str, id: str, share: int) -> Deployed:
        """Ask that a ready deployment serves this percentage of the traffic; 100 makes it live. Harmless when it
        does already. Raises a final `IntegrationError` for a part where the host knows no parts."""

    async def cancel(self, target: str, id: str) -> Deployed:
        """Ask to give a deployment up that is not live yet; what comes of it is seen by `look`."""

    async def tail(self, target: str, id: str, lines: int = 30) -> Sequence[str]:
        """The last lines of its log, oldest first; empty where the host shows none."""

    async def deploys_by_itself(self, target: str) -> bool | None:
        """Whether a push alone makes the host deploy; None where it does not say."""
