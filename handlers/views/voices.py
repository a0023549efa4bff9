"""What people say, in words: concerns and how they end, reports about what is live and what they were found to be."""

from __future__ import annotations

from typing import Any

from handlers import ids
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.marks import BLOCKED, DONE, LOOK, WAITS
from handlers.views.pressing import press, show
from handlers.views.writing import Data, Facts, mention, plain, quoted, said, spoken, who

WHOLE = 900
KINDS = {"feedback": "feedback", "bug": "a bug"}
FOUND = {
    "bug": "a bug",
    "duplicate": "a duplicate",
    "not a bug": "not a bug",
    "hotfix": "a bug for a hotfix",
    "next release": "something for the next release, where it blocks until it is settled",
}


def _tag(facts: Facts) -> str:
    return f"*{said(facts.get('tag') or 'The release')}*"


def _by(data: Data, facts: Facts, key: str = "actor") -> str:
    return who(facts, str(data.get(key) or "")) if data.get(key) else "Somebody"


def _message(data: Data, facts: Facts) -> str:
    found = links.site(facts, data.get("link"), "the message")
    return f" ({found})" if found.startswith("<") else ""


def _wants(data: Data) -> str:
    return f" What would settle it: {_sentence(data['wants'], 400)}" if data.get("wants") else ""


def _sentence(text: object, limit: int) -> str:
    """Quoted words as a sentence of their own, so that the next one begins after a full stop."""
    shown = quoted(text, limit)
    return shown if shown.rstrip("”")[-1:] in tuple(".!?…") else f"{shown}."


def _way(data: Data, facts: Facts) -> str:
    """How a concern came from the release before."""
    if data.get("first"):
        return f"carried by {_pair(data, facts)}"
    return "which was merged into this one."


def _pair(data: Data, facts: Facts) -> str:
    """`Priya and Theo: “…”`."""
    names = " and ".join(_by(data, facts, key) for key in ("first", "second") if data.get(key))
    return f"{names}: {_sentence(data.get('why'), 400)}"


# --- lines of the thread ---------------------------------------------------------------------------------------------


def concern(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    about = f"{_tag(facts)}{_message(data, facts)}"
    text = f"{_sentence(data.get('reason'), WHOLE)}{_wants(data)}"
    return f"{BLOCKED} {_by(data, facts)} raised a concern about {about}: {text}"


def carry_asked(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    return (
        f"{WAITS} {_by(data, facts)} proposes to carry the concern of {_by(data, facts, 'author')}, "
        f"{quoted(data.get('text'), 300)}, into the next release: {_sentence(data.get('reason'), 400)} "
        "A second person has to say so too; until then it blocks here."
    )


def carried(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    return (
        f"{DONE} {_by(data, facts, 'first')} and {_by(data, facts)} carried the concern of "
        f"{_by(data, facts, 'author')}, {quoted(data.get('text'), 300)}, into the next release: "
        f"{_sentence(data.get('why'), 400)} It blocks there, and {_tag(facts)} no more."
    )


def concern_came(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    if data.get("report"):
        return (
            f"{BLOCKED} {_by(data, facts, 'author')} reported {quoted(data.get('text'), 300)} about "
            f"*v{said(data.get('origin'))}*, and it is for this release. It blocks {_tag(facts)} until it is settled."
        )
    return (
        f"{BLOCKED} The concern of {_by(data, facts, 'author')}, {quoted(data.get('text'), 300)}, came here from "
        f"*v{said(data.get('origin'))}*, {_way(data, facts)} It blocks {_tag(facts)} until it is settled."
    )


def reported(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    kind = KINDS.get(str(data.get("kind")), "something")
    text = _sentence(data.get("reason"), WHOLE)
    return f"{LOOK} {_by(data, facts)} reported {kind} in {_tag(facts)}{_message(data, facts)}: {text}"


def triaged(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    found = FOUND.get(str(data.get("found")), said(data.get("found")))
    return (
        f"{DONE} {_by(data, facts)} looked at the report {quoted(data.get('text'), 300)}: it is {found}. "
        f"{_sentence(data.get('reason'), 400)}"
    )


def line_proposed(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    return f"{_by(data, facts)} proposes a line for the notes of {_tag(facts)}: {_sentence(data.get('line'), WHOLE)}"


LINES = {
    "line_proposed": line_proposed,
    "concern": concern,
    "carry_asked": carry_asked,
    "carried": carried,
    "concern_came": concern_came,
    "reported": reported,
    "triaged": triaged,
}


# --- to one person ---------------------------------------------------------------------------------------------------


def _told(line: str, facts: Facts, *buttons: dict[str, Any] | None) -> Message:
    return b.message(spoken(line, facts), b.section(line), b.actions(*buttons, block_id="do"))


def concern_told(data: Data, facts: Facts, person: str) -> Message:
    """Who leads hears of a concern at once, with both ways out of it."""
    number = str(data.get("concern") or "")
    by = mention(facts, str(data.get("actor") or ""))
    line = (
        f"{BLOCKED} {by} raised a concern about {_tag(facts)}{_message(data, facts)}: "
        f"{_sentence(data.get('reason'), WHOLE)}{_wants(data)} It blocks until it is settled."
    )
    return _told(line, facts, *_ways_out(facts, number), show(facts, "why", "What is missing?"))


def _ways_out(facts: Facts, number: str) -> list[dict[str, Any]]:
    return [press(facts, event, item=number, subject=number) for event in ("settle", "carry")]


def carry_wanted(data: Data, facts: Facts, person: str) -> Message:
    """Who may be the second person is asked."""
    number = str(data.get("concern") or "")
    second = press(facts, "carry", item=number, subject=number, label="Carry it too…")
    return _told(carry_asked(data, facts), facts, second, show(facts, "why", "What is missing?"))


def carried_told(data: Data, facts: Facts, person: str) -> Message:
    """Its author hears that a concern went on."""
    return _told(carried(data, facts), facts, show(facts, "status", "Open"))


def came_told(data: Data, facts: Facts, person: str) -> Message:
    """Who leads the next release hears what came to it."""
    number = str(data.get("concern") or "")
    return _told(concern_came(data, facts), facts, *_ways_out(facts, number), show(facts, "why", "What is missing?"))


def report_told(data: Data, facts: Facts, person: str) -> Message:
    """Who triages is asked what a report is."""
    number = str(data.get("report") or "")
    line = f"{reported(data, facts)} What is it?"
    return _told(line, facts, press(facts, "triage", item=number, subject=number), show(facts, "status", "Open"))


def triage_told(data: Data, facts: Facts, person: str) -> Message:
    """Who reported it hears what it was found to be."""
    return _told(triaged(data, facts), facts, show(facts, "status", "Open"))


def report_kept(data: Data, facts: Facts, person: str) -> Message:
    """Who triages hears of a report about a version that was live before the bot."""
    version = said(data.get("version"))
    line = (
        f"{LOOK} {_by(data, facts, 'author')} reported about *v{version}*: {_sentence(data.get('text'), WHOLE)} "
        "It waits for the next release, which it blocks until somebody settles it."
    )
    return _told(line, facts, b.button("All releases", "list"))


def line_asked(data: Data, facts: Facts, person: str) -> Message:
    """Who leads is asked to take a proposed line."""
    value = ids.value(facts.get("id"), str(data.get("place_of") or ""), plain(data.get("line"), 600))
    take = b.button("Add it…", "add_line", value, about=f"Add it to the notes of {facts.get('tag', '')}")
    return _told(line_proposed(data, facts), facts, take, show(facts, "notes", "Notes"))


def proposed(facts: Facts, lead: str) -> Message:
    """The private answer to who proposed a line and may not write the notes."""
    line = f"{DONE} You may not write the notes of {_tag(facts)}, so {mention(facts, lead)} is asked to take your line."
    return _told(line, facts, show(facts, "notes", "Notes"))


MOMENTS = {
    "line_proposed": line_asked,
    "concern": concern_told,
    "carry_asked": carry_wanted,
    "carried": carried_told,
    "concern_came": came_told,
    "reported": report_told,
    "triaged": triage_told,
    "report_kept": report_kept,
}


# --- answers ---------------------------------------------------------------------------------------------------------


def concern_done(facts: Facts, notes: Data, given: Data) -> str:
    """The private answer to who raised a concern."""
    return (
        f"{BLOCKED} Your concern about {_tag(facts)} is on the card. It blocks until you or a release manager settle "
        f"it, or two people carry it on. {mention(facts, str(facts.get('lead') or ''))} is told."
    )


def settle_done(facts: Facts, notes: Data, given: Data) -> str:
    """The private answer to who settled it."""
    return f"{DONE} The concern about {_tag(facts)} is settled."


def carry_done(facts: Facts, notes: Data, given: Data) -> str:
    """The private answer to who carries."""
    if notes.get("second"):
        return f"{DONE} The concern goes on with the next release and blocks there; {_tag(facts)} is free of it."
    return f"{WAITS} Proposed. A second person has to carry it too; they are asked. Until then it blocks {_tag(facts)}."


def report_done(facts: Facts, notes: Data, given: Data) -> str:
    """The private answer to who reported something."""
    return f"{DONE} Your report about {_tag(facts)} is kept. QA says what it is, and you hear of it."


def triage_done(facts: Facts, notes: Data, given: Data) -> str:
    """The private answer to who triaged."""
    found = FOUND.get(str(given.get("found")), "something else")
    return f"{DONE} It is recorded for {_tag(facts)}: {found}. Who reported it is told."


DONE_LINES = {
    "concern": concern_done,
    "settle": settle_done,
    "carry": carry_done,
    "report": report_done,
    "triage": triage_done,
}


# --- what a concern says of itself, for reasons and lists ------------------------------------------------------------


def history(data: Data, facts: Facts) -> str:
    """Where it came from, what would settle it, and who wants to carry it on; a blocker's facts or a concern's."""
    parts = [f"What would settle it: {_sentence(data['wants'], 200)}"] if data.get("wants") else []
    carry = data.get("carry") or {}
    pair = {"first": data.get("first") or carry.get("by"), "second": data.get("second") or carry.get("second")}
    pair["why"] = data.get("why") or carry.get("reason")
    if pair["second"]:
        parts.append(f"It came from v{said(data.get('origin'))}, carried by {_pair(pair, facts)}")
    elif data.get("report"):
        parts.append(f"It was reported about v{said(data.get('origin'))}, for the release after it.")
    elif data.get("origin") and not pair["first"]:
        parts.append(f"It came from v{said(data['origin'])}, which was merged into this one.")
    elif pair["first"]:
        parts.append(f"{mention(facts, str(pair['first']))} proposes to carry it on: {_sentence(pair['why'], 200)}")
    return " ".join(parts)


def one_line(data: Data) -> str:
    """A report in a line of plain text, for menus and lists."""
    kind = KINDS.get(str(data.get("kind")), "a report").removeprefix("a ").capitalize()
    return f"{kind}: {plain(data.get('text'), 44)}"
