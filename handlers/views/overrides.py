"""Break-glass in words: who passed which gate and why, who confirms, who reviews; said loudly wherever it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import DONE, LOOK, WAITS
from handlers.views.pressing import press, show
from handlers.views.writing import Data, Facts, date_token, instant, listed, mention, plain, quoted, said, spoken, who

WHOLE = 900
# What a code without an item of the checklist is called.
TITLES = {
    "window": "the departure window",
    "freeze": "the freeze",
    "expired": "the age of an approval",
    "told.support": "support's notice",
    "told.stakeholders": "the stakeholders' notice",
    "checks.failed": "the failed checks",
    "checks.running": "the running checks",
}
VOID = {
    "candidate": "there is another candidate",
    "content": "the content is another one",
    "back": "it was sent back",
    "hold": "it is on hold",
    "moved": "it was moved",
    "policy": "it is judged by another policy",
    "ended": "the release has ended",
    "failed": "another result has failed since",
    "shipped": "it went out before",
    "taken": "it was taken back",
}


def title_of(row: Data) -> str:
    """What is passed, as people call it."""
    code = str(row.get("code") or "")
    title = str(row.get("title") or "")
    return said(TITLES.get(code) or (title if title != code else code), 90)


def _tag(facts: Facts) -> str:
    return f"*{said(facts.get('tag') or 'The release')}*"


def _pair(row: Data, facts: Facts) -> str:
    return listed([who(facts, str(p)) for p in (row.get("first"), row.get("second")) if p])


def _rc(row: Data) -> str:
    return said(str(row.get("candidate") or "").rpartition("-")[2] or "this candidate")


# --- lines of the thread ---------------------------------------------------------------------------------------------


def asked(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    return (
        f"{LOOK} {who(facts, str(data.get('first')))} wants to break the glass for {_tag(facts)}: pass "
        f"*{title_of(data)}*. “{said(data.get('why'), WHOLE)}” {WAITS} A second person has to confirm it."
    )


def passed(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    due = f" Its review is due {date_token(facts, data['due'])}." if data.get("due") else ""
    return (
        f"{LOOK} *Break-glass:* *{title_of(data)}* of {_tag(facts)} is passed by override of {_pair(data, facts)}: "
        f"“{said(data.get('why'), WHOLE)}” It holds for {_rc(data)} alone.{due}"
    )


def taken_back(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    why = f": “{said(data['reason'], WHOLE)}”" if data.get("reason") else ""
    return f"{who(facts, str(data.get('first')))} no longer asks to pass *{title_of(data)}* of {_tag(facts)}{why}."


def void(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    rows = [o for o in data.get("overrides") or () if isinstance(o, Mapping)]
    names = listed([f"*{title_of(o)}*" for o in rows])
    why = VOID.get(str(data.get("why")), "what it was for has changed")
    return f"{LOOK} The override of {names} for {_tag(facts)} is void: {why}. The gate is asked again."


def reviewed(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    right = "it was right" if data.get("right") else "it was not right"
    by = who(facts, str(data.get("actor") or ""))
    follows = f" What follows: “{said(data['reason'], WHOLE)}”" if data.get("reason") else ""
    mark = DONE if data.get("right") else LOOK
    return f"{mark} {by} reviewed the override of *{title_of(data)}* of {_tag(facts)}: {right}.{follows}"


def review_due(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    people = listed([mention(facts, str(p)) for p in data.get("reviewers") or ()], "or", 3)
    return (
        f"{WAITS} The override of *{title_of(data)}* of {_tag(facts)} is still not reviewed. It waits for "
        f"{people or 'a third person'}, and I ask every day until it is."
    )


LINES = {
    "override_asked": asked,
    "overridden": passed,
    "override_void": void,
    "override_back": taken_back,
    "reviewed": reviewed,
    "review_due": review_due,
}


# --- answers ---------------------------------------------------------------------------------------------------------


def _answered(facts: Facts, notes: Data, given: Data) -> str:
    """To who asked for it, or confirmed it."""
    if notes.get("second"):
        people = listed([mention(facts, str(p)) for p in notes.get("reviewers") or ()], "or", 3)
        return f"{LOOK} The gate of {_tag(facts)} is passed, by both of you. {people or 'A third person'} reviews it."
    people = listed([mention(facts, str(p)) for p in notes.get("people") or ()], "or", 3)
    return f"{WAITS} You asked to pass a gate of {_tag(facts)}. {people or 'A second person'} has to confirm it."


def _took_back(facts: Facts, notes: Data, given: Data) -> str:
    if notes.get("code"):
        return f"You no longer ask to pass *{title_of(notes)}* of {_tag(facts)}. The gate stands as before."
    return f"You took your approval of {_tag(facts)} back. It waits for that role again."


DONE_LINES = {
    "override": _answered,
    "withdraw": _took_back,
    "review": lambda facts, notes, given: (
        f"{DONE} Your review of {_tag(facts)} is kept; both of them and the thread read it."
    ),
}


# --- messages --------------------------------------------------------------------------------------------------------


def in_channel(data: Data, facts: Facts) -> Message:
    """The post for the team's channel: whatever the budget says, everybody reads it."""
    line = passed(data, facts)
    return b.message(
        spoken(line, facts),
        b.header(f"Break-glass: {plain(facts.get('tag') or 'the release')}"),
        b.section(line, "what"),
        b.actions(show(facts, "why", "What is missing?"), press(facts, "concern"), block_id="after"),
    )


def _confirm_asked(data: Data, facts: Facts, person: str) -> Message:
    """To each who can be the second: with the button that confirms."""
    first, number = who(facts, str(data.get("first"))), str(data.get("override") or "")
    text = (
        f"{first} wants to break the glass for {_tag(facts)}: pass *{title_of(data)}* of {_rc(data)}. "
        f"“{said(data.get('why'), WHOLE)}”"
    )
    asks = b.confirm(
        "Pass this gate?",
        f"You pass {plain(spoken(title_of(data), facts), 90)} for {_rc(data)} together with "
        f"{plain(spoken(first, facts), 60)}. Everybody reads both names, and it is reviewed within a day.",
        "Pass it",
        "Not yet",
        danger=True,
    )
    button = b.button("Confirm it", "override", ids.value(facts.get("id"), number, number), confirm=asks,
                      about=f"Confirm the override of {facts.get('tag', '')}")  # fmt: skip
    return b.message(
        f"{plain(spoken(text, facts), 400)} It takes a second person: you can confirm it.",
        b.section(f"{LOOK} {text}"),
        b.context("It takes a second person. Without one nothing is passed."),
        b.actions(button, show(facts, "why", "What is missing?"), press(facts, "concern"), block_id="do"),
    )


def _review_asked(data: Data, facts: Facts, person: str) -> Message:
    """To each who may review it."""
    number = str(data.get("override") or "")
    due = f" Please review it until {date_token(facts, data['due'])}; I ask every day." if data.get("due") else ""
    line = passed({**data, "due": ""}, facts)
    button = press(facts, "review", primary=True, item=number, subject=number)
    return b.message(
        f"{plain(spoken(line, facts), 400)} Please review it.",
        b.section(f"{line}{due}"),
        b.actions(button, show(facts, "audit", "Audit"), block_id="do"),
    )


def _was_reviewed(data: Data, facts: Facts, person: str) -> Message:
    line = reviewed(data, facts)
    return b.message(spoken(line, facts), b.section(line), b.actions(show(facts, "status", "Open"), block_id="do"))


MOMENTS = {"override_asked": _confirm_asked, "review_asked": _review_asked, "reviewed": _was_reviewed}


# --- what stands on card, `why` and announcements --------------------------------------------------------------------


def rows(facts: Facts, *states: str) -> list[dict[str, Any]]:
    """The overrides in one of these states."""
    return [o for o in facts.get("overrides") or () if o["state"] in states]


def card_lines(facts: Facts) -> list[str]:
    """One line for what is passed, and one for a review that is open."""
    lines = [
        f"{LOOK} *Break-glass:* {title_of(o)}, passed by {_pair(o, facts)}: {quoted(o['reason'])}"
        for o in rows(facts, "stands", "used")
    ]
    if len(lines) > 2:
        lines = [*lines[:2], f"{LOOK} and {len(lines) - 2} more gates are passed by override"]
    asked_too = any(x.get("code") == "review" for x in facts.get("blockers") or ())
    open_ = [o for o in facts.get("overrides") or () if o.get("reviewers") and not asked_too]
    if open_:
        people = listed([mention(facts, p) for p in open_[0]["reviewers"]], "or", 3)
        due = date_token(facts, open_[0]["review_by"])
        lines.append(f"{WAITS} *Waits for* {people} to review the override, due {due}")
    return lines


def in_a_sentence(facts: Facts) -> str:
    """What is passed, for notifications and screen readers; "" when nothing is."""
    passed_ = rows(facts, "stands", "used")
    named = listed([f"{title_of(o)} by {_pair(o, facts)}" for o in passed_], "and", 2)
    return f" Passed by override: {spoken(named, facts)}." if passed_ else ""


def in_why(facts: Facts, person: str) -> list[Block]:
    """What is passed, what waits for a second person, and which review is open, each with its button."""
    found: list[Block] = []
    for o in rows(facts, "stands", "used"):
        text = (
            f"{LOOK} *{title_of(o)}*\npassed by override of {_pair(o, facts)} {date_token(facts, o['second_at'])}: "
            f"{quoted(o['reason'])}"
        )
        found.append(b.section(text, f"override.{o['id']}", _review_button(o, facts, person)))
    for o in rows(facts, "waits"):
        text = f"{WAITS} *{title_of(o)}*\n{who(facts, o['first'])} wants to pass it: {quoted(o['reason'])}"
        confirm = b.button("Confirm it", "override", ids.value(facts.get("id"), str(o["id"]), str(o["id"])))
        may = confirm if _may(facts, person) else None
        button = press(facts, "withdraw", item=str(o["id"])) if person == o["first"] else may
        found.append(b.section(text, f"override.{o['id']}", button))
    return found


def _may(facts: Facts, person: str) -> bool:
    roles = (facts.get("glass") or {}).get("roles") or ()
    return any(person in (facts.get("members") or {}).get(role, ()) for role in roles)


def _review_button(row: Data, facts: Facts, person: str) -> Block | None:
    if person not in (row.get("reviewers") or ()):
        return None
    return press(facts, "review", item=str(row["id"]), subject=str(row["id"]))


def asked_for(facts: Facts, code: str, person: str) -> bool:
    """Whether somebody else has asked to pass this gate, so that the person is the second."""
    return any(o["code"] == code and o["first"] != person for o in rows(facts, "waits"))


def of_item(facts: Facts, name: str) -> str:
    """Who passed an item of the checklist by override; "" when nobody did."""
    found = [o for o in rows(facts, "stands", "used") if str(o["code"]).partition(".")[2] == name]
    return f", passed by override of {_pair(found[0], facts)}" if found else ""


def of_record(facts: Facts) -> str:
    """What an announcement to the team keeps of it; "" when nothing was passed."""
    used = rows(facts, "used")
    if not used:
        return ""
    return f"{LOOK} passed by override: {listed([f'{title_of(o)} ({_pair(o, facts)})' for o in used], 'and', 3)}"


def of_entry(entry: Data, facts: Facts) -> str:
    """What an entry of the record says of an override: who passed what; "" for an entry about anything else."""
    verb, done = entry.get("verb"), (str(entry.get("actor") or ""), instant(entry.get("at")))
    for o in facts.get("overrides") or () if verb in ("override", "review") else ():
        if verb == "review" and done == (o["reviewed_by"], instant(o["reviewed_at"])):
            return f"reviewed the override of *{title_of(o)}*: it was {'right' if o['right'] else 'not right'}"
        if verb == "override" and done == (o["second"], instant(o["second_at"])):
            return f"confirmed the override: {_pair(o, facts)} passed *{title_of(o)}* for {_rc(o)}"
        if verb == "override" and done == (o["first"], instant(o["at"])):
            return f"asked to pass *{title_of(o)}* for {_rc(o)} by override"
    return ""
