"""What a run does next: pure, from its steps, the attempts at them and what people said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.domain.pipeline.model import BESIDE, OVER, Attempt, Step, StepState

PROOFS = frozenset({"verify", "smoke", "watch"})  # what is proven anew when a flag was switched off
MOST_LOST = 5  # times that a repeatable step is begun anew because nobody could tell what became of it


@dataclass(frozen=True, slots=True)
class Start:
    """The step begins, as this attempt."""

    step: Step
    number: int


@dataclass(frozen=True, slots=True)
class Look:
    """The attempt is under way: look at its work."""

    step: Step
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing goes on by itself. `step` is where it stands, "" when all steps are over."""

    state: Literal["done", "failed", "unknown", "stopped"]
    step: str = ""
    reason: str = ""


Next = Start | Look | Ended


def following(
    steps: Sequence[Step],
    attempts: Sequence[Attempt],
    stop_asked: bool = False,
    again: Mapping[str, int] | None = None,
) -> Next:
    """The next thing to do. Steps go in their order, one at a time.

    A failed step is tried again while it may be repeated and has retries left; one of which nobody knows what became
    is begun again when it may be repeated. `stop_asked`: what runs ends, and nothing else begins. `again` has, for each
    step that a person let begin anew, the number of the last attempt that does not count any more.
    """
    for step in steps:
        if step.uses in BESIDE:
            continue
        mine = [a for a in attempts if a.step == step.name]
        last = max((a.number for a in mine), default=0)
        found = _of_step(step, [a for a in mine if a.number > (again or {}).get(step.name, 0)], last, stop_asked)
        if found is not None:
            return found
    return Ended("stopped", "", "stopped by a person") if stop_asked else Ended("done")


def _of_step(step: Step, counted: Sequence[Attempt], last: int, stop_asked: bool) -> Next | None:
    """What this step asks for; None when it is over."""
    if not counted:
        return Ended("stopped", step.name, "stopped by a person") if stop_asked else Start(step, last + 1)
    newest = max(counted, key=lambda a: a.number)
    if newest.state in OVER:
        return None
    if newest.state in (StepState.RUNNING, StepState.WAITING, StepState.PENDING):
        return Look(step, newest)
    if newest.state is StepState.STOPPED:
        return Ended("stopped", step.name, newest.reason or "stopped by a person")
    if not stop_asked and step.repeatable and _left(step, counted, newest.state):
        return Start(step, last + 1)
    return Ended("failed" if newest.state is StepState.FAILED else "unknown", step.name, newest.reason)


def _left(step: Step, counted: Sequence[Attempt], state: StepState) -> bool:
    """Whether there is a try left after an attempt that ended so."""
    tries = sum(a.state is state for a in counted)
    return tries <= (step.retries if state is StepState.FAILED else MOST_LOST)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person's word means for a run that waits: attempts that do not count any more, and a step that is said
    to have done its work."""

    again: Mapping[str, int] = field(default_factory=dict)
    worked: str = ""


def ruled(
    steps: Sequence[Step],
    attempts: Sequence[Attempt],
    word: Literal["retry", "worked", "verify"],
    again: Mapping[str, int] | None = None,
) -> Ruling:
    """What `retry`, `worked` or `verify` (a flag was switched off: what was proven is proven anew) leads to.

    All three also let a run go on that was stopped.
    """
    kept = dict(again or {})
    stands = following(steps, attempts, False, kept)
    at = stands.step if isinstance(stands, Ended) else ""
    if word == "worked":
        return Ruling(kept, at)
    proofs = {s.name for s in steps if word == "verify" and s.uses in PROOFS}
    for name in {at, *proofs} - {""}:
        kept[name] = max((a.number for a in attempts if a.step == name), default=0)
    return Ruling(kept)
