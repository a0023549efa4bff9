"""Vercel: a target is a project, `prj_...` or its name; what serves is its production. The port ServiceHost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from bot.integrations.bounded import plain
from bot.integrations.hosts.calling import SKEW, Address, Line, Query, chosen, part
from bot.integrations.hosts.vercel_shapes import deployed, git_source, listed, said, traffic
from core.domain.pipeline.hosted import Deployed

API = "https://api.vercel.com/"
KEY = "releaseBotKey"  # in the deployment's own notes, by which it is found again
PAGE = 100


@dataclass(frozen=True, slots=True)
class VercelSettings:
    """`team` is the id of the team that owns the projects; `repository`, owner/name on GitHub, is for projects that
    are not connected to one."""

    address: Address
    team: str = ""
    repository: str = ""


class Vercel:
    """Projects on Vercel. Each environment that is a target has a project of its own."""

    name = "vercel"
    phased = True

    def __init__(self, settings: VercelSettings, session: aiohttp.ClientSession) -> None:
        self.settings = settings
        self._line = Line(settings.address, session, said)

    async def deploy(self, target: str, commit: str, *, key: str, digest: str = "") -> Deployed:
        project = await self._project(target)
        source = self._line.made(lambda: git_source(project, self.settings.repository, commit))
        if source is None:
            words = "the project is connected to no repository; connect it, or set VERCEL_REPOSITORY"
            raise self._line.error("refused", words)
        body = {
            "name": self._line.made(lambda: str(project["name"])),
            "project": self._line.made(lambda: str(project["id"])),
            "target": "production",
            "gitSource": source,
            "meta": {KEY: key, "githubCommitSha": commit},
        }
        told = await self._line.send("POST", "v13/deployments", body, query=self._query(forceNew=1))
        return self._line.made(lambda: deployed(told, KEY))

    async def find(self, target: str, commit: str, *, key: str, since: datetime) -> Deployed | None:
        after = since - SKEW
        return chosen(await self._deployments(target, since=int(after.timestamp() * 1000)), commit, key, after)

    async def look(self, target: str, id: str) -> Deployed:
        told = await self._line.get(f"v13/deployments/{part(id)}", self._query())
        found = self._line.made(lambda: deployed(told, KEY))
        if found.state != "ready":
            return found
        project = await self._project(target)
        rolling = await self._rolling(target) if told.get("readySubstate") == "ROLLING" else None
        return self._line.made(lambda: traffic(found, told, project, rolling))

    async def live(self, target: str) -> Deployed | None:
        project = await self._project(target)
        serving = self._line.made(lambda: (project.get("targets") or {}).get("production"))
        return None if not serving else await self.look(target, str(serving["id"]))

    async def roll_back(self, target: str, commit: str, *, key: str) -> Deployed:
        """The traffic goes back to the newest deployment of the commit that is built; nothing is built again."""
        built = [one for one in await self._deployments(target, state="READY") if one.commit == commit]
        if not built:
            return await self.deploy(target, commit, key=key)
        before = await self.look(target, built[0].id)
        if before.state in ("replaced", "failed"):  # failed: an earlier try to give it the traffic
            project = await self._id(target)
            path = f"v1/projects/{part(project)}/rollback/{part(before.id)}"
            await self._line.send("POST", path, query=self._query())
            return await self.look(target, before.id)
        return before if before.state == "live" else await self.give(target, before.id, 100)

    async def give(self, target: str, id: str, share: int) -> Deployed:
        now = await self.look(target, id)
        if now.state not in ("ready", "failed") or now.share >= share:
            return now  # failed: an earlier try to give it the traffic, or Vercel refuses what is not built
        project = await self._id(target)
        if share == 100 and now.share == 0:
            await self._line.send("POST", f"v10/projects/{part(project)}/promote/{part(id)}", query=self._query())
        else:
            await self._roll(project, id, share)
        return await self.look(target, id)

    async def cancel(self, target: str, id: str) -> Deployed:
        told = await self._line.send("PATCH", f"v12/deployments/{part(id)}/cancel", query=self._query())
        return self._line.made(lambda: deployed(told, KEY))

    async def tail(self, target: str, id: str, lines: int = 30) -> Sequence[str]:
        query = self._query(limit=min(lines, 1000), direction="backward", builds=1)
        told = await self._line.get(f"v3/deployments/{part(id)}/events", query)
        return self._line.made(lambda: [plain(line) for line in listed(told)])[-lines:]

    async def deploys_by_itself(self, target: str) -> bool | None:
        """A project without a repository waits for us. Of the others Vercel's API does not tell: that is written in
        the product's own `vercel.json`."""
        project = await self._project(target)
        return None if project.get("link") else False

    async def _roll(self, project: str, id: str, share: int) -> None:
        """A rolling release; its stages are the project's own, so ours must be among them."""
        path, body = f"v1/projects/{part(project)}/rolling-release", {"canaryDeploymentId": id}
        if share == 100:
            await self._line.send("POST", f"{path}/complete", body, query=self._query())
            return
        told = await self._line.send("POST", f"{path}/start", body, query=self._query())
        rolling = self._line.made(lambda: told["rollingRelease"])
        stages = self._line.made(lambda: {one["targetPercentage"]: one["index"] for one in rolling["stages"]})
        if share not in stages:
            words = f"the project's rolling release has the stages {', '.join(map(str, stages))}, not {share}"
            raise self._line.error("refused", words)
        if self._line.made(lambda: rolling["activeStage"]["index"]) < stages[share]:
            step = {**body, "nextStageIndex": stages[share]}
            await self._line.send("POST", f"{path}/approve-stage", step, query=self._query())

    async def _rolling(self, target: str) -> Any:
        told = await self._line.get(f"v1/projects/{part(target)}/rolling-release", self._query())
        return told.get("rollingRelease") if isinstance(told, dict) else None

    async def _project(self, target: str) -> Mapping[str, Any]:
        told = await self._line.get(f"v9/projects/{part(target)}", self._query())
        if not isinstance(told, dict):
            raise self._line.error("down", "an answer that is no project", retryable=True)
        return told

    async def _id(self, target: str) -> str:
        project = await self._project(target)
        return self._line.made(lambda: str(project["id"]))

    async def _deployments(self, target: str, **query: str | int) -> list[Deployed]:
        """Those of the project's production, the newest first."""
        asked = self._query(projectId=await self._id(target), target="production", limit=PAGE, **query)
        told = await self._line.get("v6/deployments", asked)
        found = self._line.made(lambda: [deployed(one, KEY) for one in told["deployments"]])
        return sorted(found, key=lambda one: one.created_at.timestamp() if one.created_at else 0.0, reverse=True)

    def _query(self, **more: str | int) -> Query:
        return {**({"teamId": self.settings.team} if self.settings.team else {}), **more}
