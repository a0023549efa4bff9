"""A simulated host for rehearsals and for environments without a pipeline; it can be told to fail."""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.domain.parts import STEPS
from core.domain.rehearsals import REHEARSALS


@dataclass(frozen=True, slots=True)
class HostOutcome:
    """What came of a deployment; `steps` are those that did their work, in their order."""

    ok: bool
    reason: str = ""
    steps: tuple[str, ...] = ()


@dataclass(slots=True)
class Host:
    """One host for all environments; what it runs stands in `state`, so that it is known after a restart.

    `faults` maps "environment:version" to the reason why that deployment fails.
    """

    state: Path
    seconds: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)

    async def deploy(
        self, environment: str, version: str, sha: str, builds: Iterable[Mapping[str, str]] = ()
    ) -> HostOutcome:
        """Deploy a version, as these builds (name, digest, address) where it has some; the same again is harmless."""
        await asyncio.sleep(self.seconds)
        fault = self.faults.get(f"{environment}:{version}")
        brought = {build["name"]: build["digest"] for build in builds}
        now = {"version": version, "sha": sha, "healthy": fault is None, "builds": brought}
        await asyncio.to_thread(self._set, environment, now)
        done = STEPS if fault is None else STEPS[:-1]  # what it simulates to fail are the smoke tests
        return HostOutcome(fault is None, fault or "", done)

    def apart(self, name: str) -> Host:
        """A simulated host of a rehearsal, which has nothing to do with what really runs."""
        return Host(self.state.parent / REHEARSALS / name / self.state.name)

    def runs(self) -> dict[str, dict[str, object]]:
        """Environment -> what it runs."""
        try:
            found: dict[str, dict[str, object]] = json.loads(self.state.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def _set(self, environment: str, now: Mapping[str, object]) -> None:
        """One environment runs something else; several processes write, so each waits for its turn."""
        with self.state.with_suffix(".lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            unfinished = self.state.with_suffix(".part")
            unfinished.write_text(json.dumps({**self.runs(), environment: now}, indent=1), encoding="utf-8")
            unfinished.replace(self.state)
