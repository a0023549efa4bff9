"""What is told about a retrospective by itself: lines of the thread, the line in the channel, messages, answers."""

from __future__ import annotations

from collections.abc import Callable

from handlers import ids
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views import retro_words as words
from handlers.views.marks import DONE, LOOK, WAITS
from handlers.views.pressing import press, show
from handlers.views.writing import Data, Facts, counted, date_token, day_token, plain, quoted, said, spoken, who


def _tag(facts: Facts) -> str:
    return f"*{said(facts.get('tag') or 'The release')}*"


def _by(data: Data, facts: Facts) -> str:
    return who(facts, str(data.get("actor") or "")) if data.get("actor") else "Release Bot"


def _told(data: Data) -> Data:
    """What the moment tells beside who did it and why."""
    found: Data = data.get("retro") or {}
    return found


# --- the thread ------------------------------------------------------------------------------------------------------


def opened(data: Data, facts: Facts) -> str:
    """Who is invited, when it meets, until when answers come."""
    told = _told(data)
    again = " again, because it ended otherwise" if told.get("again") else ""
    people = words.people(facts, told.get("people") or ())
    return (
        f"{WAITS} The *retrospective* of {_tag(facts)} is open{again}: it meets {date_token(facts, told.get('at'))}, "
        f"and answers come until {day_token(facts, told.get('due'))}. {people}: what went well, what went wrong, what "
        "can be improved? It takes 3 minutes."
    )


def moved(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    told = _told(data)
    before, then = date_token(facts, told.get("before")), date_token(facts, told.get("at"))
    people = words.people(facts, told.get("people") or ())
    line = f"{LOOK} {_by(data, facts)} moved the retrospective of {_tag(facts)} from {before} to {then}."
    return f"{line} {people}: please come then."


def late(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    count = int(_told(data).get("count") or 0)
    what = counted(count, "line") if count else "an action item"
    return f"{_by(data, facts)} added {what} to the retrospective of {_tag(facts)} after its summary."


def added(data: Data, facts: Facts) -> str:
    """The line of this moment."""
    action = _told(data).get("action") or {}
    owner, day = who(facts, str(action.get("owner") or "")), words.day(action.get("due"))
    return f"{_by(data, facts)} added an action item: {owner}, {quoted(action.get('text'), 300)}, by {day}."


def came(data: Data, facts: Facts) -> str:
    """The line of this moment; each owner is named, and how often an item has come back."""
    items = list(_told(data).get("actions") or ())
    is_ = "is" if len(items) == 1 else "are"
    head = f"{WAITS} {counted(len(items), 'action item')} of earlier retrospectives {is_} on the checklist of"
    return "\n".join([f"{head} {_tag(facts)}:", *(words.item(a, facts) for a in items[:20])])


def _decided(text: str) -> Callable[[Data, Facts], str]:
    def line(data: Data, facts: Facts) -> str:
        item = _told(data).get("action") or {}
        why = f" {quoted(data['reason'], 400)}" if data.get("reason") else ""
        return text.format(a=_by(data, facts), item=quoted(item.get("text"), 300), why=why)

    return line


LINES = {
    "retro_opened": opened,
    "retro_moved": moved,
    "retro_late": late,
    "retro_summary": lambda data, facts: f"{DONE} The retrospective of {_tag(facts)} is closed.",  # with what was said
    "action_added": added,
    "actions_came": came,
    "action_done": _decided(f"{DONE} {{a}} says that the action item {{item}} is done.{{why}}"),
    "action_kept": _decided("{a} keeps the action item {item} for the next release."),
    "action_dropped": _decided("{a} dropped the action item {item}:{why}"),
}


def button(moment: str, facts: Facts) -> dict[str, object] | None:
    """The way on under a line."""
    if moment in ("retro_opened", "retro_moved"):
        return b.actions(show(facts, "retro", "Give feedback"), block_id="do")
    return b.actions(show(facts, "actions", "Decide about them"), block_id="do") if moment == "actions_came" else None


# --- the channel and single people -----------------------------------------------------------------------------------


def in_channel(data: Data, facts: Facts) -> Message:
    """One line; the summary stands in the thread."""
    told = _told(data)
    n = told.get("counts") or {}
    said_ = f"{n.get('well', 0)} went well, {n.get('wrong', 0)} went wrong, {n.get('better', 0)} to improve"
    line = (
        f"{DONE} The retrospective of {_tag(facts)} is closed: {said_}, "
        f"{counted(int(told.get('actions') or 0), 'action item')}. "
        f"{int(told.get('answered') or 0)} of {int(told.get('of') or 0)} answered; the summary is in the thread."
    )
    return b.message(
        spoken(line, facts), b.section(line, "what"), b.actions(show(facts, "retro", "Read it"), block_id="after")
    )


def given(data: Data, facts: Facts, person: str) -> Message:
    """An action item is yours."""
    item = _told(data).get("action") or {}
    number, text = str(item.get("id") or ""), plain(item.get("text"))
    line = (
        f"{WAITS} {_by(data, facts)} gave you an action item of {_tag(facts)}: {quoted(item.get('text'), 300)}, by "
        f"{words.day(item.get('due'))}. It comes back on the next release's checklist until it is done or dropped."
    )
    return b.message(
        spoken(line, facts),
        b.section(line),
        b.actions(
            b.button("Done", "action_done", ids.value(facts.get("id"), number), about=f"Done: {text}"),
            b.button("Drop with a reason…", "action_drop", ids.value(facts.get("id"), number), about=f"Drop: {text}"),
            show(facts, "retro", "The retrospective"),
            block_id="do",
        ),
    )


MOMENTS = {"action_given": given}


# --- answers ---------------------------------------------------------------------------------------------------------


def _said(facts: Facts, notes: Data, given_: Data) -> str:
    count = counted(int(notes.get("lines") or 0), "line")
    closed = (facts.get("retro") or {}).get("summary")
    rest = f"{words.answered(facts.get('retro') or {})}. You can mend your answers as often as you like."
    if closed:
        rest = "Its summary is posted already, so the thread says that you added to it."
    return f"{DONE} Thank you: {count} of yours in the retrospective of {_tag(facts)}. {rest}"


def _action(facts: Facts, notes: Data, given_: Data) -> str:
    owner = who(facts, str(notes.get("owner") or ""))
    return f"{DONE} Action item for {owner}, by {words.day(notes.get('due'))}: {quoted(notes.get('text'), 200)}."


def _of(text: str) -> Callable[[Data, Data, Data], str]:
    return lambda facts, notes, given_: text.format(t=_tag(facts), item=quoted(notes.get("text"), 200))


DONE_LINES = {
    "retro_say": _said,
    "retro_add": _of(f"{DONE} It is in the retrospective of {{t}}."),
    "retro_move": lambda facts, notes, given_: (
        f"{DONE} The retrospective of {_tag(facts)} meets "
        f"{date_token(facts, (facts.get('retro') or {}).get('meets_at'))}. Everybody who is invited is told."
    ),
    "retro_summary": _of(f"{DONE} The summary of {{t}} is in its thread, with a line in the channel."),
    "action_add": _action,
    "action_done": _of(f"{DONE} {{item}} is done."),
    "action_keep": _of(f"{DONE} {{item}} goes on to the release after {{t}}."),
    "action_drop": _of("{item} is dropped, with your reason."),
}
ONWARD = {
    "retro_say": ("retro_page", "The retrospective"),
    "retro_add": ("retro_page", "The retrospective"),
    "action_add": ("actions", "Action items"),
    "action_done": ("actions", "Action items"),
    "action_keep": ("actions", "Action items"),
    "action_drop": ("actions", "Action items"),
}


def onward(event: str, facts: Facts) -> list[dict[str, object]]:
    """What can be pressed next."""
    verb, label = ONWARD.get(event, ("retro_page", "The retrospective"))
    return [show(facts, verb, label), *([press(facts, "action_add")] if event == "retro_say" else [])]
