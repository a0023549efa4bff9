"""When a change of production has to wait: in a freeze or a pause, and when something has been reported."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from core.domain.flags.model import Setting
from core.domain.policy_model import Policy
from core.domain.policy_parts import Freeze
from core.domain.product import ProductRecord
from core.domain.release import Phase, Release, RunState
from core.errors import Blocker

GUARDED = "production"  # where a change is one of production, with all that follows


def frozen(policy: Policy, now: datetime) -> Freeze | None:
    """The freeze that covers this instant."""
    today = now.astimezone(ZoneInfo(policy.zone)).date()
    return next((f for f in policy.freezes if f.first <= today <= f.last), None)


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
    freeze = frozen(policy, now)
    if freeze is not None and not glass:
        found.append(Blocker("flag.freeze", {"name": freeze.name, "until": freeze.last.isoformat()}, later=True))
    return found


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
