"""What the place that hosts the code tells about pull requests, checks, milestones and issues, as plain data.

The core calls it the forge and knows no vendor. All instants are aware UTC; `url` is the page for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

PullState = Literal["open", "closed", "merged"]
CheckState = Literal["passed", "failed", "running", "skipped"]
Reason = Literal["down", "rate", "denied", "missing", "refused"]  # the fact `reason` of an IntegrationError

LONGEST_NOTES = 125_000  # characters that the forge takes as the text of a release
LONGEST_PULL = 65_536  # ... and of a pull request


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull request.

    `base` and `head` are branch names, `head_sha` is the newest commit of the branch, `merge_sha` the commit that
    merging made. `reviewers` approved exactly that newest commit and did not write the change; `reviewers_before`
    approved an older one and were not asked again. `commits` says how many its branch had, 0 where that is not told: of
    a branch that was merged by rebasing, as many belong to it.
    """

    number: int
    title: str
    body: str = ""
    labels: tuple[str, ...] = ()
    author: str = ""
    state: PullState = "open"
    base: str = ""
    head: str = ""
    reviewers: tuple[str, ...] = ()
    url: str = ""
    milestone: str = ""
    head_sha: str = ""
    merge_sha: str = ""
    reviewers_before: tuple[str, ...] = ()
    commits: int = 0
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A run in an environment as the forge shall show it; `run` is ours and names it for good."""

    run: str
    environment: str
    sha: str
    kind: Literal["deploy", "roll back"]
    state: Literal["running", "waiting", "done", "failed"]
    said: str


@dataclass(frozen=True, slots=True)
class Check:
    """The newest result of one check on a commit; `at` is when it ended, or began while it runs."""

    name: str
    state: CheckState
    url: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone with the counts of its issues and pull requests together, as the forge counts them."""

    number: int
    title: str
    state: Literal["open", "closed"] = "open"
    open: int = 0
    closed: int = 0
    due: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue or pull request of a milestone; `merged` is only ever true of a pull request."""

    number: int
    title: str
    state: Literal["open", "closed"]
    labels: tuple[str, ...] = ()
    author: str = ""
    url: str = ""
    is_pull: bool = False
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file that belongs to a release."""

    name: str
    text: str
