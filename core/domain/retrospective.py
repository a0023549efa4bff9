"""A retrospective and the action items that come of it, as frozen data. Instants are aware UTC, people Slack ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

Question = Literal["well", "wrong", "better"]  # went well, went wrong, to improve; the fourth are the action items
QUESTIONS: tuple[Question, ...] = get_args(Question)
ActionState = Literal["open", "done", "dropped"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody said. A message that was taken in has its `link`, and in `kept_by` who took it in."""

    id: int
    by: str
    at: datetime
    question: Question
    text: str
    kept_by: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was posted when it was closed: who had answered by then, and what the record proved (`record.Proven`)."""

    by: str
    at: datetime
    answered: tuple[str, ...] = ()
    proven: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Retro:
    """The retrospective of one release.

    It is open until `summary` is there. `of` is how the release had ended when it was opened: what ends otherwise
    afterwards is looked back at again. `moves` counts how often the meeting got another time.
    """

    opened_at: datetime
    due_at: datetime
    meets_at: datetime
    minutes: int
    of: str = ""
    invited: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    answered: dict[str, datetime] = field(default_factory=dict)  # person -> when they answered last
    moves: int = 0
    moved_at: datetime | None = None
    summary: Summary | None = None

    @property
    def held(self) -> bool:
        return self.summary is not None

    def of_question(self, question: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.question == question)

    def own(self, person: str, question: str = "") -> tuple[Line, ...]:
        """What the person wrote, to one of the questions or to all; a message of theirs that was taken in is no answer
        of theirs."""
        mine = (line for line in self.lines if line.by == person and not line.link)
        return tuple(line for line in mine if question in ("", line.question))


@dataclass(frozen=True, slots=True)
class ActionItem:
    """Something that somebody shall do by a day (`due`, a local date in ISO).

    It was resolved in the retrospective of `from_release` (a version). While it is open it stands on the checklist of
    one release: `on` is its id (0: none yet), `on_version` its number; `came` are all releases on whose checklists it
    came back. `kept` says that it goes on to the one after.
    """

    id: int
    text: str
    owner: str
    due: str
    by: str
    at: datetime
    from_release: str
    state: ActionState = "open"
    on: int = 0
    on_version: str = ""
    came: tuple[str, ...] = ()
    kept: bool = False
    kept_by: str = ""
    ended_by: str = ""
    ended_at: datetime | None = None
    why: str = ""

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the record: what was `given` for it, what it noted, and which signatures fell with it."""

    verb: str
    actor: str
    at: datetime
    given: Mapping[str, object] = field(default_factory=dict)
    record: Mapping[str, object] = field(default_factory=dict)
    withdrawn: tuple[list[str], ...] = ()
