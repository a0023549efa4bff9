"""Short ways to tell commits, drafts and differences in tests of the notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.domain.forge import Pull
from core.domain.notes.draft import draft
from core.domain.notes.model import Draft, NotesRules
from core.domain.pulls import pull_number
from core.domain.repository import Commit, Difference, FileChange

AT = datetime(2026, 12, 1, tzinfo=UTC)


def sha(name: str) -> str:
    """A full name of a commit that begins with letters of a test."""
    return "".join(f"{ord(c) % 256:02x}" for c in name).ljust(40, "0")[:40]


def commit(name: str, subject: str, body: str = "", parents: Sequence[str] | None = None) -> Commit:
    """`parents` by name; a commit without them stands on the one that is told below it."""
    named = tuple(sha(p) for p in parents or ())
    return Commit(sha(name), named, "Dana", "dana@x.test", AT, subject, body, pull_number(subject, body))


def line(*commits: Commit) -> list[Commit]:
    """Commits as git gives them, newest first; each without parents stands on the next."""
    found = []
    for at, one in enumerate(commits):
        parents = one.parents or ((commits[at + 1].sha,) if at + 1 < len(commits) else (sha("base"),))
        found.append(Commit(one.sha, parents, one.author, one.email, one.at, one.subject, one.body, one.pull))
    return found


def drafted(
    commits: Sequence[Commit], *, pulls: Sequence[Pull] = (), shipped: Mapping[str, str] | None = None,
    difference: Difference | None = None, **rules: Any,
) -> Draft:  # fmt: skip
    return draft(
        commits, shipped=shipped or {}, pulls={p.number: p for p in pulls}, difference=difference,
        rules=NotesRules(**rules), base="b" * 40, head=commits[0].sha if commits else "h" * 40,
    )  # fmt: skip


def changed(files: Mapping[str, tuple[str | None, str | None]]) -> Difference:
    """A difference of files by path: their texts before and after, None where there is none."""
    return Difference(
        tuple(FileChange("A" if a is None else "D" if b is None else "M", path) for path, (a, b) in files.items()),
        {path: old for path, (old, _) in files.items() if old is not None},
        {path: new for path, (_, new) in files.items() if new is not None},
    )


def titles(found: Draft) -> list[str]:
    return [i.title for i in found.items]
