"""The line of each kind of reminder: what it is about, until when, and whose it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from handlers.views.writing import Data, Facts, counted, date_token, listed, long_token, mention, quoted, said


def line_of(t: Data, facts: Facts) -> str:
    """What is said of one thing; first who says that it is not theirs, where somebody handed it on."""
    handed = f"{mention(facts, str(t['from']))} says that this is not theirs. " if t.get("from") else ""
    return handed + LINES[str(t["code"])](t, facts)


def close_to(t: Data) -> str:
    """`2 days before New Year's Day`."""
    days, holiday = int(t.get("days") or 0), said(t.get("holiday"))
    return f"on {holiday}" if not days else f"{counted(abs(days), 'day')} {'before' if days > 0 else 'after'} {holiday}"


def _near(t: Data, facts: Facts) -> str:
    on_it = f" with v{said(t['version'])}" if t.get("version") else ""
    return f"The train of {long_token(facts, t.get('at'))}{on_it} leaves {close_to(t)}. Keep it, move it or skip it?"


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
    count = int(t.get("open") or 0)
    waits = f"{counted(count, 'condition is', 'conditions are')} open. " if count else "Nothing is open. "
    back = f"The way back is v{said(t['back'])}. " if t.get("back") else ""
    leaves = f"*v{said(t['version'])}* leaves today, {long_token(facts, t.get('at'))}."
    return f"{leaves} {waits}{back}I ask for go or no-go then."


def _live(t: Data, facts: Facts) -> str:
    return f"*{_tag(t)}* is live since {_at(t, facts)}. Anything unusual, in the alerts or from customers?"


def _after_live(t: Data, facts: Facts) -> str:
    return f"*{_tag(t)}* is live. Before it can be closed, *{said(t.get('title'))}* is yours to do."


def _retro_open(t: Data, facts: Facts) -> str:
    return f"The retrospective of *{_tag(t)}* is open until {_at(t, facts)}. It takes 3 minutes."


def _retro_last(t: Data, facts: Facts) -> str:
    have = f"{int(t.get('count') or 0)} of {int(t.get('of') or 0)} answered so far"
    return f"The retrospective of *{_tag(t)}* closes {_at(t, facts)}. {have}; yours takes 3 minutes."


def _action(t: Data, facts: Facts) -> str:
    day = date.fromisoformat(str(t.get("due")))
    state = "was due" if t["code"] == "action_overdue" else "is due"
    origin = f", from the retrospective of v{said(t['from_release'])}" if t.get("from_release") else ""
    return f"Your action item {state} {day.day} {day:%b %Y}{origin}: {quoted(t.get('text'), 200)}"


def _flag(t: Data, facts: Facts) -> str:
    lived, allowed = int(t.get("lived") or 0), int(t.get("allowed") or 0)
    over = f", {lived - allowed} more than planned" if t.get("old") and allowed and lived > allowed else ""
    last = {"": "Nobody asks for it", "?": ""}.get(str(t.get("last")), f"Last asked for {said(t.get('last'))}")
    places = counted(int(t.get("places") or 0), "place")
    rest = "; ".join(filter(None, (last, f"{places} in the code" if t.get("places") else "")))
    return (
        f"`{said(t.get('flag'))}` has lived {counted(lived, 'release')}{over}, and nobody has said what becomes of it "
        f"with *{_tag(t)}*." + (f" {rest}." if rest else "")
    )


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


LINES: dict[str, Callable[[Data, Facts], str]] = {
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
    "retro_open": _retro_open,
    "retro_last": _retro_last,
    "retro_due": _retro,
    "retro_overdue": _overdue,
    "action_due": _action,
    "action_overdue": _action,
    "flags": _flag,
    "hotfix_review": _review,
}
