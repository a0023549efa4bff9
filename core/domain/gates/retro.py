"""Gates of the retrospective: when one is opened, what can be said and moved, what is decided about action items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.gates.people import REASON, iso
from core.domain.rehearsals import channel_of
from core.domain.retro import actions
from core.domain.retro.writing import in_a_field, item_of, points
from core.domain.retrospective import QUESTIONS, ActionItem
from core.domain.situation import Act, Situation
from core.domain.slack_ids import is_person
from core.errors import Blocker

MOST_LINES = 300
MOST_OPEN = 60  # action items that are open at once
LONGEST_ACTION = 300
LATEST = timedelta(days=60)  # that a meeting can be put off


def retro_wanted(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when it is live or taken back and nobody has looked back at that yet; nobody does at a rehearsal."""
    r, (name, item) = s.release.retro, item_of(s)
    new = not (item and s.by_hand(item) and s.signoff_done(name, item)) if r is None else (
        r.held and r.of != s.release.outcome.value
    )  # fmt: skip
    if channel_of(s.release.product) or not new:
        yield Blocker("nothing_new", {}, later=True)


def retro_there(s: Situation, act: Act) -> Iterator[Blocker]:
    """The release has a retrospective."""
    if s.release.retro is None:
        yield Blocker("retro.none", {}, later=s.release.is_open)


def retro_open(s: Situation, act: Act) -> Iterator[Blocker]:
    """Its summary is not posted yet."""
    yield from retro_there(s, act)
    found = s.release.retro.summary if s.release.retro else None
    if found is not None:
        yield Blocker("retro.held", {"by": found.by}, (), iso(found.at))


def retro_given(s: Situation, act: Act) -> Iterator[Blocker]:
    """One of the four questions is answered, in lines of at most 1,000 characters."""
    given = {q: points(act.text(q)) for q in QUESTIONS if q in act.input}
    own = s.release.retro.own(act.actor) if s.release.retro else ()
    if not any(given.values()) and not act.text("action") and not (given and own):
        yield Blocker("retro.nothing", {}, (act.actor,))
    for question, said in given.items():
        if any(len(text) > REASON[1] for text in said):
            yield Blocker("retro.long", {"most": REASON[1], "question": question}, (act.actor,))
    replaced = sum(len(in_a_field(x for x in own if x.question == question)) for question in given)
    kept = len(s.release.retro.lines) - replaced if s.release.retro else 0
    if kept + sum(map(len, given.values())) > MOST_LINES:
        yield Blocker("retro.full", {"most": MOST_LINES}, s.holders(*s.policy.permissions["retro"]))
    if act.text("action"):
        yield from action_given(s, act)


def retro_question(s: Situation, act: Act) -> Iterator[Blocker]:
    """It is said to which of the questions a line belongs, and there is room for it."""
    if act.text("question") not in QUESTIONS:
        yield Blocker("retro.question", {"one_of": list(QUESTIONS)}, (act.actor,))
    if s.release.retro and len(s.release.retro.lines) >= MOST_LINES:
        yield Blocker("retro.full", {"most": MOST_LINES}, s.holders(*s.policy.permissions["retro"]))


def retro_time(s: Situation, act: Act) -> Iterator[Blocker]:
    """The meeting gets a time ahead, within 60 days."""
    when = instant(act.text("to"))
    if when is None or not s.now < when <= s.now + LATEST:
        yield Blocker("retro.when", {"days": LATEST.days}, (act.actor,))


def retro_said(s: Situation, act: Act) -> Iterator[Blocker]:
    """Somebody has said something: an empty retrospective was not held."""
    r = s.release.retro
    if r is not None and not r.lines and not actions.made_by(s.product, s.release):
        yield Blocker("retro.empty", {"count": len(r.invited)}, r.invited[:5])


def action_given(s: Situation, act: Act) -> Iterator[Blocker]:
    """An action item has its text, an owner and a day that is not over."""
    text = act.text("action")
    if not REASON[0] <= len(text) <= LONGEST_ACTION:
        facts = {"least": REASON[0], "most": LONGEST_ACTION, "given": len(text)}
        yield Blocker("action.text", facts, (act.actor,))
    if act.text("owner") and not is_person(act.text("owner")):
        yield Blocker("action.owner", {}, (act.actor,))
    due, today = day(act.text("due")), s.now.astimezone(ZoneInfo(s.policy.zone)).date()
    if act.text("due") and (due is None or not today <= due <= today + timedelta(days=730)):
        yield Blocker("action.due", {}, (act.actor,))
    if sum(a.is_open for a in s.product.actions) >= MOST_OPEN:
        yield Blocker("action.full", {"most": MOST_OPEN}, s.holders(*s.policy.permissions["retro"]))


def action_known(s: Situation, act: Act) -> Iterator[Blocker]:
    """The item is open and belongs to this release, and its owner decides about it, or who leads retrospectives."""
    theirs = _of(s)
    if not any(a.is_open for a in theirs) and not act.input.get("action"):
        yield Blocker("action.none", {})
        return
    found = action_meant(s, act)
    if found is None:
        wanted = act.input.get("action")
        code = "action.gone" if wanted else "action.which"
        open_ = sorted((a for a in theirs if a.is_open), key=lambda a: a.id)
        yield Blocker(code, {"id": wanted, "one_of": [f"{a.id}: {a.text}" for a in open_]}, (act.actor,))
    elif not found.is_open:
        yield Blocker("action.decided", {"by": found.ended_by, "state": found.state}, (), iso(found.ended_at))
    elif act.actor not in (people := deciders(s, found)):
        yield Blocker("permission", {"event": act.event}, people)


def action_here(s: Situation, act: Act) -> Iterator[Blocker]:
    """It stands on the checklist of this release, so that it can go on to the one after, and nobody has said so yet."""
    found = action_meant(s, act)
    if found is not None and found.is_open and found.on != s.release.id:
        yield Blocker("action.elsewhere", {"version": found.on_version, "text": found.text})
    elif found is not None and found.kept:
        yield Blocker("action.kept", {"by": found.kept_by})


def actions_arriving(s: Situation, act: Act) -> Iterator[Blocker]:
    """Fires when action items of earlier retrospectives are open and this one is the next release."""
    if not actions.coming(s):
        yield Blocker("nothing_new", {}, later=True)


def actions_decided(s: Situation, act: Act) -> Iterator[Blocker]:
    """Each action item on its checklist is done, kept for the next release or dropped with a reason.

    The policy (`[retrospective] decide_actions`) can let it close without.
    """
    for a in actions.undecided(s.product, s.release) if s.policy.retrospective.decide_actions else ():
        facts: dict[str, object] = {"id": a.id, "text": a.text, "owner": a.owner, "times": len(a.came)}
        yield Blocker("action", facts | {"from": a.from_release}, deciders(s, a), "")


def action_meant(s: Situation, act: Act) -> ActionItem | None:
    """The item that an act names by its number, else the only open one of the release."""
    wanted, theirs = act.input.get("action"), _of(s)
    if wanted:
        return next((a for a in theirs if a.id == wanted), None)
    open_ = [a for a in theirs if a.is_open]
    return open_[0] if len(open_) == 1 else None


def deciders(s: Situation, a: ActionItem) -> tuple[str, ...]:
    """Its owner, and who leads retrospectives."""
    return tuple(dict.fromkeys((a.owner, *s.holders(*s.policy.permissions["retro"]))))


def _of(s: Situation) -> tuple[ActionItem, ...]:
    """The items that are decided with this release: those on its checklist, and its own that stand on none yet."""
    own = (a for a in actions.made_by(s.product, s.release) if not a.on)
    return (*actions.standing(s.product, s.release), *own)


def instant(text: str) -> datetime | None:
    """An aware instant out of ISO text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def day(text: str) -> date | None:
    """A local date out of ISO text, of an instant too."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
