"""One result that somebody reports for one commit, as frozen data, and the kinds there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Kind = Literal[
    "automated",
    "regression",
    "uat",
    "limited",
    "performance",
    "security",
    "accessibility",
    "build",
    "review",
    "plan",
    "migrations",
    "documentation",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Verdict = Literal["passed", "failed"]

# Sources that are no token's: what a person states, what the host of the code says, a file from the command line.
PERSON, HOST, CLI = "person", "host", "cli"
MOST_NAMED = 5  # failing cases that are kept by name
LONGEST_NAME, LONGEST_NOTE, LONGEST_URL = 200, 1000, 2000


@dataclass(frozen=True, slots=True)
class Build:
    """What a commit was built into. `digest` is that of the artefact, `address` where it lies."""

    name: str
    digest: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body says, before it is known who sent it for which commit.

    `numbers` hold what the body counts: tests, failed, errors, skipped (test reports), covered, lines, rate
    (coverage), findings, suppressed, errors, warnings, notes (static analysis), or each benchmark's value by name.
    `failing` names the first of what failed, at most `MOST_NAMED`, as the sender wrote it: foreign text.
    """

    format: str
    verdict: Verdict
    numbers: dict[str, float] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    builds: tuple[Build, ...] = ()
    note: str = ""
    url: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A result for the commit `sha`.

    `source` is the name of a token or one of `PERSON`, `HOST`, `CLI`; `name` tells several results of one source
    apart (a suite, a tool). `by` is the Slack id of who states it, or "", and `about` the version for which it was
    stated: another release of the same commit says so. `digest` is over commit, kind, source, name
    and body: the same thing twice has the same one. `at` is when it was taken, UTC.
    """

    id: int
    sha: str
    kind: Kind
    source: str
    name: str
    verdict: Verdict
    at: datetime
    digest: str
    numbers: dict[str, float] = field(default_factory=dict)
    url: str = ""
    by: str = ""
    note: str = ""
    format: str = ""
    failing: tuple[str, ...] = ()
    builds: tuple[Build, ...] = ()
    about: str = ""
