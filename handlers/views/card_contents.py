"""What card and approval say about contents: notes, scope, milestone, checks, and what is worth knowing of them."""

from __future__ import annotations

from handlers.views import links
from handlers.views.embargo import held_back, hidden_line
from handlers.views.marks import BLOCKED, DONE, LOOK, NOT_YET, WAITS
from handlers.views.strays import open_strays
from handlers.views.writing import Facts, counted, mention, said


def notes_of(facts: Facts) -> str:
    """`⚠️ 12 lines, 2 unclassified` (a change may have several or none); before they were drafted the texts alone."""
    state = facts.get("notes")
    if not state:
        return _texts(facts)
    unclassified = len(state.get("unclassified") or ())
    count = sum((state.get("counts") or {}).values()) + unclassified
    items = links.site(facts, facts.get("page"), counted(count, "line"))
    gaps = len([g for g in state.get("gaps") or () if g.get("blocking") and g.get("code") != "unclassified"])
    if unclassified:
        return f"{LOOK} {items}, {unclassified} unclassified"
    if gaps:
        return f"{LOOK} {items}, {counted(gaps, 'gap')}"
    c = facts.get("candidate")
    if c and state.get("in_candidate") is False and _has_to_be_inside(facts):
        return f"{LOOK} {items}, not in rc.{c['number']} as they stand"
    texts = facts.get("texts") or {}
    by = f", texts mended by {mention(facts, texts.get('edited_by', ''))}" if texts.get("edited_at") else ""
    return f"{DONE} {items}{by}"


def _has_to_be_inside(facts: Facts) -> bool:
    """Whether a rule says that the notes have to stand in the candidate."""
    return any(b.get("code") == "notes.changed" for b in facts.get("blockers") or ())


def _texts(facts: Facts) -> str:
    texts = facts.get("texts") or {}
    if texts.get("edited_at"):
        return f"{DONE} mended by {mention(facts, texts.get('edited_by', ''))}"
    return f"{LOOK} drafted from the scope" if (facts.get("scope") or {}).get("read_at") else ""


def scope_of(facts: Facts) -> str:
    """`14 changes by 6 people`, how many are hidden until released, and how many of what was named are not merged."""
    scope = facts.get("scope") or {}
    if not scope.get("read_at"):
        return f"{NOT_YET} being read"
    text = counted(scope.get("count") or 0, "change")
    text = f"{text} by {counted(len(scope['authors']), 'person', 'people')}" if scope.get("authors") else text
    text = " · ".join(filter(None, (text, hidden_line(held_back(facts)))))
    named = [i for i in facts.get("scope_items") or () if i.get("state") != "moved"]
    open_ = [i for i in named if i.get("state") == "in"]
    return f"{text} · {WAITS} {len(open_)} of {len(named)} named not merged" if open_ else text


def milestone_of(facts: Facts) -> str:
    """`9 of 11 closed`, linked."""
    m = facts.get("milestone")
    if not m:
        return ""
    closed, whole = int(m.get("closed") or 0), int(m.get("open") or 0) + int(m.get("closed") or 0)
    return links.site(facts, m.get("url"), f"{closed} of {whole} closed")


def checks_of(facts: Facts) -> str:
    """What the checks of the host say about the candidate's commit; "" where there are none."""
    checks, c = facts.get("checks"), facts.get("candidate")
    if not checks or not c or checks.get("sha") != c.get("sha"):
        return ""
    failed = checks.get("failed") or ()
    passed, running = (int(checks.get(k) or 0) for k in ("passed", "running"))
    if failed:
        first = links.site(facts, failed[0].get("url"), said(failed[0].get("name"), 40))
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        return f"{BLOCKED} {first}{more} failed"
    if running:
        return f"{WAITS} {counted(running, 'check')} running"
    return f"{DONE} {counted(passed, 'check')} passed" if passed else ""


def quiet_strays(facts: Facts, shown: set[str]) -> list[str]:
    """What was moved by hand and does not stop the next step yet: it stands on the card all the same."""
    if facts.get("phase") in ("closed", "cancelled") or "stray" in shown:
        return []
    return [f"{LOOK} `{said(x.get('ref'))}` was moved by hand: {said(x.get('what'))}" for x in open_strays(facts)[:2]]
