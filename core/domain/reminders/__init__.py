"""Reminders: what people are told of before it is too late.

`table` lists all kinds; `releases`, `afterwards` and `trains` find them. `due_now` finds what is due; what is
due already and what comes next is read from `foreseen`.
"""


from core.domain.reminders.afterwards import of_actions, of_release
from core.domain.reminders.model import TOGETHER, Kind, Reminder
from core.domain.reminders.table import ANY_HOUR, BY_CODE, KINDS, TRAINS
from core.domain.reminders.trains import ASKED, Leaving, due_now, foreseen

__all__ = [
    "ANY_HOUR", "ASKED", "BY_CODE", "KINDS", "TOGETHER", "TRAINS", "Kind", "Leaving", "Reminder", "due_now",
    "foreseen", "of_actions", "of_release",
]  # fmt: skip
