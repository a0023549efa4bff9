"""The page `docs/reminders.md` as text, made from the table."""

from __future__ import annotations

from core.domain.reminders.model import TOGETHER, Kind
from core.domain.reminders.table import KINDS

_AFTER = {
    "late": "Sent once when I am back, as long as they still matter",
    "drop": "Dropped when their time is over",
    "story": "Told as they come, once",
}
_MINUTES = int(TOGETHER.total_seconds() // 60)
_HEAD = f"""# What am I reminded of, and how do I stop it?

A reminder is a direct message with the button that does the thing. It comes in your working hours, unless the table
says otherwise; what becomes due for you within {_MINUTES} minutes is one message.

## Put it off, hand it on, turn it off

- **⋮ In 1 hour · Tomorrow morning · On another day…** puts off this one thing, for you alone. A day on which it would
  be over is refused.
- **⋮ Not mine** says whose it is: who was asked too has it anyway, else the release's lead gets it, with your name. It
  is on record. What is yours to decide cannot be given away like this: [let somebody stand in](people.md).
- **`/release settings`** turns off kinds about which nothing is yours to decide. What waits for you always reaches you.
- Do the thing, or let somebody else do it: a reminder whose reason is gone is not sent, not even when it is on its way.

## When I was away

What came due while no process ran comes once, merged, as long as it still matters. What does not matter any more is
dropped, and the record says so: which kind, for whom, why. Several processes send each reminder once.

## The daily progress

At 9:30 of each working day the thread of a release in development or stabilization hears what was merged, closed and
met since the last morning, what blocks and who is next, by name: nobody is pinged. On a day without movement only the
card says so; after three such days the thread does, once.

## All reminders

Made from the table in `core/domain/reminders/table.py`; a test holds the two together. *Later*: it can be put off;
*not mine*: it can be handed on; *any hour*: it waits for nobody's working hours; *off*: settings can turn it off.

"""


def reminders_page() -> str:
    """The whole page."""
    rows = ["| what | who | when | until | the way on | ⋮ |", "|" + "---|" * 6]
    return _HEAD + "\n".join([*rows, *(_row(kind) for kind in KINDS)]) + "\n\n## After a pause\n\n" + _late()


def _row(k: Kind) -> str:
    marks = {"later": k.snooze, "not mine": k.mine, "any hour": k.any_hour, "off": bool(k.mute)}
    told = ", ".join(word for word, mark in marks.items() if mark)
    return f"| {' | '.join((k.reason, k.who, k.due, k.until or '–', k.way_on, told or '–'))} |"


def _late() -> str:
    lines = []
    for how, words in _AFTER.items():
        kinds = [k.reason[0].lower() + k.reason[1:] for k in KINDS if k.after == how]
        lines.append(f"- {words}: {'; '.join(kinds) if how != 'late' else 'all others'}.")
    return "\n".join(lines) + "\n"
