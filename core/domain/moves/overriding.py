"""Break-glass: one asks, another confirms, everybody reads it, and a third person reviews it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.domain.effects import CLICK, Effect, post
from core.domain.gates.overriding import covers, failed_now, open_review, reviewers, seconds, waiting, wanted
from core.domain.moves.outcome import NOBODY, Outcome, thread
from core.domain.overrides import Override, Void, shipped, voided
from core.domain.release import BEFORE_DEPLOYMENT, Phase, Release
from core.domain.situation import Act, Situation

FORWARD = {(Phase.STABILIZATION, Phase.PREPARATION)}  # the same content goes on: what was passed stays passed


def override(s: Situation, act: Act) -> Outcome:
    """The first person asks for it and says why; with the second one it stands, loudly."""
    code = wanted(s, act)
    pending = waiting(s, code)
    return _asked(s, act, code) if pending is None else _confirmed(s, act, pending)


def _asked(s: Situation, act: Act, code: str) -> Outcome:
    number = max((o.id for o in s.release.overrides), default=0) + 1
    tag = s.candidate.tag if s.candidate else ""
    one = Override(number, code, title_of(s, code), act.reason, act.actor, s.now, s.release.digest, tag,
                   results=tuple(sorted(failed_now(s, code))))
    told = _told(one)
    asks = (post(f"dm:{p}", "override_asked", CLICK, **told) for p in seconds(s, act.actor))
    return Outcome(
        replace(s.release, overrides=(*s.release.overrides, one)),
        (thread("override_asked", act, **told), *asks),
        notes={"second": False, "override": number, "people": list(seconds(s, act.actor))},
        record={"override": number, "code": code, "candidate": tag, "content": one.digest},
    )


def _confirmed(s: Situation, act: Act, pending: Override) -> Outcome:
    due = s.now + timedelta(hours=s.policy.override.hours)
    one = replace(pending, second=act.actor, second_at=s.now, review_by=due)
    release = with_one(s.release, one)
    told = _told(one)
    return Outcome(
        release,
        (
            post("team", "overridden", CLICK, **told),
            thread("overridden", Act(act.actor, act.event), **told),
            *review_asks(replace(s, release=release), one),
        ),
        notes={"second": True, "reviewers": list(reviewers(s, one))},
        record={
            "override": one.id, "code": one.code, "people": [one.first, one.second], "why": one.reason,
            "candidate": one.candidate, "content": one.digest, "review_by": due.isoformat(),
        },
    )  # fmt: skip


def taken_back(s: Situation, act: Act, one: Override) -> Outcome:
    """Who asked for it takes it back before anybody has confirmed it."""
    return Outcome(
        replace(s.release, overrides=voided(s.release.overrides, "taken", s.now, (one.id,))),
        (thread("override_back", act, **_told(one)),),
        notes={"title": one.title, "code": one.code},
        record={"override": one.id, "code": one.code},
    )


def review(s: Situation, act: Act) -> Outcome:
    """A third person says whether it was right, and what follows from it."""
    one = open_review(s, act)
    assert one is not None  # the gate review_open has looked
    right = act.text("right") == "yes"
    done = replace(one, reviewed_by=act.actor, reviewed_at=s.now, right=right, follows=act.reason)
    told = _told(done) | {"right": right}
    tell = (post(f"dm:{p}", "reviewed", actor=act.actor, reason=act.reason, **told)
            for p in (one.first, one.second) if p != act.actor)  # fmt: skip
    return Outcome(
        with_one(s.release, done),
        (thread("reviewed", act, **told), *tell),
        record={"override": one.id, "code": one.code, "right": right},
    )


def title_of(s: Situation, code: str) -> str:
    """What the gate is called where people read it: the item's title, the role; else the code itself."""
    family, _, tail = code.partition(".")
    if family == "approval":
        return f"the approval of the {s.policy.title(tail)}"
    item = s.signoff(tail)
    return item.title if item else code


def _told(one: Override) -> dict[str, Any]:
    due = one.review_by.isoformat() if one.review_by else ""
    return {"override": one.id, "code": one.code, "title": one.title, "why": one.reason, "first": one.first,
            "second": one.second, "candidate": one.candidate, "due": due}  # fmt: skip


def review_asks(s: Situation, one: Override) -> tuple[Effect, ...]:
    """A message to each who may review it."""
    return tuple(post(f"dm:{p}", "review_asked", CLICK, **_told(one)) for p in reviewers(s, one))


def with_one(release: Release, one: Override) -> Release:
    return replace(release, overrides=tuple(one if o.id == one.id else o for o in release.overrides))


# --- by itself -------------------------------------------------------------------------------------------------------


def followed_up(s: Situation, release: Release) -> tuple[Release, tuple[Effect, ...]]:
    """Reviews that are due are asked for, and every day again until they are done."""
    effects: list[Effect] = []
    for one in release.overrides:
        at = one.next_ask
        if at is not None and at <= s.now:
            release = with_one(release, replace(one, asked_at=s.now))
            effects += [thread("review_due", NOBODY, **_told(one), reviewers=list(reviewers(s, one))),
                        *review_asks(s, one)]  # fmt: skip
    return release, tuple(effects)


def bound(s: Situation, before: Release, after: Release) -> tuple[Release, tuple[Effect, ...]]:
    """What an override is bound to has changed: it is void, and that is said; on its way to production it is used."""
    if not any(o.stands or o.waits for o in after.overrides):
        return after, ()
    if after.phase is Phase.DEPLOYMENT and before.phase is Phase.PREPARATION:
        return replace(after, overrides=shipped(after.overrides, s.now)), ()
    if after.phase not in (*BEFORE_DEPLOYMENT, Phase.CANCELLED):  # what it went out with is a fact
        return after, ()
    why = _why_void(before, after)
    now = replace(s, release=after)
    failed = () if why else tuple(o for o in after.overrides if (o.stands or o.waits) and not covers(now, o))
    ids = frozenset(o.id for o in failed or after.overrides)
    why = "failed" if failed else why
    if not why:
        return after, ()
    gone = [_told(o) for o in after.overrides if o.stands and o.id in ids]
    line = (thread("override_void", NOBODY, overrides=gone, why=why),) if gone else ()
    return replace(after, overrides=voided(after.overrides, why, s.now, ids)), line


def _why_void(before: Release, after: Release) -> Void:
    if len(before.candidates) != len(after.candidates):
        return "candidate"
    if before.digest != after.digest:
        return "content"
    if before.phase is not after.phase and (before.phase, after.phase) not in FORWARD:
        return "back" if after.is_open else "ended"
    if before.hold is None and after.hold is not None:
        return "hold"
    return "moved" if before.departs_at != after.departs_at else ""
