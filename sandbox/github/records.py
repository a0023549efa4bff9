"""What the forge keeps: tokens, issues and pull requests, milestones, releases, checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
Verdict = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]

FULL: Mapping[str, str] = {
    "metadata": "read",
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "read",
    "actions": "read",
    "deployments": "write",
}


@dataclass(frozen=True)
class Token:
    """A fine-grained token has permissions; a classic one has scopes, of which `repo` is everything here.

    GitHub offers no permission for checks to fine-grained tokens, so that one is refused them where they are private.
    """

    value: str
    login: str = "release-bot"
    permissions: Mapping[str, str] = field(default_factory=lambda: FULL)
    scopes: frozenset[str] | None = None
    expires: datetime | None = None
    is_app: bool = False  # of an installed app, which alone answers its deployment protection rule

    @property
    def is_classic(self) -> bool:
        return self.scopes is not None


@dataclass
class Review:
    id: int
    by: str
    state: Verdict
    commit_id: str
    at: datetime
    is_bot: bool = False


@dataclass
class PullPart:
    """What a pull request has beyond an issue; `head_sha` follows the branch while it is open."""

    head: str
    base: str
    head_sha: str
    base_sha: str
    merged_at: datetime | None = None
    merge_sha: str = ""
    reviews: list[Review] = field(default_factory=list)


@dataclass
class Issue:
    """An issue, or with `pull` a pull request: both share one series of numbers."""

    number: int
    title: str
    body: str
    by: str
    at: datetime
    labels: list[str] = field(default_factory=list)
    state: Literal["open", "closed"] = "open"
    milestone: int | None = None
    closed_at: datetime | None = None
    pull: PullPart | None = None


@dataclass
class Milestone:
    number: int
    title: str
    at: datetime
    description: str | None = None
    state: Literal["open", "closed"] = "open"
    due_on: datetime | None = None


@dataclass
class Asset:
    id: int
    name: str
    content_type: str
    raw: bytes
    at: datetime


@dataclass
class Release:
    id: int
    tag: str
    target: str
    by: str
    at: datetime
    name: str | None = None
    body: str | None = None
    draft: bool = False
    prerelease: bool = False
    published_at: datetime | None = None
    assets: list[Asset] = field(default_factory=list)


@dataclass
class Run:
    """A check run; `suite` says which run of the CI it belongs to: one for the push, one for the pull request."""

    id: int
    name: str
    sha: str
    status: str
    conclusion: str | None
    at: datetime
    suite: int = 1
    app: str = "github-actions"


@dataclass
class Status:
    id: int
    context: str
    sha: str
    state: str
    at: datetime
    url: str | None = None


@dataclass
class Told:
    """One status of a deployment."""

    id: int
    state: str
    said: str
    at: datetime


@dataclass
class Deployment:
    id: int
    sha: str
    ref: str
    task: str
    environment: str
    payload: object
    said: str
    at: datetime
    statuses: list[Told] = field(default_factory=list)


@dataclass
class Waiting:
    """A job that waits for the rule; `comment` is what the rule said."""

    run: int
    environment: str
    sha: str
    state: Literal["waiting", "approved", "rejected"] = "waiting"
    comment: str = ""
