"""The living card: one layout of six blocks for every phase; only the content changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.card_doing import doing
from handlers.views.card_lines import deciders_of, facts_of, next_of, waits_of
from handlers.views.card_state import open_reasons, state_of
from handlers.views.daily import quiet_line
from handlers.views.lanes import dates
from handlers.views.marks import NOW, PAST, ROLLED_BACK, TO_COME
from handlers.views.overrides import in_a_sentence
from handlers.views.reasons import Reason
from handlers.views.writing import Facts, in_words, listed, name, plain

PHASE_NAMES = {
    "planning": "Planning",
    "development": "Development",
    "stabilization": "Stabilization",
    "preparation": "Preparation",
    "deployment": "Deployment",
    "post-release": "Post-release",
    "closed": "Closed",
    "cancelled": "Cancelled",
}
AFTERWARDS = ("post-release", "retrospective")
UNBROKEN = "\u2011"  # a hyphen at which no line ends
_OFF_ITS_WAY = {
    "cancelled": "cancelled",
    "rolled back": "rolled back",
    "rolling back": "rolling back",
    "decision": "waits for a decision",
}


def card(facts: Facts, now: datetime) -> Message:
    """The card of a release, the same for every reader."""
    state, found = state_of(facts), open_reasons(facts, now)
    return b.message(
        sentence(facts, found) + in_a_sentence(facts),
        b.header(headline(facts), "title"),
        b.context(phase_line(facts), block_id="phases"),
        b.section("\n".join(waits_of(facts, state, found)), "waits"),
        b.fields(facts_of(facts, state), "facts"),
        b.context(
            next_of(facts, state, now), _dates(facts, state), _quiet(facts, state), quiet_line(facts), block_id="next"
        ),
        doing(facts, state, now, found),
    )


def _quiet(facts: Facts, state: str) -> str:
    """Says that the channel hears no more of it, when it has had its posts."""
    posts, most = int(facts.get("posts") or 0), int(facts.get("most_posts") or 0)
    if not most or posts < most or state in ("closed", "cancelled"):
        return ""
    return f"The channel has had its {most} posts about it: more is told in the thread."


def _dates(facts: Facts, state: str) -> str:
    """The days of its phases in the policy's zone; when it is live, of what follows."""
    if state in ("closed", "cancelled", "rolled back"):
        return ""
    legs = [x for x in facts.get("course") or () if not facts.get("live_at") or x["what"] in AFTERWARDS]
    return f"*Dates:* {dates(legs, facts)}" if legs else ""


def headline(facts: Facts) -> str:
    """`v1.3.0 · minor release`, with a mark word when it is not on its way."""
    state = state_of(facts)
    off = _OFF_ITS_WAY.get(state)
    if facts.get("hold"):
        off = "on hold"
    kind = facts.get("type", "")
    return " · ".join(filter(None, (plain(facts.get("tag", "")), kind if kind == "hotfix" else f"{kind} release", off)))


def phase_line(facts: Facts) -> str:
    """✓ done, ● now, ○ to come; a no-break space binds each sign to its phase."""
    phase, phases = str(facts.get("phase")), [str(p) for p in facts.get("phases") or ()]
    if phase == "cancelled":
        return f"*{NOW}\u00a0Cancelled*"
    at = phases.index(phase) if phase in phases else len(phases)
    parts = []
    for number, one in enumerate(phases):
        title = PHASE_NAMES.get(one, one)
        sign = PAST if number < at else NOW if number == at else TO_COME
        if one == "deployment" and facts.get("outcome") == "rolled back":
            sign = ROLLED_BACK
        text = f"{sign}\u00a0{title.replace('-', UNBROKEN)}"
        parts.append(f"*{text}*" if number == at else text)
    return "   ".join(parts)


def sentence(facts: Facts, found: Sequence[Reason]) -> str:
    """The whole card in two or three plain sentences, for notifications and screen readers."""
    state = state_of(facts)
    tag, kind = plain(facts.get("tag", "")), facts.get("type", "")
    first = f"{tag} ({kind}) is in {facts.get('phase')}."
    if state == "closed":
        return f"{tag} ({kind}) is closed. It was live on {in_words(facts, facts.get('live_at'))}."
    if state == "cancelled":
        return f"{tag} ({kind}) was cancelled by {name(facts, facts.get('closed_by', ''))}."
    if state == "rolled back":
        back = (facts.get("environments", {}).get("production") or {}).get("version", "")
        return f"{tag} ({kind}) was rolled back to v{back}. " + _moves(facts, found)
    if state == "decision":
        people = listed([name(facts, p) for p in deciders_of(facts)], "or", 3)
        return f"{tag} stands still in deployment. It waits for {people or 'somebody'} to decide."
    if state == "running":
        return f"{tag} is going to production now."
    if state == "hold":
        return f"{tag} ({kind}) is on hold by {name(facts, facts['hold']['by'])}."
    leaves = (
        f" It leaves on {in_words(facts, facts['departs_at'])}."
        if facts.get("departs_at") and not facts.get("live_at")
        else ""
    )
    return f"{first} {_moves(facts, found)}{leaves}"


def _moves(facts: Facts, found: Sequence[Reason]) -> str:
    people: list[str] = []
    for reason in found:
        people += [name(facts, p) for p in reason.people if not reason.later]
    if not people:
        return "Nothing waits for a person now."
    return f"It waits for {listed(list(dict.fromkeys(people)), 'and', 3)}."
