"""The words of a retrospective: what the record proves, lines that people wrote, action items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from handlers.views import links
from handlers.views.marks import DONE, LOOK, NOT_YET
from handlers.views.writing import Facts, counted, date_token, lasted, listed, mention, quoted, said, who

Given = Mapping[str, Any]
TITLES = {"well": "Went well", "wrong": "Went wrong", "better": "To improve"}
_TIMES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_SOON = 15 * 60  # seconds within which something counts as on time


def proven(found: Sequence[Given], facts: Facts, most: int = 40) -> list[str]:
    """One sentence for each thing that the record proves, without a judgement."""
    told = [_PROVEN[str(x["code"])](x, facts) for x in found if x.get("code") in _PROVEN]
    return [line for line in told if line][:most]


def _compared(before: str, name: str) -> Callable[[Given, Facts], str]:
    def line(x: Given, facts: Facts) -> str:
        late, at = x.get("late"), date_token(facts, x.get("at"))
        if late is None:
            return f"{before} {at}"
        if abs(late) <= _SOON:
            return f"{name} on time, {at}"
        return f"{name} {lasted(abs(late))} {'late' if late > 0 else 'early'}, {at}"

    return line


def _moved(x: Given, facts: Facts) -> str:
    why = f": {quoted(x['why'], 200)}" if x.get("why") else ""
    before = f" from {date_token(facts, x['before'])}" if x.get("before") else ""
    to = f" to {date_token(facts, x['after'])}" if x.get("after") else ""
    return f"Moved{before}{to} by {who(facts, str(x.get('by') or ''))}{why}"


def _held(x: Given, facts: Facts) -> str:
    return f"On hold for {lasted(int(x['seconds']))}" + (f", {x['times']} times" if int(x["times"]) > 1 else "")


def _changes(x: Given, facts: Facts) -> str:
    return f"{counted(int(x['count']), 'change')}, {counted(int(x['candidates']), 'candidate')}"


def _refs(one: str, many: str) -> Callable[[Given, Facts], str]:
    def line(x: Given, facts: Facts) -> str:
        named = listed([links.ref(facts, str(ref)) for ref in x.get("refs") or () if ref], "and", 5)
        return f"{counted(int(x['count']), one, many)}{f': {named}' if named else ''}"

    return line


def _rejected(x: Given, facts: Facts) -> str:
    return f"Rejected by {who(facts, str(x.get('by') or ''))}: {quoted(x.get('why'), 200)}"


def _override(x: Given, facts: Facts) -> str:
    by = f"{who(facts, str(x.get('by') or ''))} and {who(facts, str(x.get('second') or ''))}"
    return f"{by} passed “{said(x.get('title'))}” by override: {quoted(x.get('why'), 200)}"


def _ran(x: Given, facts: Facts) -> str:
    return f"{lasted(int(x['seconds']))} of deployment"


def _back(x: Given, facts: Facts) -> str:
    why = f": {quoted(x['why'], 200)}" if x.get("why") else ""
    by, took = who(facts, str(x.get("by") or "")), lasted(int(x["seconds"]))
    return f"Rolled back to v{said(x.get('to'))} by {by} in {took}{why}"


def _failed(x: Given, facts: Facts) -> str:
    steps = [f"“{said(s.get('title'))}”" + (f" ({said(s['why'], 120)})" if s.get("why") else "")
             for s in x.get("steps") or ()]  # fmt: skip
    return f"{counted(int(x['count']), 'failed step')}{f': {listed(steps, most=3)}' if steps else ''}"


def _incident(x: Given, facts: Facts) -> str:
    bad = f" ({said(x['severity'])})" if x.get("severity") else ""
    seen = f", noticed {lasted(x['detected'])} after it was live" if x.get("detected") is not None else ""
    over = f", solved after {lasted(x['resolved'])}" if x.get("resolved") is not None else ", not solved yet"
    return f"Incident {quoted(x.get('text'), 120)}{bad}{seen}{over}"


def _posts(x: Given, facts: Facts) -> str:
    beside = int(x.get("beside") or 0)
    rest = f", and {beside} that {'is' if beside == 1 else 'are'} always posted" if beside else ""
    return f"{x.get('count')} of at most {x.get('most')} posts in the channel{rest}"


_PROVEN: dict[str, Callable[[Given, Facts], str]] = {
    "departure": _compared("Left", "Left"),
    "freeze": _compared("Frozen", "Frozen"),
    "ready": _compared("Ready", "Ready for approval"),
    "moved": _moved,
    "held": _held,
    "missed": lambda x, facts: "Its departure was missed" + (f" {x['times']} times" if int(x["times"]) > 1 else ""),
    "changes": _changes,
    "dropped": _refs("item left out", "items left out"),
    "late": _refs("late item taken in", "late items taken in"),
    "rejected": _rejected,
    "withdrawn": lambda x, facts: counted(int(x["count"]), "approval withdrawn", "approvals withdrawn"),
    "override": _override,
    "concerns": lambda x, facts: f"{counted(int(x['count']), 'concern')} raised",
    "deployment": _ran,
    "rollback": _back,
    "failed": _failed,
    "retried": lambda x, facts: f"{counted(int(x['count']), 'step')} tried again",
    "incident": _incident,
    "no_incident": lambda x, facts: "0 incidents",
    "reports": lambda x, facts: f"{counted(int(x['count']), 'report')} about what is live",
    "posts": _posts,
}


# --- lines and action items ------------------------------------------------------------------------------------------


def lines(found: Sequence[Given], facts: Facts, longest: int = 300) -> list[str]:
    """What people wrote, with their names where the policy shows them; a message with its link."""
    told = []
    for x in found:
        by = f"{who(facts, str(x['by']))}: " if x.get("by") else ""
        site = links.site(facts, x.get("link"), "the message")
        told.append(f"• {by}{said(x.get('text'), longest)}" + (f" ({site})" if site.startswith("<") else ""))
    return told


def item(a: Given, facts: Facts, *, longest: int = 200) -> str:
    """`□ Ben: run regression on rc.1 too, by 28 Dec`; what was decided about it behind it."""
    owner = who(facts, str(a.get("owner") or ""))
    text = f"{owner}: {said(a.get('text'), longest)}"
    if a.get("state") == "done":
        return f"{DONE} {text} · done"
    if a.get("state") == "dropped":
        return f"{NOT_YET} {text} · dropped by {who(facts, str(a.get('ended_by') or ''))}: {quoted(a.get('why'), 200)}"
    kept = ", kept for the next release" if a.get("kept") else ""
    times = f", {back(a)}" if int(a.get("times") or 0) > 1 else ""
    late = f" {LOOK} its day is over" if a.get("late") else ""
    return f"□ {text}, by {day(a.get('due'))}{times}{kept}{late}"


def back(a: Given) -> str:
    """`back for the third time`."""
    times = int(a.get("times") or 0)
    return f"back for the {_TIMES.get(times) or f'{times}th'} time"


def day(iso: object) -> str:
    """A local date: `28 Dec`."""
    try:
        found = date.fromisoformat(str(iso))
    except ValueError:
        return "a day that is not set"
    return f"{found.day} {found:%b}"


def tally(found: Given, facts: Facts) -> str:
    """`2 of the last 3 are done; “faster staging” is back for the third time.`; "" where nothing came back."""
    of, done = int(found.get("of") or 0), int(found.get("done") or 0)
    if not of:
        return ""
    again = [a for a in found.get("back") or () if int(a.get("times") or 0) > 1]
    rest = [f"{quoted(a.get('text'), 60)} is {back(a)}" for a in again]
    first = f"{done} of the last {of} {'is' if of == 1 else 'are'} done"
    return f"{first}; {listed(rest, most=3)}." if rest else f"{first}."


def answered(state: Given) -> str:
    """`3 of 8 have answered`; those who answered without an invitation count on both sides."""
    said_, asked = list(state.get("answered") or ()), list(state.get("invited") or ())
    of = len(dict.fromkeys((*asked, *said_)))
    return f"{len(said_)} of {of} {'has' if len(said_) == 1 else 'have'} answered"


def people(facts: Facts, found: Sequence[str], most: int = 12) -> str:
    """Those who are called, by mentions; of many the first."""
    return listed([mention(facts, str(p)) for p in found], "and", most)
