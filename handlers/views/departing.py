"""Direct messages about departures that were missed and releases that ended: who has to do what now."""

from __future__ import annotations

from handlers.request import Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.marks import LOOK
from handlers.views.pressing import press, show
from handlers.views.thread_lines import left_behind as behind
from handlers.views.writing import Data, Facts, date_token, listed, long_token, mention, quoted, said, spoken


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


def left_out(data: Data, facts: Facts) -> str:
    """`#340 “Dark mode” missed it: the next train leaves ...`; "" when nothing was left out of a frozen release."""
    rows, count = list(data.get("left") or ()), int(data.get("left_count") or 0)
    if not rows:
        return ""
    names = [_one_left(facts, x) for x in rows]
    named = listed([*names, f"{count - len(rows)} more"] if count > len(rows) else names)
    when = f": the next train leaves {long_token(facts, data['next'])}" if data.get("next") else ""
    on_it = f" with v{said(data['next_version'])}" if data.get("next_version") else ""
    return f"{named} missed it{when}{on_it}."


def _one_left(facts: Facts, x: Data) -> str:
    title = f" {quoted(x['title'])}" if x.get("title") else ""
    return links.ref(facts, str(x["ref"])) + title + (f" (moved to {said(x['to'], 40)})" if x.get("to") else "")


def _missed_the_cut(data: Data, facts: Facts) -> Message:
    """To somebody whose work is not in a release that is frozen: when it can go."""
    line = f"{LOOK} *{said(facts['tag'])}* is frozen. {left_out(data, facts)}"
    return b.message(
        spoken(line, facts),
        b.section(line),
        b.context("After the freeze only fixes come in. Whoever leads it can still take one in by name."),
        b.actions(show(facts, "scope", "What is in it?"), b.button("Calendar", "calendar"), block_id="do"),
    )


def missed_author(data: Data, facts: Facts, person: str) -> Message:
    """To somebody whose changes missed a train: those that a freeze left out, or those in what did not leave."""
    return _missed_the_cut(data, facts) if data.get("left") else _missed_with_it(data, facts)


def _missed_with_it(data: Data, facts: Facts) -> Message:
    """Their changes are in it: what happened, and that nothing is asked of them."""
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
