"""The deployment and roll-back plan of a release: what is done, by whom, how long by experience, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.pipeline.model import BESIDE, Step
from core.domain.plans.steps import steps_of
from core.domain.policy_model import Policy

DECIDERS = ("release_manager", "devops")  # where the policy names nobody for a step


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` bring it there and `back` takes it back; both are empty where no pipeline does it. `went` are the
    seconds that earlier roll-backs took. `exposed`: seconds between the backup and the last proof, in which what is
    written would be lost by a restore; None where that is not known or there is no backup."""

    steps: tuple[Step, ...]
    back: tuple[Step, ...]
    went: tuple[int, ...] = ()
    exposed: int | None = None

    @property
    def seconds(self) -> int | None:
        return lasting(self.steps)

    @property
    def seconds_back(self) -> int | None:
        return lasting(self.back)


def plan_of(
    policy: Policy,
    environment: str,
    history: Mapping[str, Sequence[int]],
    went: Sequence[int],
    facts: Mapping[str, Any],
) -> Plan:
    """The plan by the policy that the release is judged by. `went` are durations of earlier roll-backs."""
    back = (facts.get("schema_back") or {}).get("verdict") in ("no", "unknown") and bool(facts.get("migrations"))
    steps = steps_of(policy, environment, history=history)
    return Plan(
        steps,
        steps_of(policy, environment, "roll back", database_back=back, history=history),
        tuple(went),
        _exposed(steps),
    )


def lasting(steps: Sequence[Step]) -> int | None:
    """The sum of what its steps usually take; None where one was never seen."""
    timed = [s.expected for s in steps if s.uses not in BESIDE]
    return sum(timed) if timed and all(timed) else None


def _exposed(steps: Sequence[Step]) -> int | None:
    place = next((n for n, s in enumerate(steps) if s.uses == "backup"), None)
    return None if place is None else lasting(steps[place + 1 :])


def deciders(step: Step) -> tuple[str, ...]:
    """The roles that decide when the step fails."""
    return step.decide or DECIDERS
