"""The host that runs the product, simulated until deployment is built; it can be told to fail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HostOutcome:
    """What came of a deployment."""

    ok: bool
    reason: str = ""


@dataclass(slots=True)
class Host:
    """One host for all environments. `faults` maps "environment:version" to the reason why that deployment fails."""

    seconds: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)

    async def deploy(self, environment: str, version: str, sha: str) -> HostOutcome:
        """Deploy a version; the same again is harmless."""
        await asyncio.sleep(self.seconds)
        fault = self.faults.get(f"{environment}:{version}")
        if fault is not None:
            return HostOutcome(False, fault)
        self.runs[environment] = sha
        return HostOutcome(True)
