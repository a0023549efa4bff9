"""What a reminder says: one line and its buttons for each thing that waits for a person, and how it is put off."""

from __future__ import annotations

from core.domain.reminders import BY_CODE
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import DONE
from handlers.views.reminder_words import line_of
from handlers.views.writing import Data, Facts, date_token, in_words, listed, mention, plain, spoken

MOST = 12  # things in one message; a message has room for 50 blocks


def asked(data: Data, facts: Facts, person: str) -> Message:
    """Everything that is due for one person: one line and its buttons each."""
    things = list(data.get("things") or ())
    lines = [line_of(t, facts) for t in things]
    many = f"*{len(things)} things wait for you*" if len(things) > 1 else ""
    text = f"{len(things)} things wait for you." if many else "Nothing waits for you any more."
    rows: list[Block | None] = [b.section(many)] if many else []
    for n, (thing, line) in enumerate(zip(things[:MOST], lines, strict=False)):
        rows += [b.section(line), b.actions(*_buttons(thing, facts), _later(thing), block_id=f"ahead.{n}")]
    if len(things) > MOST:
        rows.append(b.context(f"and {len(things) - MOST} more, at *What waits for me?* on Home"))
    return b.message(text if len(things) != 1 else spoken(lines[0], facts), *(rows or [b.section(text)]))


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
    "release_day": (("The plan", "plan", ""), ("What is missing?", "why", "")),
    "live_day": (("All quiet", "answered", ""), ("Something is wrong…", "incident", "")),
    "after_live": (),
    "retro_open": (("Give feedback", "retro", ""),),
    "retro_last": (("Give feedback", "retro", ""),),
    "retro_due": (("Close with these…", "retro_summary", ""), ("Give feedback", "retro", "")),
    "retro_overdue": (("Close with these…", "retro_summary", ""), ("Give feedback", "retro", "")),
    "hotfix_review": (("I have looked back", "answered", ""),),
}


_ACTIONS = ("action_due", "action_overdue")


def _buttons(t: Data, facts: Facts) -> list[Block]:
    code = str(t["code"])
    if code == "quarter_major":
        return [b.button("Start a major…", "run", ids.value(None, "start major"))]
    if code in _ACTIONS:
        number, about = int(t.get("action") or 0), f"action item {int(t.get('action') or 0)}"
        words = {"Done": "done", "Keep": "keep", "Drop…": "drop"}
        return [
            b.button(label, "run", ids.value(None, f"action {word} {number}"), about=f"{label}: {about}")
            for label, word in words.items()
        ]
    if code == "flags":
        name = str(t.get("flag") or "")
        return [b.button("Decide…", "flag_end", ids.value(None, name), about=f"Decide about {name}")]
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
