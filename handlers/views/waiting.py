"""What waits for one person, as rows with the button that does it: for Home, `/release` alone and the whole list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from core.domain.lifecycle import BY_EVENT
from handlers import ids
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views import flag_asked, retro_words
from handlers.views.card_state import open_reasons, quiet_concerns
from handlers.views.marks import LOOK
from handlers.views.pressing import press, show, to_sign
from handlers.views.reasons import Reason
from handlers.views.voices import KINDS
from handlers.views.why import STEP, button_for
from handlers.views.writing import Data, Facts, date_token, instant, mention, plain, quoted, said

PART = 5  # what is shown of one part before "12 more, Show all"
MOST = 90
# Reasons that stand among the waits by themselves, or that wait for the hour alone.
_APART = ("review", "action", "approval", "signoff", "report", "told", "window", "freeze", "freeze_day")


def rows(data: Data, person: str, now: datetime) -> list[Block]:
    """All of it: signatures and decisions, then what else this person can clear, then the checklist."""
    return [*acts(data, person, now), *items(data, person, now)]


def acts(data: Data, person: str, now: datetime) -> list[Block]:
    """What waits for this person beside the checklist."""
    known = _known(data)
    found = [w for w in data.get("waits") or () if w.get("what") != "tick" and w.get("release") in known]
    return [
        *(wait_row(w, known[w["release"]]) for w in found),
        *_cleared(data, person, now, items_too=False),
        *(_action(a, data) for a in data.get("actions") or ()),
        *(flag_asked.row(f, data) for f in data.get("flags") or ()),
    ]


def _action(a: Data, data: Data) -> Block:
    """An action item that this person owns."""
    number, text = str(a["id"]), plain(a.get("text"))
    done = b.button("Done", "action_done", ids.value(a.get("release"), number), about=f"Done: {text}")
    first = f"Action item of *v{said(a.get('from'))}* · {said(a.get('text'))}\nby {retro_words.day(a.get('due'))}"
    return b.section(f"{first}{f' {LOOK} its day is over' if a.get('late') else ''}", f"wait.action.{number}", done)


def items(data: Data, person: str, now: datetime) -> list[Block]:
    """The checklist items that this person can sign now, and those of theirs that still lack a result."""
    known = _known(data)
    found = [w for w in data.get("waits") or () if w.get("what") == "tick" and w.get("release") in known]
    return [*(wait_row(w, known[w["release"]]) for w in found), *_cleared(data, person, now, items_too=True)]


def _cleared(data: Data, person: str, now: datetime, *, items_too: bool) -> list[Block]:
    found = [(r, f) for f in data.get("flight") or () for r in clearable(f, person, now)]
    return [_clearing(r, f, person) for r, f in found if (r.code.partition(".")[0] == "evidence") is items_too]


def first(found: Sequence[Block]) -> list[Block]:
    """The first five, then how many more there are and the button that shows all."""
    rest = len(found) - PART
    more = [b.section(f"{rest} more", "more", b.button("Show all", "mine", "-"))] if rest > 0 else []
    return [*found[:PART], *more]


def whole(found: Sequence[Block]) -> list[Block]:
    """All of them for a window; nothing is left out silently."""
    rest = [b.context(f"and {len(found) - MOST} more, on the cards")] if len(found) > MOST else []
    return b.surface(*(found[:MOST] or [b.section("Nothing waits for you.")]), *rest)


def clearable(facts: Facts, person: str, now: datetime) -> Iterator[Reason]:
    """What stops a release that this person can clear with a button, and that nobody was asked to sign."""
    if facts.get("phase") in ("closed", "cancelled"):
        return
    found = open_reasons(facts, now)
    for r in (*found, *quiet_concerns(facts, found)):
        if r.do and not r.later and r.is_for(person) and r.code.partition(".")[0] not in _APART:
            yield r


def _known(data: Data) -> dict[Any, Facts]:
    live = data.get("live")
    return {f.get("id"): f for f in (*([live] if live else []), *(data.get("flight") or ()))}


def _clearing(r: Reason, facts: Facts, person: str) -> Block:
    text = f"*{said(facts.get('tag'))}* · {r.title}\n{r.detail}"
    return b.section(text, f"wait.{facts.get('id')}.{r.code}", button_for(r, facts, person))


def wait_row(wait: Data, facts: Facts) -> Block:
    """One thing that waits for a person, with the button that does it."""
    tag = f"*{said(facts.get('tag'))}*"
    what = str(wait.get("what"))
    number = f"wait.{facts.get('id')}.{what}.{wait.get('item') or wait.get('role') or wait.get('event') or ''}"
    if what in _ROWS:
        text, button = _ROWS[what](wait, facts)
        return b.section(f"{tag} · {text}", number, button)
    event = str(wait.get("event") or "")
    button = press(facts, event) if event in BY_EVENT and BY_EVENT[event].word else show(facts, "status", "Open")
    return b.section(f"{tag} · free to {STEP.get(event, 'go on')}", number, button)


Row = tuple[str, Block]


def _approve(wait: Data, facts: Facts) -> Row:
    seats = facts.get("approvals") or ()
    open_ = sum(max(0, int(a.get("need", 1)) - len(a.get("given") or ())) for a in seats)
    last = ", last signature" if open_ == 1 else ""
    by = f"\nby {date_token(facts, facts['answer_by'])}" if instant(facts.get("answer_by")) else ""
    leaves = f"leaves {date_token(facts, facts['departs_at'])}" if facts.get("departs_at") else ""
    when = f"{by}, {leaves}" if by and leaves else by or (f"\n{leaves}" if leaves else "")
    look = b.button("Look and decide", "approve", ids.value(facts.get("id"), str(wait.get("role") or "")))
    return f"approve as {said(wait.get('title'))}{last}{when}", look


def _tick(wait: Data, facts: Facts) -> Row:
    item, title = str(wait.get("item")), plain(wait.get("title"))
    sign = b.button("Sign it off", "tick", to_sign(facts, item), about=f"Sign off {title}")
    return said(wait.get("title")), sign


def _decide(wait: Data, facts: Facts) -> Row:
    return f"the deployment stopped: {quoted(wait.get('reason'))}", show(facts, "status", "Decide…")


def _missed(wait: Data, facts: Facts) -> Row:
    return "the departure was missed", press(facts, "move")


def _retro(wait: Data, facts: Facts) -> Row:
    due = date_token(facts, wait.get("due"), "{date_short_pretty}")
    return f"the retrospective is open until {due}\nIt takes 3 minutes", show(facts, "retro", "Give feedback")


def _triage(wait: Data, facts: Facts) -> Row:
    number, kind = str(wait.get("item")), KINDS.get(str(wait.get("kind")), "something")
    by = mention(facts, str(wait.get("by") or ""))
    text = f"{by} reported {kind}: {quoted(wait.get('text'))}\nSay what it is"
    return text, press(facts, "triage", item=number, subject=number)


def _carry(wait: Data, facts: Facts) -> Row:
    number, by = str(wait.get("item")), mention(facts, str(wait.get("by") or ""))
    text = f"{by} proposes to carry a concern on: {quoted(wait.get('text'))}\nA second person has to say so too"
    return text, press(facts, "carry", item=number, subject=number, label="Carry it too…")


def _review(wait: Data, facts: Facts) -> Row:
    number = str(wait.get("item"))
    due = date_token(facts, wait.get("due"))
    text = f"a gate was passed by override: {quoted(wait.get('title'))}\nReview it by {due}"
    return text, press(facts, "review", item=number, subject=number)


def _override(wait: Data, facts: Facts) -> Row:
    number, by = str(wait.get("item")), mention(facts, str(wait.get("by") or ""))
    text = f"{by} wants to pass a gate: {quoted(wait.get('title'))}\nA second person has to confirm it"
    return text, press(facts, "override", item=number, subject=number, label="Confirm it")


_ROWS = {
    "approve": _approve,
    "tick": _tick,
    "decide": _decide,
    "missed": _missed,
    "triage": _triage,
    "retro": _retro,
    "carry": _carry,
    "override": _override,
    "review": _review,
}
