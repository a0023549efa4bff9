"""What the bot says about the calendar by itself: what those who plan are asked ahead, and where to subscribe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.writing import Data, Facts, counted, in_words, long_token, plain, said, spoken


def asked(data: Data, facts: Facts, person: str) -> Message:
    """Everything that is due for one person: one line and its buttons each."""
    things = list(data.get("things") or ())
    lines = [_LINES[str(t["code"])](t, facts) for t in things]
    many = f"*{len(things)} things about the calendar wait for you*" if len(things) > 1 else ""
    text = f"{len(things)} things about the calendar wait for you." if many else "Nothing waits for you any more."
    rows: list[Block | None] = [b.section(many)] if many else []
    for n, (thing, line) in enumerate(zip(things, lines, strict=True)):
        rows += [b.section(line), b.actions(*_buttons(thing, facts), block_id=f"ahead.{n}")]
    return b.message(text if len(things) != 1 else spoken(lines[0], facts), *(rows or [b.section(text)]))


def _near(t: Data, facts: Facts) -> str:
    days, holiday = int(t.get("days") or 0), said(t.get("holiday"))
    when = f"on {holiday}" if not days else f"{counted(abs(days), 'day')} {'before' if days > 0 else 'after'} {holiday}"
    on_it = f" with v{said(t['version'])}" if t.get("version") else ""
    return f"The train of {long_token(facts, t.get('at'))}{on_it} leaves {when}. Keep it, move it or skip it?"


def _free(t: Data, facts: Facts) -> str:
    return f"The train of {long_token(facts, t.get('at'))} is free. Start a release on it, or leave it empty?"


def _major(t: Data, facts: Facts) -> str:
    first, last = (date.fromisoformat(str(t.get(k))) for k in ("first", "last"))
    notice = f" It needs {counted(int(t.get('notice') or 0), 'day')} of notice." if t.get("notice") else ""
    return f"No major release leaves from {first:%B} to {last:%B %Y}.{notice} Start one, or leave the quarter without?"


def _not_told(t: Data, facts: Facts) -> str:
    return (
        f"*v{said(t['version'])}* leaves {long_token(facts, t.get('at'))}, and stakeholders have not heard of it. "
        "The text is ready."
    )


def _day(t: Data, facts: Facts) -> str:
    return f"*v{said(t['version'])}* leaves today, {long_token(facts, t.get('at'))}. I ask for go or no-go then."


def _retro(t: Data, facts: Facts) -> str:
    return f"The retrospective of *v{said(t['version'])}* is due {long_token(facts, t.get('at'))}. It is still open."


def _overdue(t: Data, facts: Facts) -> str:
    return f"The retrospective of *v{said(t['version'])}* is overdue: it was due {long_token(facts, t.get('at'))}."


_LINES: dict[str, Callable[[Data, Facts], str]] = {
    "train_near": _near,
    "train_free": _free,
    "quarter_major": _major,
    "not_told": _not_told,
    "release_day": _day,
    "retro_due": _retro,
    "retro_overdue": _overdue,
}


# The first button about a release: label, verb and item.
_FIRST = {
    "not_told": ("Preview", "notes", "stakeholders"),
    "release_day": ("What is missing?", "why", ""),
    "retro_due": ("Give feedback", "retro", ""),
    "retro_overdue": ("Give feedback", "retro", ""),
}


def _buttons(t: Data, facts: Facts) -> list[Block]:
    if t["code"] == "quarter_major":
        return [b.button("Start a major…", "run", ids.value(None, "start major"))]
    if t["code"] in _FIRST:
        label, verb, item = _FIRST[t["code"]]
        here, tag = int(t["release"]), plain(f"v{t['version']}")
        first = b.button(label, verb, ids.value(here, item), about=f"{label} {tag}")
        return [first, b.button("Open", "status", ids.value(here), about=f"Open {tag}")]
    at = str(t.get("at") or "")
    about, train = f"the train of {in_words(facts, at)}", str(t.get("train") or "")
    start = b.button("Start…", "start", ids.value(None, "", at), about=f"Start a release on {about}")
    skip = b.button("Skip it…", "skip", ids.value(None, train, at), about=f"Skip {about}")
    if t["code"] == "train_free":
        return [start, skip]
    keep = b.button("Keep", "train_kept", ids.value(None, train, at), about=f"Keep {about}")
    if t.get("version"):  # it has to be moved before its train can be skipped
        return [keep, b.button("Move…", "move", ids.value(int(t["release"])), about=f"Move v{t['version']}")]
    return [keep, b.button("Move…", "shift", ids.value(None, train, at), about=f"Move {about}"), skip, start]


def address(data: Data, facts: Facts, person: str) -> Message:
    """The address of the calendar; who has it reads the calendar, so it is sent to one person only."""
    where = str(data.get("address") or "")
    if not where:
        text = "The calendar has no address yet: whoever runs me has to set `PUBLIC_URL`."
        return b.message(text.replace("`", ""), b.section(text))
    return b.message(
        "This is the address of the release calendar. Whoever has it can read it.",
        b.section(f"*The release calendar*, to subscribe to in any calendar program:\n`{said(where, 300)}`"),
        b.context(
            "Whoever has this address can read the calendar: trains and freezes, and the dates and titles of releases. "
            "Google looks for news only every few hours."
        ),
        b.actions(b.button("Make a new address", "calendar_renew", confirm=_SURE), block_id="do"),
    )


_SURE = b.confirm(
    "Make a new address?",
    "The present one ends at once, for everybody who has subscribed with it.",
    "Make a new one",
    "Leave it",
)
MOMENTS = {"ahead": asked, "calendar_address": address}
