"""Who and what came in with a range, from its commits as they are reported; the unit is that of the notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.domain.notes.model import Draft, Item, NotesRules
from core.domain.notes.units import Unit, units
from core.domain.release import Change
from core.domain.repository import Commit
from core.domain.secrets import redact

_WITH = re.compile(r"^co-authored-by:[ \t]*([^<\n]*<([^<>\s]+)>)\s*$", re.IGNORECASE | re.MULTILINE)
_HIDDEN = re.compile(r"^(?:\d{1,20}\+)?([a-z0-9][a-z0-9-]{0,99})@users\.noreply\.[\w.-]{1,200}$")  # of GitHub's logins
_SOMETIME = datetime(2000, 1, 1, tzinfo=UTC)  # of a commit whose hour nobody told
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
    when = [c.at for c in unit.own if c.at != _SOMETIME]
    last, first = max(when, default=None), min(when, default=None)
    return Change(newest.sha, subject[:300], newest.author, newest.email, unit.pull, newest.body[:2000], last, first)


def as_drafted(changes: Sequence[Change], drafted: Draft, asked: bool) -> tuple[Change, ...]:
    """The changes with what the draft knows of them: who reviewed them, and which version had them before.

    `asked`: the host of the code has answered for the range. A change without a pull request was reviewed by nobody
    then.
    """
    items = {item.pull: item for item in drafted.items if item.pull}
    before = {sha: old.version for old in drafted.shipped for sha in old.item.commits}
    return tuple(
        _drafted(replace(c, shipped=before[c.sha]) if c.sha in before else c, items.get(c.pull or 0), asked)
        for c in changes
    )


def _drafted(change: Change, item: Item | None, asked: bool) -> Change:
    if item is not None and item.reviewers is not None:
        return replace(change, reviewers=item.reviewers, opened_at=item.opened_at)
    return replace(change, reviewers=()) if asked and change.pull is None else change


def _commit(row: Row) -> Commit:
    parents = tuple(row.get("parents", ()))
    sha, author, email, subject = (str(row[name]) for name in ("sha", "author", "email", "subject"))
    at = datetime.fromisoformat(row["at"]) if row.get("at") else _SOMETIME
    return Commit(sha, parents, author, email, at, subject, str(row.get("body", "")), row.get("pull"))
