"""The table `[retention]` of the policy: how long the evidence of a release is kept, and where its documents lie."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from core.domain.policy_parts import Frozen

AUDITOR: Literal["auditor"] = "auditor"  # the role that only looks: it may be given packages, and changes nothing


class RetentionRules(Frozen):
    """Months are counted from the day on which a release was live, or ended without having been.

    On the first of each month what is older is deleted; release managers hear of it `tell_days` before.
    """

    packages_months: int = Field(default=24, ge=1, le=240)
    logs_months: int = Field(default=12, ge=1, le=240)
    tell_days: int = Field(default=7, ge=1, le=27)
    documents: Literal["store", "repository"] = "store"

    @model_validator(mode="after")
    def _logs_first(self) -> RetentionRules:
        if self.logs_months > self.packages_months:
            raise ValueError("logs_months: logs are part of the package and cannot be kept longer than it")
        return self
