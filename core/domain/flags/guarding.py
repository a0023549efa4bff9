"""When a change of production has to wait: in a freeze or a pause, and when something has been reported."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.domain.flags.model import Setting
from core.domain.freezes import frozen_at
from core.domain.policy_model import Policy
from core.domain.product import ProductRecord
from core.domain.release import Phase, Release, RunState
from core.errors import Blocker

GUARDED = "production"  # where a change is one of production, with all that follows


def stops(
    policy: Policy, record: ProductRecord, now: datetime, environment: str, after: Setting, *, glass: bool = False
) -> list[Blocker]:
    """Why a setting may not be given to an environment now; off never waits, and other environments do not."""
    if environment != GUARDED or after.off:
        return []
    found = []
    if record.pause is not None:
        facts = {"by": record.pause.by, "reason": record.pause.reason}
        who = tuple(f"role:{role}" for role in policy.permissions["pause"])
        found.append(Blocker("flag.pause", facts, who, record.pause.since.isoformat()))
    frozen = () if glass else frozen_at(policy.freezes, policy.zone, now)
    return found + [Blocker("flag.freeze", {"name": one.name, "until": one.until}, later=True) for one in frozen]


def reported(releases: Iterable[Release]) -> str:
    """What was reported that keeps a roll-out from going on, as a code: "incident 1.3.0", "failed 1.3.0"; else ""."""
    for one in releases:
        if any(i.resolved_at is None for i in one.incidents):
            return f"incident {one.version}"
        run = one.run()
        waits = run is not None and run.state in (RunState.FAILED, RunState.WAITING)
        if one.phase is Phase.DEPLOYMENT and waits:
            return f"failed {one.version}"
    return ""
