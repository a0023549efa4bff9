"""Direct messages about departures that were missed and releases that ended: who has to do what now."""

from __future__ import annotations

from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.marks import LOOK
from handlers.views.pressing import press, show
from handlers.views.thread_lines import left_behind as behind
from handlers.views.writing import Data, Facts, date_token, listed, mention, quoted, said, spoken


def missed(data: Data, facts: Facts, person: str) -> Message:
    text = f"{said(facts['tag'])} missed its departure of {date_token(facts, facts.get('departs_at'))}."
    return b.message(
        spoken(text, facts) + " Move it, merge it into the next release, or cancel it.",
        b.section(f"{LOOK} {text} How shall it go on?"),
        b.actions(
            press(facts, "move", primary=True),
            press(facts, "merge"),
            press(facts, "hold"),
            press(facts, "cancel"),
            block_id="do",
        ),
    )


def missed_author(data: Data, facts: Facts, person: str) -> Message:
    """To somebody whose changes are in it: what happened, and that nothing is asked of them."""
    subjects, count = [str(x) for x in data.get("subjects") or ()], int(data.get("count") or 0)
    yours = listed([quoted(x) for x in subjects], "and") + (f" and {count - len(subjects)} more" if count > 3 else "")
    lead = mention(facts, str(facts.get("lead") or ""))
    your = f"your change {yours} is" if count == 1 else f"your changes {yours} are" if count else "a commit of yours is"
    line = (
        f"{LOOK} *{said(facts['tag'])}* missed its departure of {date_token(facts, facts.get('departs_at'))}, and "
        f"{your} in it. {lead} decides how it goes on; you need not do anything."
    )
    return b.message(
        spoken(line, facts),
        b.section(line),
        b.actions(show(facts, "why", "What is missing?"), show(facts, "status", "Open"), block_id="do"),
    )


def left_behind(data: Data, facts: Facts, person: str) -> Message:
    line = behind(data, facts)
    return b.message(spoken(line, facts), b.section(line), b.actions(show(facts, "status", "Open"), block_id="do"))
