"""Any other host behind a small protocol of our own, told in docs/hosts.md. The port ServiceHost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

import aiohttp

from bot.integrations.bounded import plain
from bot.integrations.hosts.calling import SKEW, Address, Line, chosen, instant, part
from core.domain.pipeline.hosted import Deployed, HostState
from core.errors import IntegrationError

MOST_LINES = 1000
STATES: tuple[HostState, ...] = get_args(HostState)


class HookHost:
    """Whatever answers the protocol. Every change carries our key, so asked twice it is done once."""

    name = "hook"
    phased = True

    def __init__(self, address: Address, session: aiohttp.ClientSession) -> None:
        self._line = Line(address, session, lambda told: str(told.get("error", "")))

    async def deploy(self, target: str, commit: str, *, key: str, digest: str = "") -> Deployed:
        return await self._asked(target, {"kind": "deploy", "commit": commit, "digest": digest, "key": key})

    async def find(self, target: str, commit: str, *, key: str, since: datetime) -> Deployed | None:
        after = since - SKEW
        query = {"commit": commit, "since": after.isoformat()}
        told = await self._line.get(f"{_target(target)}/deployments", query)
        found = self._line.made(lambda: [_deployed(one) for one in told["deployments"]])
        return chosen(found, commit, key, after)

    async def look(self, target: str, id: str) -> Deployed:
        told = await self._line.get(_deployment(target, id))
        return self._line.made(lambda: _deployed(told))

    async def live(self, target: str) -> Deployed | None:
        told = await self._about(target)
        return self._line.made(lambda: _deployed(told["live"]) if told.get("live") else None)

    async def roll_back(self, target: str, commit: str, *, key: str) -> Deployed:
        return await self._asked(target, {"kind": "roll back", "commit": commit, "digest": "", "key": key})

    async def give(self, target: str, id: str, share: int) -> Deployed:
        told = await self._line.send("POST", f"{_deployment(target, id)}/share", {"share": share})
        return self._line.made(lambda: _deployed(told))

    async def cancel(self, target: str, id: str) -> Deployed:
        told = await self._line.send("POST", f"{_deployment(target, id)}/cancel")
        return self._line.made(lambda: _deployed(told))

    async def tail(self, target: str, id: str, lines: int = 30) -> Sequence[str]:
        try:
            told = await self._line.get(f"{_deployment(target, id)}/log", {"lines": min(lines, MOST_LINES)})
        except IntegrationError as failed:
            if failed.facts.get("reason") == "missing":  # a host need not have a log
                return ()
            raise
        return self._line.made(lambda: [plain(line) for line in told["lines"]][-lines:])

    async def deploys_by_itself(self, target: str) -> bool | None:
        told = await self._about(target)
        itself = self._line.made(lambda: told.get("deploys_by_itself"))
        return itself if isinstance(itself, bool) else None

    async def _about(self, target: str) -> Any:
        return await self._line.get(_target(target))

    async def _asked(self, target: str, body: dict[str, str]) -> Deployed:
        told = await self._line.send("POST", f"{_target(target)}/deployments", body, key=body["key"])
        return self._line.made(lambda: _deployed(told))


def _target(target: str) -> str:
    return f"targets/{part(target)}"


def _deployment(target: str, id: str) -> str:
    return f"{_target(target)}/deployments/{part(id)}"


def _deployed(told: Any) -> Deployed:
    state: HostState = told["state"] if told["state"] in STATES else "unknown"
    share = int(told.get("share") or 0)
    return Deployed(
        id=str(told["id"]),
        state=state,
        commit=str(told["commit"]),
        detail=plain(told.get("detail") or "", 120),
        address=plain(told.get("address") or ""),
        created_at=instant(told.get("created_at")),
        live_at=instant(told.get("live_at")),
        share=100 if state == "live" else min(max(share, 0), 99),
        key=str(told.get("key") or ""),
    )
