"""What people say about a release, as frozen data: concerns, questions, reminders, reports about what is live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSE = timedelta(hours=4)  # between two reminders of one person about one condition


@dataclass(frozen=True, slots=True)
class Carry:
    """Somebody wants a concern to go on with the next release; it does when a second person says so too."""

    by: str
    at: datetime
    reason: str
    second: str = ""
    second_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """A blocking concern that anyone may raise; settled when `settled_at` is set.

    `wants` is what would settle it, `link` the message in which it was said. One that was carried here names where
    it comes `origin` (a version), under which `key` it was carried, and in `carry` by whom and why. `report` is the
    kind of the report that it was, where somebody told it about what is live and it is for the next release.
    """

    id: int
    by: str
    at: datetime
    text: str
    settled_by: str = ""
    settled_at: datetime | None = None
    how: str = ""
    wants: str = ""
    link: str = ""
    carry: Carry | None = None
    left: bool = False  # it went on with the next release
    origin: str = ""
    key: str = ""
    report: str = ""


@dataclass(frozen=True, slots=True)
class Nudge:
    """Somebody reminded somebody: by whom and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Nudged:
    """A reminder that somebody sent, of the condition `code`; `answered_at` when that was met."""

    at: datetime
    code: str
    to: str
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """Feedback or a bug that somebody reports about what is live; QA says what it is (`found`), by and when and why."""

    id: int
    by: str
    at: datetime
    kind: str
    text: str
    link: str = ""
    found: str = ""
    why: str = ""
    triaged_by: str = ""
    triaged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What an approver wants to know before signing; `to` are the people who are asked, in the thread."""

    id: int
    by: str
    at: datetime
    text: str
    to: tuple[str, ...] = ()
    candidate: str = ""
