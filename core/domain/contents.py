"""What a release is made of beside its commits: scope items, the state of its notes, checks, and what strays."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.domain.forge import Check


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """Something that people want in the release: a pull request ("#341"), an issue key or a commit.

    `merged` follows from what is read of the range; `moved` is said by a person, `to` names where it goes instead.
    """

    ref: str
    title: str
    by: str
    at: datetime
    state: Literal["in", "merged", "moved"] = "in"
    to: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """Something on the host of the code that could be in the release, whether anybody has named it or not.

    An open pull request into the branch that the release is made of, or work of its milestone (`planned`).
    """

    ref: str
    title: str
    author: str
    kind: Literal["pull", "issue"] = "pull"
    state: Literal["open", "closed"] = "open"
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Silent:
    """The host of the code, or the tracker, does not answer: what it told last is as of `since`.

    `reason` is one of `core.domain.forge.Reason`; the tracker is asked again `about` these issue keys.
    """

    system: Literal["host", "tracker"]
    since: datetime
    reason: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """What git could not bring into the branch `base` by itself: the branch `head`, or `commits` of what people named.

    `commits` are newest first; `reverted` says that they were to be taken back. `refs` are the names.
    """

    base: str
    head: str = ""
    files: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    reverted: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A late change that is no fix, or a ref that was moved by hand: somebody answers for it."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class NamedChange:
    """One item of the draft in short: what a blocker or a card names."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Lack:
    """A gap of the draft that is still open after what people wrote; `before`: it was approved before its last push."""

    code: str
    item: str
    title: str = ""
    path: str = ""
    blocking: bool = False
    before: bool = False


@dataclass(frozen=True, slots=True)
class NotesState:
    """What the rules look at of the notes: made from the stored draft and what people wrote, whenever one changes.

    `text` is the digest of the notes without their date, `section` the same where they stand in a CHANGELOG of the
    product, else ""; `late` are items since the freeze that are no fix; `breaking` are items that break something for
    who uses the product.
    """

    head: str
    read_at: datetime
    counts: dict[str, int] = field(default_factory=dict)
    unclassified: tuple[NamedChange, ...] = ()
    gaps: tuple[Lack, ...] = ()
    findings: int = 0
    late: tuple[NamedChange, ...] = ()
    breaking: tuple[NamedChange, ...] = ()
    redacted: int = 0
    alone: bool = False  # the host of the code did not answer: labels and reviews are read when it does
    section: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """What the checks of the host say about one commit."""

    sha: str
    read_at: datetime
    found: tuple[Check, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(c for c in self.found if c.state == "failed")

    @property
    def running(self) -> tuple[Check, ...]:
        return tuple(c for c in self.found if c.state == "running")

    @property
    def passed(self) -> tuple[Check, ...]:
        return tuple(c for c in self.found if c.state == "passed")


@dataclass(frozen=True, slots=True)
class Absent:
    """A released version whose changes are not where work goes on; `changes` are words: who wrote what."""

    version: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stray:
    """A ref that somebody moved without the bot; `commits` are those that nobody released, where it is a branch.

    kind: "main" commits on main that are in no release, "tag" a tag that is gone or elsewhere, "branch" a release's
    branch that is gone or was rewritten.
    """

    id: str
    kind: Literal["main", "tag", "branch"]
    ref: str
    was: str
    now: str
    since: datetime
    what: str
    commits: tuple[str, ...] = ()
    answered_by: str = ""
    answered_at: datetime | None = None
    reason: str = ""
