"""Runs as deployments of environments: looked for by our name in their payload, then made, then told how they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.integrations.github.wire import Wire
from core.domain.forge import Shown

STATES = {"running": "in_progress", "waiting": "in_progress", "done": "success", "failed": "failure"}
TASKS = {"deploy": "deploy", "roll back": "rollback"}
NAME = "release_bot_run"
LONGEST_SAID = 140  # of a status, in characters
AMONG = 200  # newest deployments of a commit in an environment


@dataclass(frozen=True, slots=True)
class Deployments:
    """The deployments of one repository. GitHub makes an environment when something is deployed to it."""

    wire: Wire
    repo: str

    async def show(self, run: Shown) -> str:
        """The deployment of a run with its state as the newest status; the same again changes nothing."""
        found = await self._of(run)
        id = str(found["id"]) if found is not None else str((await self._made(run))["id"])
        path = f"{self.repo}/deployments/{id}/statuses"
        wanted = {"state": STATES[run.state], "description": run.said[:LONGEST_SAID]}
        newest = await self.wire.all(path, most=1)
        same = newest and self.wire.made(lambda: {name: newest[0].get(name) for name in wanted}) == wanted
        if not same:
            await self.wire.send("POST", path, {**wanted, "environment": run.environment, "auto_inactive": True})
        return id

    async def _of(self, run: Shown) -> Mapping[str, Any] | None:
        query = {"sha": run.sha, "environment": run.environment}
        told = await self.wire.all(f"{self.repo}/deployments", query, most=AMONG)
        return self.wire.made(lambda: next((one for one in told if _name(one.get("payload")) == run.run), None))

    async def _made(self, run: Shown) -> Mapping[str, Any]:
        """Nothing is merged and no status is asked for: what may go out is decided by the release's gates."""
        wanted = {
            "ref": run.sha,
            "task": TASKS[run.kind],
            "auto_merge": False,
            "required_contexts": [],
            "payload": {NAME: run.run},
            "environment": run.environment,
            "production_environment": run.environment == "production",
            "description": run.said[:LONGEST_SAID],
        }
        made: Mapping[str, Any] = await self.wire.send("POST", f"{self.repo}/deployments", wanted)
        return made


def _name(payload: Any) -> str:
    """Our name in a payload, which comes back as it was sent or as a text."""
    try:
        read = json.loads(payload) if isinstance(payload, str) else payload
    except ValueError:
        return ""
    return str(read.get(NAME, "")) if isinstance(read, Mapping) else ""
