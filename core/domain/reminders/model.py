"""What a reminder is, and how a kind of reminders is described in the one table of them all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

Sender = Literal["table", "release", "product"]
After = Literal["late", "drop", "story"]  # of downtime: sent late and merged, of no use any more, or told as it comes
TOGETHER = timedelta(minutes=10)  # what becomes due for one person within it is one message


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to be asked. `subject` and `occurrence` name it for good: asked once, it is not asked again.

    `to` is the one person whose move it is; else it is that of everybody in `role`, "" for those with the permission.
    From `until` on it is pointless. With `worked` it is asked when the person has worked so long since it was `due`.
    `thing` is what an answer ends, where several occurrences ask for one and the same.
    """

    code: str
    subject: str
    occurrence: str
    due: datetime
    until: datetime
    to: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    role: str = ""
    worked: timedelta = timedelta()
    thing: str = ""

    @property
    def token(self) -> str:
        """How a button names it: short, and without a word that anybody could make up a meaning for."""
        return hashlib.sha256("|".join((self.code, self.subject, self.occurrence)).encode()).hexdigest()[:16]

    def handed(self, by: str, to: str) -> Reminder:
        """The same, from somebody whose it is not to whom it is: asked anew."""
        about = {**self.about, "from": by}
        return replace(self, occurrence=f"{self.occurrence} from {by}", to=to, role="", about=about, thing=self.end)

    @property
    def end(self) -> str:
        """What an answer ends."""
        return self.thing or self.occurrence

    @property
    def answer(self) -> tuple[str, str, str]:
        """The claim that ends it, where somebody's word is all that is waited for."""
        return f"answered:{self.code}", self.subject, self.end


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table: what people are reminded of, in the words of its page.

    `reason`, `who`, `due`, `until` and `way_on` are words for people; what is true of a reminder is decided by the
    function that finds it. `sent` says by what: the tick over this table, the release's own unit, the product's.
    Without `snooze` it cannot be put off. `mine`: it may be handed on with *Not mine*. `mute` names what in
    somebody's settings turns it off, "" for what is theirs to decide. `ends`: one person's word ends it, for all of
    them (`one`) or for whom said it (`each`). `answers` are the events that do what it asks for.
    """

    code: str
    reason: str
    who: str
    due: str
    until: str
    way_on: str
    sent: Sender = "table"
    any_hour: bool = False
    snooze: bool = True
    mine: bool = True
    mute: str = ""
    after: After = "late"
    ends: Literal["", "one", "each"] = ""
    answers: tuple[str, ...] = ()
