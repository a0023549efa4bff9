"""What a reminder says: one line and its buttons for each thing that waits for a person, and how it is put off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from core.domain.reminders import BY_CODE
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import DONE
from handlers.views.writing import (
    Data,
    Facts,
    counted,
    date_token,
    in_words,
    listed,
    long_token,
    mention,
    plain,
    said,
    spoken,
)

MOST = 12  # things in one message; a message has room for 50 blocks


def asked(data: Data, facts: Facts, person: str) -> Message:
    """Everything that is due for one person: one line and its buttons each."""
    things = list(data.get("things") or ())
    lines = [_from(t, facts) + _LINES[str(t["code"])](t, facts) for t in things]
    many = f"*{len(things)} things wait for you*" if len(things) > 1 else ""
    text = f"{len(things)} things wait for you." if many else "Nothing waits for you any more."
    rows: list[Block | None] = [b.section(many)] if many else []
    for n, (thing, line) in enumerate(zip(things[:MOST], lines, strict=False)):
        rows += [b.section(line), b.actions(*_buttons(thing, facts), _later(thing), block_id=f"ahead.{n}")]
    if len(things) > MOST:
        rows.append(b.context(f"and {len(things) - MOST} more, at *What waits for me?* on Home"))
    return b.message(text if len(things) != 1 else spoken(lines[0], facts), *(rows or [b.section(text)]))


def _from(t: Data, facts: Facts) -> str:
    """Who says that it is not theirs, so that it is yours."""
    return f"{mention(facts, str(t['from']))} says that this is not theirs. " if t.get("from") else ""


# --- lines -----------------------------------------------------------------------------------------------------------


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


def _planning(t: Data, facts: Facts) -> str:
    state = "Development has not begun" if t.get("final") else "The scope is not final"
    owners = int(t.get("ownerless") or 0)
    lacks = f" {counted(owners, 'dependency has', 'dependencies have')} no owner." if owners else ""
    return f"*{_tag(t)}*: {state.lower()}; the freeze is {_at(t, facts)}.{lacks}"


def _freeze_near(t: Data, facts: Facts) -> str:
    refs = [said(r) for r in t.get("refs") or ()]
    yours = f"Your {listed(refs, most=5)} {'is' if len(refs) == 1 else 'are'} open."
    return f"*{_tag(t)}* freezes {_at(t, facts)}. {yours} What is not in by then can go on the next train."


def _freeze_stuck(t: Data, facts: Facts) -> str:
    stops = counted(int(t.get("open") or 0), "condition is", "conditions are")
    at = _at(t, facts)
    return f"*{_tag(t)}* should be frozen since {at}, and {stops} open. Once nothing is, it freezes by itself."


def _tests(t: Data, facts: Facts) -> str:
    due = f" It is due {_at(t, facts)}." if t.get("at") else ""
    return f"*{said(t.get('title'))}*: no result on rc.{int(t.get('candidate') or 0)} of *{_tag(t)}* yet.{due}"


def _notes(t: Data, facts: Facts) -> str:
    gaps, unsorted = int(t.get("gaps") or 0), int(t.get("unclassified") or 0)
    parts = [counted(gaps, "gap")] if gaps else []
    parts += [f"{counted(unsorted, 'change')} without a heading"] if unsorted else []
    named = [said(x) for x in t.get("titles") or ()][:3]
    about = f" ({listed(named)})" if named else ""
    due = f" They are due {_at(t, facts)}." if t.get("at") else ""
    return f"The notes of *{_tag(t)}* have {listed(parts)}{about}.{due}"


def _items(t: Data, facts: Facts) -> str:
    due = f" It is due {_at(t, facts)}." if t.get("at") else ""
    return f"*{said(t.get('title'))}* is open on *{_tag(t)}*, and yours to do.{due}"


def _approval(t: Data, facts: Facts) -> str:
    last = " It is the last signature." if t.get("last") else ""
    return f"*{_tag(t)}* waits for you as {said(t.get('title'))} since {date_token(facts, t.get('since'))}.{last}"


def _not_told(t: Data, facts: Facts) -> str:
    return (
        f"*v{said(t['version'])}* leaves {long_token(facts, t.get('at'))}, and stakeholders have not heard of it. "
        "The text is ready."
    )


def _knowledge(t: Data, facts: Facts) -> str:
    return f"*{_tag(t)}* leaves {_when(t, facts)}. Is the draft for the knowledge base ready?"


def _briefing(t: Data, facts: Facts) -> str:
    return f"*{_tag(t)}* leaves {_when(t, facts)}. What is new, what may come up and what to say is ready to read."


def _day(t: Data, facts: Facts) -> str:
    return f"*v{said(t['version'])}* leaves today, {long_token(facts, t.get('at'))}. I ask for go or no-go then."


def _live(t: Data, facts: Facts) -> str:
    return f"*{_tag(t)}* is live since {_at(t, facts)}. Anything unusual, in the alerts or from customers?"


def _after_live(t: Data, facts: Facts) -> str:
    return f"*{_tag(t)}* is live. Before it can be closed, *{said(t.get('title'))}* is yours to do."


def _retro(t: Data, facts: Facts) -> str:
    return f"The retrospective of *v{said(t['version'])}* is due {long_token(facts, t.get('at'))}. It is still open."


def _overdue(t: Data, facts: Facts) -> str:
    return f"The retrospective of *v{said(t['version'])}* is overdue: it was due {long_token(facts, t.get('at'))}."


def _review(t: Data, facts: Facts) -> str:
    return (
        f"The hotfix *{_tag(t)}* is live since {_at(t, facts)}. It went out on limited tests: look back at what it "
        "changed and whether more has to follow."
    )


def _tag(t: Data) -> str:
    return f"v{said(t.get('version'))}"


def _at(t: Data, facts: Facts) -> str:
    return date_token(facts, t.get("at"))


def _when(t: Data, facts: Facts) -> str:
    return _at(t, facts) if t.get("at") else "when it is approved"


_LINES: dict[str, Callable[[Data, Facts], str]] = {
    "train_near": _near,
    "train_free": _free,
    "quarter_major": _major,
    "planning": _planning,
    "freeze_near": _freeze_near,
    "freeze_stuck": _freeze_stuck,
    "tests": _tests,
    "notes": _notes,
    "items": _items,
    "approval": _approval,
    "not_told": _not_told,
    "knowledge": _knowledge,
    "briefing": _briefing,
    "release_day": _day,
    "live_day": _live,
    "after_live": _after_live,
    "retro_due": _retro,
    "retro_overdue": _overdue,
    "hotfix_review": _review,
}


# --- buttons ---------------------------------------------------------------------------------------------------------

# What stands beside Open about a release: label, verb and item; `answered` ends the reminder by the person's word.
_DO: dict[str, tuple[tuple[str, str, str], ...]] = {
    "planning": (("Set the scope…", "scope_form", ""), ("What is missing?", "why", "")),
    "freeze_near": (("Scope", "scope", ""),),
    "freeze_stuck": (("What is missing?", "why", ""), ("Move it…", "move", "")),
    "tests": (),
    "notes": (("Notes", "notes", ""),),
    "items": (),
    "approval": (("Look and decide", "approve", ""), ("Let somebody stand in…", "delegate", "")),
    "not_told": (("Preview", "notes", "stakeholders"),),
    "knowledge": (("The draft is ready", "answered", ""), ("Read the answers", "notes", "support")),
    "briefing": (("I have read it", "answered", ""), ("Read the answers", "notes", "support")),
    "release_day": (("What is missing?", "why", ""),),
    "live_day": (("All quiet", "answered", ""), ("Something is wrong…", "incident", "")),
    "after_live": (),
    "retro_due": (("Give feedback", "retro", ""),),
    "retro_overdue": (("Give feedback", "retro", ""),),
    "hotfix_review": (("I have looked back", "answered", ""),),
}


def _buttons(t: Data, facts: Facts) -> list[Block]:
    code = str(t["code"])
    if code == "quarter_major":
        return [b.button("Start a major…", "run", ids.value(None, "start major"))]
    if code in _DO:
        here, tag = int(t["release"]), plain(f"v{t['version']}")
        rows = [*_DO[code], *_of_an_item(t), ("Open", "status", "")]
        things = {"answered": str(t.get("token") or "")}
        return [
            b.button(label, verb, ids.value(here, things.get(verb, item)), about=f"{label.rstrip('…?')}: {tag}")
            for label, verb, item in rows
        ]
    return _of_a_train(t, facts)


def _of_an_item(t: Data) -> list[tuple[str, str, str]]:
    """A signature is given in the checklist, where what it is about is shown; a result is stated with a link."""
    if t["code"] not in ("tests", "items", "after_live"):
        return []
    stated = ("I have a result…", "result", str(t.get("kind") or ""))
    return [stated] if t.get("how") == "evidence" else [("Checklist", "checklist", "")]


def _of_a_train(t: Data, facts: Facts) -> list[Block]:
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


def _later(t: Data) -> Block | None:
    """The ⋮ menu: put it off, or say that it is somebody else's."""
    kind, token = BY_CODE[str(t["code"])], str(t.get("token") or "")
    if not token:
        return None
    found = [
        ("In 1 hour", ids.option("snooze", None, token, "hour")),
        ("Tomorrow morning", ids.option("snooze", None, token, "morning")),
        ("On another day…", ids.option("snooze", None, token)),
    ]
    return b.menu([*(found if kind.snooze else []), *([("Not mine", ids.option("not_mine", None, token))] * kind.mine)])


# --- answers ---------------------------------------------------------------------------------------------------------

SETTLED = "This has settled itself: nothing of it waits for you any more."


def put_off(until: str, known: Facts) -> Message:
    """When it comes again."""
    return _told(f"I remind you again {date_token(known, until)}." if until else SETTLED, known)


def handed_on(to: list[str], asked_too: bool, known: Facts) -> Message:
    """Whose it is."""
    if not to:
        return _told(SETTLED, known)
    whose = listed([mention(known, p) for p in to])
    rest = f"{whose} {'has' if len(to) == 1 else 'have'} it too." if asked_too else f"{whose} gets it now."
    return _told(f"{rest} I do not ask you about it again. What you said is on record.", known)


_SAID = {
    "knowledge": "the draft for the knowledge base is ready",
    "briefing": "you have read the answers",
    "live_day": "all is quiet",
    "hotfix_review": "you have looked back at it",
}


def noted(kind: str, known: Facts) -> Message:
    """That somebody's word is on record."""
    return _told(f"Noted in the record: {_SAID[kind]}. Thank you." if kind else SETTLED, known)


def _told(text: str, known: Facts) -> Message:
    line = f"{DONE} {text}"
    return b.message(spoken(line, known), b.section(line))


_LINE = {
    "knowledge": "{a} says that the draft for the knowledge base is ready.",
    "briefing": "{a} has read what support needs to know.",
    "live_day": "{a} says that all is quiet.",
    "hotfix_review": "{a} has looked back at the hotfix.",
}


def answered_line(data: Data, facts: Facts) -> str:
    """The line of the thread for a reminder that somebody's word has ended."""
    who = mention(facts, str(data.get("actor") or ""))
    return f"{DONE} " + _LINE.get(str(data.get("kind")), "{a} has done what was asked.").format(a=who)
