"""The policy's table about break-glass: who may pass a gate, who reviews it, and what may never be passed."""

from __future__ import annotations

from pydantic import Field

from core.domain.policy_parts import Frozen, RoleName


class OverrideRules(Frozen):
    """Two people of `roles` pass one gate; one of `reviewers` looks at it within `hours`. No roles: no break-glass.

    `never` names gates by the code of their blocker, or whole families of them: `approval`, `signoff.staging.qa`.
    """

    roles: tuple[RoleName, ...] = ()
    reviewers: tuple[RoleName, ...] = ()
    hours: int = Field(default=24, ge=1, le=168)
    never: tuple[str, ...] = ()
