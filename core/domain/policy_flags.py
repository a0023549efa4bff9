"""The policy's table about feature flags: how long one lives, how a roll-out goes, and when an off is looked at."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from core.domain.policy_parts import Frozen

Share = Annotated[int, Field(ge=1, le=100)]


class FlagRules(Frozen):
    """`lifetime` counts releases with new features, the one that brought a flag included; patches and hotfixes do not
    age it. After `quiet_days` without a question a flag is unused, after `settled_days` of on for all it is settled.

    `steps` and `pause_hours` are what the form of a roll-out proposes. Somebody looks at an off that nobody agreed to
    within `review_hours`, and is asked again each time they have passed.
    """

    lifetime: int = Field(default=2, ge=1, le=20)
    quiet_days: int = Field(default=30, ge=1, le=365)
    settled_days: int = Field(default=14, ge=1, le=365)
    steps: tuple[Share, ...] = Field(default=(10, 25, 100), min_length=1, max_length=10)
    pause_hours: int = Field(default=24, ge=1, le=720)
    review_hours: int = Field(default=24, ge=1, le=168)

    @field_validator("steps")
    @classmethod
    def _rising(cls, steps: tuple[int, ...]) -> tuple[int, ...]:
        if list(steps) != sorted(set(steps)):
            raise ValueError("the steps of a roll-out rise")
        return steps
