"""Who and what came in with a range, from its commits as they are reported; the unit is that of the notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.domain.notes.model import NotesRules
from core.domain.notes.units import Unit, units
from core.domain.release import Change
from core.domain.repository import Commit
from core.domain.secrets import redact

_WITH = re.compile(r"^co-authored-by:[ \t]*([^<\n]*<([^<>\s]+)>)\s*$", re.IGNORECASE | re.MULTILINE)
_HIDDEN = re.compile(r"^(?:\d{1,20}\+)?([a-z0-9][a-z0-9-]{0,99})@users\.noreply\.[\w.-]{1,200}$")  # of GitHub's logins
_SOMETIME = datetime(2000, 1, 1, tzinfo=UTC)  # the order is that of the range; no rule here asks for the hour
Row = Mapping[str, Any]


def fold(commits: Sequence[Row]) -> tuple[Change, ...]:
    """The changes of a range, newest first as given; `commits` are JSON of `core.domain.repository.Commit`.

    A pull request stands for the commits of its branch; merges of nothing but branches are no change.
    """
    return tuple(_change(unit) for unit in units([_commit(c) for c in commits], {}, NotesRules().lasting))


def writers(commits: Sequence[Row]) -> dict[str, str]:
    """Who wrote in a range: each mail, small letters, with the newest of its commits; GitHub's hidden ones in one form.

    Every commit counts here, also those that a change stands for and merges, which may hold words of their own:
    who wrote one may not be hidden behind a colleague's merge. A squashed one names the others of its branch.
    """
    found: dict[str, str] = {}
    for commit in commits:
        for mail in (str(commit["email"]), *(mail for _, mail in _WITH.findall(str(commit.get("body", ""))))):
            found.setdefault(_HIDDEN.sub(r"\1@users.noreply.github.com", mail.casefold()), commit["sha"])
    return found


def co_authors(body: str) -> list[str]:
    """Who a message names as its co-authors, each as `Name <mail>`."""
    return [person for person, _ in _WITH.findall(body)]


def _change(unit: Unit) -> Change:
    newest = unit.newest
    subject = unit.title or newest.subject
    subject, _ = redact(subject)
    return Change(newest.sha, subject[:300], newest.author, newest.email, unit.pull, newest.body[:2000])


def _commit(row: Row) -> Commit:
    parents = tuple(row.get("parents", ()))
    sha, author, email, subject = (str(row[name]) for name in ("sha", "author", "email", "subject"))
    return Commit(sha, parents, author, email, _SOMETIME, subject, str(row.get("body", "")), row.get("pull"))
