"""The types of the release notes: what a draft is made of, what people change in it, and what is printed.

All texts in here are plain text on one line (edits may have several): control characters are gone and secrets are
replaced. Who prints escapes: `markdown` for Markdown, the handlers for Slack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


class Heading(StrEnum):
    """The headings of the strategy, in their order; HIDDEN is what a reader of the product has no use for."""

    FEATURES = "New Features"
    IMPROVEMENTS = "Improvements"
    FIXES = "Bug Fixes"
    SECURITY = "Security Updates"
    API = "API Changes"
    CONFIG = "Configuration Changes"
    KNOWN = "Known Issues"
    UPGRADE = "Upgrade Notes"
    HIDDEN = "Not in notes"


@dataclass(frozen=True, slots=True)
class Item:
    """One unit of the notes: a pull request, or a commit without one.

    `id` is "#341" for a pull request, else the first 12 digits of its oldest commit; edits are kept by it.
    `heading` None means that no rule was sure. `why` is the rule that decided: "prefix:feat", "label:bug",
    "words:fix", "emoji:bug", "mark:security", "revert", "reapplied:prefix:feat", or "". `breaking` is what the author
    says about it ("" = breaks nothing, "!" = it breaks something and nobody said what). `fix`: may still come after the
    freeze. `commits` are newest first. `closes` is what it says it closes or brings from elsewhere ("#12").
    `login` is who the host says wrote its pull request, "" where nobody was asked; `reviewers` who else approved its
    newest commit (None where nobody was asked), `opened_at` when it was opened.
    """

    id: str
    title: str
    heading: Heading | None = None
    why: str = ""
    pull: int | None = None
    keys: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    breaking: str = ""
    fix: bool = False
    closes: tuple[str, ...] = ()
    login: str = ""
    reviewers: tuple[str, ...] | None = field(default=None, compare=False)
    opened_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Shipped:
    """An item of the range that a released version has already, by a cherry-pick or backport."""

    item: Item
    version: str


@dataclass(frozen=True, slots=True)
class Reverted:
    """An item that came and went in the range; `by` is what took it back."""

    item: Item
    by: Item


FindingKind = Literal["api", "config", "migration"]
# What a migration does, as the version before feels it: more is there; less is asked; more is asked of what it writes;
# things have other names; things or rows are gone; rows are others; nobody can read it.
Effect = Literal["adds", "loosens", "tightens", "renames", "takes", "data", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the difference shows, in plain words; `removed`: it takes something away from who uses it.

    Of a migration: its effects, and whether a way down is written (None: nobody has looked).
    """

    kind: FindingKind
    path: str
    what: str
    removed: bool = False
    effects: tuple[Effect, ...] = ()
    reversible: bool | None = None

    @property
    def id(self) -> str:
        """What an edit of its line is kept by; a migration's is that of its upgrade note."""
        return f"upgrade:{self.path}" if self.kind == "migration" else f"{self.kind}:{self.path}:{self.what}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the draft lacks, by its own account.

    `item` is the id of an item, or of the free text that closes it ("known", "upgrade:<path or item>"), or "".

    | code | facts |
    |---|---|
    | unclassified | title |
    | no_upgrade_note | title (of a breaking item) or path and what (of a migration) |
    | contradiction | type, and title or path and what: something is taken away that this type of release may not take |
    | migration_heads | paths, down: two migrations follow the same one |
    | known_issues_open | |
    | no_key, no_pull, odd_prefix | title |
    | unreviewed | title, and `before`: who approved it before its last push, when somebody did |
    | key_not_done | title, key, state |
    | not_in_range | title: a merged pull request of the milestone that no commit of the range carries |
    | partly_shipped | title, versions |
    | not_in_sample | name, path: a new variable that no sample file names |
    | too_large | path: not looked into |
    | too_long | count: the newest commits of a range that has more; the older ones are missing |
    """

    code: str
    item: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the product that the policy names: how many changed files lie in it, some of them, and which items."""

    name: str
    files: int
    paths: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What is read of a range: everything of it is in `items`, `shipped` or `reverted`. Newest first."""

    base: str
    head: str
    items: tuple[Item, ...] = ()
    shipped: tuple[Shipped, ...] = ()
    reverted: tuple[Reverted, ...] = ()
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    redacted: int = 0  # secrets and internal names that were taken out of what is above
    hosts: tuple[str, ...] = ()  # patterns of internal names, also for what people write later
    files: int = 0  # that differ between base and head
    areas: tuple[Area, ...] = ()

    def item(self, ident: str) -> Item | None:
        return next((i for i in self.items if i.id == ident), None)


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person made of an item, or a free text ("known", "upgrade:<path>"), or a finding's line.

    `heading` None leaves the rule's choice, `text` "" the drafted words. An `embargoed` item stays out until it is
    released. An empty "known" says that there are none.
    """

    item: str
    heading: Heading | None = None
    text: str = ""
    embargoed: bool = False
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line under a heading, as plain text; `item` is the id of what it came from."""

    item: str
    text: str
    keys: tuple[str, ...] = ()
    pull: int | None = None
    commit: str = ""  # for a change without a pull request
    breaking: bool = False
    edited_by: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes as they stand: draft and edits together.

    `sections` holds only headings with lines, in the order of the strategy. `embargoed` are ids that are held back,
    `hidden` are the items that stay out of the notes on purpose.
    """

    sections: Mapping[Heading, tuple[Line, ...]] = field(default_factory=dict)
    unclassified: tuple[Item, ...] = ()
    hidden: tuple[Item, ...] = ()
    embargoed: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    redacted: int = 0
    base: str = ""
    head: str = ""

    @property
    def blocking(self) -> tuple[Gap, ...]:
        return tuple(g for g in self.gaps if g.blocking)

    def lines(self, *headings: Heading) -> tuple[Line, ...]:
        """The lines of some headings, in the order in which the headings are named."""
        return tuple(line for heading in headings for line in self.sections.get(heading, ()))


@dataclass(frozen=True, slots=True)
class Issue:
    """What a tracker says about a key: whether the work is done, in its own word for the state."""

    key: str
    title: str = ""
    state: str = ""
    done: bool = True


@dataclass(frozen=True, slots=True)
class NotesRules:
    """What the policy says about notes.

    `labels` maps a label's name (any case) to a heading, before the built-in ones. `fix_types` are the conventional
    types that may still come after the freeze. `lasting` are branches whose merge requests carry others' work and are
    no unit of their own (patterns as in file names). `release_type` is patch, minor, major, hotfix or "".
    """

    issue_pattern: str = ""
    labels: Mapping[str, Heading] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    fix_types: tuple[str, ...] = ("fix", "security", "revert", "docs", "test", "ci", "build", "chore")
    lasting: tuple[str, ...] = (
        "main", "master", "trunk", "develop", "development", "dev", "next", "staging", "release/*",
    )  # fmt: skip
    release_type: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """Address patterns with {sha}, {number}, {base}, {head} and {key} in them; "" = not linked."""

    commit: str = ""
    pull: str = ""
    compare: str = ""
    issue: str = ""
