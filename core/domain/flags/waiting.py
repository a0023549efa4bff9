"""What waits about a flag: for a second person, for its hour, or for somebody who looks at it afterwards."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from core.domain.flags.model import Setting
from core.domain.flags.telling import facts_of

MOST_STEPS, LONGEST_PAUSE = 10, 720  # of a roll-out; the pause in hours
MOST_NAMED = 200  # people of the product in a message
Answer = Literal["", "agreed", "refused", "stale", "taken"]
Going = Literal["running", "stays", "stopped", "done"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of production that a second person has not agreed to yet.

    `version` is that of the setting that was seen: agreed to after another change it would be something else. With
    `steps` it is a whole roll-out, `pause` hours between two of them. `glass`: it passes a freeze, by break-glass.
    """

    id: str
    key: str
    name: str
    environment: str
    before: Setting
    after: Setting
    version: int
    by: str
    at: datetime
    reason: str = ""
    steps: tuple[int, ...] = ()
    pause: int = 0
    glass: bool = False
    people: tuple[str, ...] = ()  # who was asked
    answer: Answer = ""
    second: str = ""
    said_at: datetime | None = None
    words: str = ""

    @property
    def digest(self) -> str:
        """Of all that somebody agrees to."""
        settings = [_plain(self.before), _plain(self.after)]
        what = [self.key, self.environment, self.version, *settings, self.steps, self.pause, self.glass, self.reason]
        return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _plain(setting: Setting) -> str:
    return repr(setting)  # frozen data without sets: the same text for the same setting


@dataclass(frozen=True, slots=True)
class Step:
    """`share` percent from `at` on."""

    share: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Rollout:
    """A share that rises by itself. `steps` are all of it, of which `taken` are done; two people agreed to them."""

    id: str
    key: str
    name: str
    environment: str
    steps: tuple[Step, ...]
    taken: int
    by: str
    second: str
    state: Going = "running"
    why: str = ""
    ended_by: str = ""

    @property
    def next(self) -> Step | None:
        return self.steps[self.taken] if self.state == "running" and self.taken < len(self.steps) else None

    def gone_on(self, now: datetime) -> Rollout:
        """The same with its next step taken; one that came late moves those behind it, so that each pause is kept."""
        following = self.next
        if following is None:
            return self
        late = max(timedelta(), now - following.at)
        done, rest = self.steps[: self.taken], self.steps[self.taken :]
        moved = tuple(replace(step, at=step.at + late) for step in rest)
        state: Going = "running" if len(rest) > 1 else "done"
        return replace(self, steps=(*done, *moved), taken=self.taken + 1, state=state)

    @property
    def left(self) -> tuple[int, ...]:
        """The shares that were not reached."""
        return tuple(step.share for step in self.steps[self.taken :])


@dataclass(frozen=True, slots=True)
class Review:
    """A change of production by one person alone, or in a freeze, at which somebody else looks afterwards."""

    id: str
    key: str
    name: str
    environment: str
    before: Setting
    after: Setting
    by: str
    at: datetime
    reason: str = ""
    second: str = ""  # who broke the glass with them
    asked_at: datetime | None = None  # for the last time, when more than once
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    right: bool | None = None
    follows: str = ""


def planned(steps: tuple[int, ...], pause: int, now: datetime) -> tuple[Step, ...]:
    """The first share now, each next one after a pause."""
    return tuple(Step(share, now + timedelta(hours=pause * number)) for number, share in enumerate(steps))


def faults_of_plan(steps: tuple[int, ...], pause: int, before: Setting) -> list[str]:
    """What is wrong with the plan of a roll-out, in words."""
    found = []
    if not steps or len(steps) > MOST_STEPS or any(not 1 <= s <= 100 for s in steps):
        found.append(f"a roll-out has 1 to {MOST_STEPS} steps of 1 to 100 percent")
    elif list(steps) != sorted(set(steps)):
        found.append("the steps of a roll-out rise")
    elif before.on:
        found.append("it is on for everybody already")
    elif steps[0] <= before.percentage:
        found.append(f"it is at {before.percentage} % already; the first step is more than that")
    if not 1 <= pause <= LONGEST_PAUSE:
        found.append(f"the pause between two steps is 1 to {LONGEST_PAUSE} hours")
    return found


def _without(some: tuple[str, ...], others: tuple[str, ...]) -> list[str]:
    known = frozenset(others)
    found = [person for person in some if person not in known]
    more = len(found) - MOST_NAMED
    return [*found[:MOST_NAMED], f"and {more:,} more"] if more > 0 else found


def told_of(one: Proposal) -> dict[str, Any]:
    """A proposal as messages carry it: with everybody who is in, or no more in, by name."""
    before, after = one.before.user_ids, one.after.user_ids
    return {
        "joins": _without(after, before), "leaves": _without(before, after),
        "id": one.id, "digest": one.digest, "flag": one.name, "environment": one.environment,
        "was": facts_of(one.before), "becomes": facts_of(one.after), "actor": one.by, "reason": one.reason,
        "steps": list(one.steps), "pause": one.pause, "glass": one.glass, "second": one.second,
        "answer": one.answer, "words": one.words,
    }  # fmt: skip
