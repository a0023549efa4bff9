"""Whether the version before runs on what this release left in production's database, as far as machines can tell."""

from __future__ import annotations

from typing import Literal

from core.domain.notes.schema import can_go_down, compatible_back, migrations_of
from core.domain.pipeline.model import StepState
from core.domain.plans.steps import steps_of
from core.domain.release import Release, Run
from core.domain.situation import Situation

TOUCHED = frozenset({StepState.RUNNING, StepState.DONE, StepState.FAILED, StepState.UNKNOWN})
Verdict = Literal["yes", "no", "unknown"]


def deployment_of(s: Situation) -> Run | None:
    """The newest deployment of this release to production."""
    return next((r for r in reversed(s.release.runs) if r.environment == "production" and r.kind == "deploy"), None)


def repaired(s: Situation) -> tuple[Release, ...]:
    """The releases that this one repairs and that never became the version before, the newest first: what they have
    migrated is in the database too."""
    live = s.production.version == s.release.version
    target = s.production.previous if live else s.production.version
    found: list[Release] = []
    behind = s.release.fixes
    while (one := next((o for o in s.others if o.id == behind), None)) is not None and one not in found:
        behind = one.fixes
        found += [one] if one.version != target else []
    return tuple(found)


def point_before(s: Situation) -> str:
    """The restore point of before everything that a roll-back takes back, where another release made it; else ""."""
    runs = (r for o in repaired(s)[-1:] for r in o.runs if r.kind == "deploy" and r.environment == "production")
    found = (str(x.found["point"]) for r in runs for x in r.steps if x.uses == "backup" and x.found.get("point"))
    return next(found, "")


def before_fits(s: Situation) -> tuple[Verdict, Literal["untouched", "structure", "files"]]:
    """Whether the version before runs on the database as it is now, and what tells so.

    The structure that the migrations left is compared where they told; else their files are read. A migration of which
    nobody knows what it did makes it unknown, unless its files only add.
    """
    run = deployment_of(s)
    steps = [x for r in (run, *(o.run() for o in repaired(s))) if r and r.kind == "deploy" for x in r.steps
             if x.uses == "migrate"]  # fmt: skip
    done = [x for x in steps if x.state in TOUCHED]
    if steps and all(x.found.get("applied") is False for x in done):  # also when none has begun
        return "yes", "untouched"
    told = [x.found["compatible"] for x in done if "compatible" in x.found]
    if told:
        return ("no" if False in told else "yes"), "structure"
    if s.draft is None:
        return "unknown", "files"
    return compatible_back(migrations_of(s.draft.findings)).verdict, "files"


def goes_down(s: Situation) -> bool:
    """Whether a roll-back takes the database down to the schema of the version before, where later rows stay: each
    migration of this release has a way down, and the pipeline takes it."""
    if s.draft is None or can_go_down(migrations_of(s.draft.findings)) is not True:
        return False
    return any(x.uses == "migrate_back" for x in steps_of(s.policy, "production", "roll back", database_back=True))
