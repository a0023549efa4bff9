"""Steps of pipelines in a simulation: each does its work at once, unless it was told to fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.runner.families import Families
from bot.runner.job import Job
from core.domain.pipeline.model import BESIDE, USES, Seen

Faults = dict[str, str]
"""Why something fails: "production:1.3.0" for a whole deployment, "production:1.3.0:smoke" for one step of it."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """An executor of every kind of step."""

    faults: Faults = field(default_factory=dict)

    async def find(self, job: Job) -> str | None:
        return ""

    async def begin(self, job: Job) -> str:
        return ""

    async def look(self, job: Job, ref: str) -> Seen:
        whole = f"{job.environment}:{job.version}"
        asked = (f"{whole}:{job.step.name}", f"{whole}:{job.step.uses}", whole if job.step.uses == "smoke" else "")
        why = next((self.faults[key] for key in asked if job.kind == "deploy" and key in self.faults), "")
        return Seen("failed", reason=why) if why else Seen("done", found=_found(job))

    async def end(self, job: Job, ref: str) -> None:
        return None

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        return ()


def _found(job: Job) -> dict[str, object]:
    return {"point": f"{job.environment}-{job.run_id}"} if job.step.uses == "backup" else {}


def simulated(faults: Faults) -> Families:
    """One executor for all that a runner does."""
    one = Simulated(faults)
    return Families({uses: one for uses in USES if uses not in BESIDE})
