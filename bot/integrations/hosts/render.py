"""Render: a target is the id of a service, `srv-...`. The port ServiceHost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import aiohttp

from bot.integrations.bounded import plain
from bot.integrations.hosts.calling import SKEW, Address, Line, Query, chosen, instant, part
from core.domain.pipeline.hosted import Deployed, HostState

API = "https://api.render.com/v1/"
PAGE = 20
OLDEST = 100  # deploys among which the one to go back to is looked for
STATES: Mapping[str, HostState] = {
    "created": "queued",
    "queued": "queued",
    "build_in_progress": "building",
    "pre_deploy_in_progress": "building",
    "update_in_progress": "building",
    "live": "live",
    "deactivated": "replaced",
    "build_failed": "failed",
    "update_failed": "failed",
    "pre_deploy_failed": "failed",
    "canceled": "cancelled",
}
UNDER_WAY = frozenset({"queued", "building", "live"})


class Render:
    """Services on Render. It has no key that makes a request once, so after doubt a deploy is found by its commit."""

    name = "render"
    phased = False

    def __init__(self, address: Address, session: aiohttp.ClientSession) -> None:
        self._line = Line(address, session, lambda told: str(told.get("message", "")))

    async def deploy(self, target: str, commit: str, *, key: str, digest: str = "") -> Deployed:
        """Render builds the commit itself; services that run an image have no commit, and Render refuses them here."""
        told = await self._line.send("POST", f"{_service(target)}/deploys", {"commitId": commit})
        if told is not None:
            return self._line.made(lambda: _deployed(told))
        queued = await self._under_way(target, commit)  # Render queued it behind another one and says no more
        if queued is None:
            raise self._line.error("down", "it took the deploy and shows none yet", retryable=True, doubt=True)
        return queued

    async def find(self, target: str, commit: str, *, key: str, since: datetime) -> Deployed | None:
        after = since - SKEW
        query: Query = {"createdAfter": after.isoformat().replace("+00:00", "Z"), "limit": PAGE}
        return chosen(await self._deploys(target, query), commit, key, after)

    async def look(self, target: str, id: str) -> Deployed:
        told = await self._line.get(f"{_service(target)}/deploys/{part(id)}")
        return self._line.made(lambda: _deployed(told))

    async def live(self, target: str) -> Deployed | None:
        found = await self._deploys(target, {"status": "live", "limit": 1})
        return found[0] if found else None

    async def roll_back(self, target: str, commit: str, *, key: str) -> Deployed:
        """Render makes a new deploy out of the old one's build; where that is gone the commit is built again."""
        under_way = await self._under_way(target, commit)
        if under_way is not None:
            return under_way
        lived = await self._deploys(target, {"status": "deactivated", "limit": OLDEST})
        before = next((one for one in lived if one.commit == commit), None)
        if before is None:
            return await self.deploy(target, commit, key=key)
        told = await self._line.send("POST", f"{_service(target)}/rollback", {"deployId": before.id})
        return self._line.made(lambda: _deployed(told))

    async def give(self, target: str, id: str, share: int) -> Deployed:
        if share != 100:
            raise self._line.error("refused", "it gives a deploy all of the traffic or none")
        return await self.look(target, id)

    async def cancel(self, target: str, id: str) -> Deployed:
        told = await self._line.send("POST", f"{_service(target)}/deploys/{part(id)}/cancel")
        return await self.look(target, id) if told is None else self._line.made(lambda: _deployed(told))

    async def tail(self, target: str, id: str, lines: int = 30) -> Sequence[str]:
        """Render keeps one log for each service, so it is cut to the time of the deploy."""
        service, deploy = await self._line.get(_service(target)), await self.look(target, id)
        query: dict[str, str | int] = {"resource": target, "limit": min(lines, OLDEST), "direction": "backward"}
        query["ownerId"] = self._line.made(lambda: str(service["ownerId"]))
        if deploy.created_at is not None:
            query["startTime"] = deploy.created_at.isoformat()
        if deploy.live_at is not None:
            query["endTime"] = (deploy.live_at + SKEW).isoformat()
        told = await self._line.get("logs", query)
        return self._line.made(lambda: [plain(one["message"]) for one in reversed(told["logs"])])

    async def deploys_by_itself(self, target: str) -> bool | None:
        told = await self._line.get(_service(target))
        trigger = self._line.made(lambda: told.get("autoDeployTrigger") or told.get("autoDeploy"))
        return None if trigger is None else trigger not in ("off", "no")

    async def _under_way(self, target: str, commit: str) -> Deployed | None:
        """The newest deploy of the service if it is of this commit and serves or will serve."""
        newest = [one for one in await self._deploys(target, {"limit": PAGE}) if one.state in UNDER_WAY]
        return newest[0] if newest and newest[0].commit == commit else None

    async def _deploys(self, target: str, query: Query) -> list[Deployed]:
        told = await self._line.get(f"{_service(target)}/deploys", query)
        return self._line.made(lambda: [_deployed(one["deploy"]) for one in told])


def _service(target: str) -> str:
    return f"services/{part(target)}"


def _deployed(told: Any) -> Deployed:
    status = str(told["status"])
    state = STATES.get(status, "unknown")
    return Deployed(
        id=str(told["id"]),
        state=state,
        commit=str((told.get("commit") or {}).get("id", "")),
        detail=plain(status, 60),
        created_at=instant(told.get("createdAt")),
        live_at=instant(told.get("finishedAt")) if state in ("live", "replaced") else None,
        share=100 if state == "live" else 0,
    )
