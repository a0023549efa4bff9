"""Vercel's REST API as its published reference describes it (vercel.com/docs/rest-api, read 2026-11-23).

Projects, deployments of a commit, promote, roll-back and rolling releases. A change of the traffic is taken at once and
done a moment later (`lastAliasRequest`), as there.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.hosts.door import Call, Door, HostError, Json, Route, route
from sandbox.hosts.yard import Broken, Deployment, Place

READY_STATE = {
    "queued": "QUEUED",
    "building": "BUILDING",
    "starting": "BUILDING",
    "ready": "READY",
    "live": "READY",
    "replaced": "READY",
    "failed": "ERROR",
    "cancelled": "CANCELED",
}
TEAM = "teamId slug"


@dataclass
class Rolling:
    """A rolling release of one canary; `at` is the index of the active stage."""

    canary: Deployment
    stages: tuple[int, ...]
    at: int = 0
    state: str = "ACTIVE"


@dataclass
class VercelFake(Door):
    """`stages` of a project, by its id, switch rolling releases on. Traffic moves `moving` seconds after the answer."""

    team: str = "team_sandbox"
    stages: dict[str, tuple[int, ...]] = field(default_factory=dict)
    rolling: dict[str, Rolling] = field(default_factory=dict)
    asked: dict[str, Json] = field(default_factory=dict)  # the last request about the traffic of each project
    moving: float = 0.0
    linked: bool = True
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def routes(self) -> tuple[Route, ...]:
        listed = f"{TEAM} projectId target limit since state sha"
        project, rolling = "/v1/projects/{project}", "/v1/projects/{project}/rolling-release"
        events = f"{TEAM} limit direction builds"
        return (
            route("project", "GET /v9/projects/{project}", self.project, query=TEAM),
            route("deploy", "POST /v13/deployments", self.deploy, fields="name! project target gitSource! meta",
                  query=f"{TEAM} forceNew skipAutoDetectionConfirmation"),
            route("look", "GET /v13/deployments/{deployment}", self.look, query=TEAM),
            route("list", "GET /v6/deployments", self.listed, query=listed),
            route("cancel", "PATCH /v12/deployments/{deployment}/cancel", self.cancel, query=TEAM),
            route("events", "GET /v3/deployments/{deployment}/events", self.events, query=events),
            route("promote", "POST /v10/projects/{project}/promote/{deployment}", self.promote, query=TEAM, status=202),
            route("rollback", f"POST {project}/rollback/{{deployment}}", self.rollback, query=f"{TEAM} description",
                  status=201),
            route("rolling", f"GET {rolling}", self.rolled, query=f"{TEAM} state"),
            route("roll", f"POST {rolling}/start", self.start, fields="canaryDeploymentId!", query=TEAM),
            route("stage", f"POST {rolling}/approve-stage", self.stage, fields="canaryDeploymentId! nextStageIndex!",
                  query=TEAM),
            route("complete", f"POST {rolling}/complete", self.complete, fields="canaryDeploymentId!", query=TEAM),
        )  # fmt: skip

    def refusal(self, refused: HostError) -> Json:
        return {"error": {"code": refused.code or "bad_request", "message": refused.message}}

    def limits(self) -> dict[str, str]:
        reset = str(int(self.clock.now()) + self.retry_after)
        left = str(max(self.remaining, 0))
        return {"X-RateLimit-Limit": "400", "X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset}

    # -- projects and deployments ------------------------------------------------------------------------------------

    async def project(self, call: Call) -> Json:
        place = self._place(call)
        live = self.yard.live(place)
        link = {"type": "github", "repoId": 4711, "productionBranch": place.branch}
        return {
            "id": place.id,
            "name": place.id.removeprefix("prj_"),
            "accountId": self.team,
            "link": link if self.linked else None,
            "targets": {"production": self._shown(live)} if live else {},
            "lastAliasRequest": self.asked.get(place.id),
            "autoAssignCustomDomains": place.promotes,
        }

    async def deploy(self, call: Call) -> Json:
        self._team(call)
        place = self.place(str(call.body.get("project", call.body["name"])))
        source, meta = call.body["gitSource"], call.body.get("meta", {})
        if not isinstance(source, dict) or not source.get("type") or not source.get("ref"):
            raise HostError(400, "gitSource needs type and ref")
        if not isinstance(meta, dict) or not all(isinstance(value, str) for value in meta.values()):
            raise HostError(400, "meta holds texts")
        if call.body.get("target") not in (None, "production"):
            raise HostError(400, "target is production or left out")
        commit = self.commit(str(source.get("sha") or source["ref"]))
        gives = place.promotes and place.id not in self.stages
        one = self.yard.begin(place, commit, "api", key=str(meta.get("releaseBotKey", "")), gives=gives)
        return self._shown(one)

    async def look(self, call: Call) -> Json:
        self._team(call)
        return self._shown(self._one(call.path["deployment"]))

    async def listed(self, call: Call) -> Json:
        self._team(call)
        place = self.place(call.query.get("projectId", ""))
        since, state = int(call.query.get("since", "0")), call.query.get("state")
        found = [self._shown(one) for one in self.yard.of(place) if _ms(one.at) >= since]
        kept = [one for one in found if state in (None, one["readyState"])]
        return {"deployments": kept[: int(call.query.get("limit", "20"))], "pagination": {"count": len(kept)}}

    async def cancel(self, call: Call) -> Json:
        self._team(call)
        one = self._one(call.path["deployment"])
        if one.state in ("ready", "live") or not self.yard.cancel(one):
            raise HostError(400, "the deployment cannot be canceled in its state")
        return self._shown(one)

    async def events(self, call: Call) -> list[Json]:
        self._team(call)
        one = self._one(call.path["deployment"])
        lines = [{"type": "stdout", "created": _ms(one.at) + n, "text": line} for n, line in enumerate(one.log)]
        return lines[::-1] if call.query.get("direction") == "backward" else lines

    # -- traffic -----------------------------------------------------------------------------------------------------

    async def promote(self, call: Call) -> None:
        place, one = self._place(call), self._one(call.path["deployment"])
        if one.state == "live":
            raise HostError(409, "it is the production deployment already", "conflict")
        self._move(place, one, "promote")

    async def rollback(self, call: Call) -> None:
        place, one = self._place(call), self._one(call.path["deployment"])
        if not one.was_live:
            raise HostError(422, "it never was in production", "unprocessable")
        self._move(place, one, "rollback")

    def _move(self, place: Place, one: Deployment, how: str) -> None:
        live = self.yard.live(place)
        if one.state not in ("ready", "replaced", "live"):
            raise HostError(400, "the deployment is not ready")
        said = {"type": how, "jobStatus": "pending", "toDeploymentId": one.id, "requestedAt": _ms(self.yard.now())}
        self.asked[place.id] = {**said, "fromDeploymentId": live.id if live else None}
        task = asyncio.get_running_loop().create_task(self._moves(place, one))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _moves(self, place: Place, one: Deployment) -> None:
        await asyncio.sleep(self.moving)
        try:
            await self.yard.give(one, 100)
            status = "succeeded"
        except Broken:
            status = "failed"
        self.asked[place.id] = {**self.asked[place.id], "jobStatus": status}

    # -- rolling releases --------------------------------------------------------------------------------------------

    async def rolled(self, call: Call) -> Json:
        found = self.rolling.get(self._place(call).id)
        return {"rollingRelease": self._roll(found) if found else None}

    async def start(self, call: Call) -> Json:
        place, one = self._place(call), self._one(str(call.body["canaryDeploymentId"]))
        if place.id not in self.stages:
            raise HostError(400, "rolling releases are not switched on")
        known = self.rolling.get(place.id)
        if known is None or known.canary is not one:
            known = self.rolling[place.id] = Rolling(one, self.stages[place.id])
            await self.yard.give(one, known.stages[0])
        return {"rollingRelease": self._roll(known)}

    async def stage(self, call: Call) -> Json:
        known = self._active(call)
        known.at = int(call.body["nextStageIndex"])
        await self.yard.give(known.canary, known.stages[known.at])
        return {"rollingRelease": self._roll(known)}

    async def complete(self, call: Call) -> Json:
        known = self._active(call)
        known.state = "COMPLETE"
        await self.yard.give(known.canary, 100)
        return {"rollingRelease": self._roll(known)}

    def _active(self, call: Call) -> Rolling:
        known = self.rolling.get(self._place(call).id)
        if known is None or known.state != "ACTIVE" or known.canary.id != call.body["canaryDeploymentId"]:
            raise HostError(404, "no rolling release of this deployment is active", "not_found")
        return known

    def _roll(self, known: Rolling) -> Json:
        stages = [{"index": n, "targetPercentage": share} for n, share in enumerate(known.stages)]
        canary = {"id": known.canary.id}
        return {"state": known.state, "canaryDeployment": canary, "stages": stages, "activeStage": stages[known.at]}

    # -- shapes ------------------------------------------------------------------------------------------------------

    def _shown(self, one: Deployment) -> Json:
        rolling = self.rolling.get(one.place.id)
        active = rolling is not None and rolling.canary is one and rolling.state == "ACTIVE"
        substate = "ROLLING" if active else "PROMOTED" if one.was_live else "STAGED"
        ready = READY_STATE[one.state] == "READY"
        told: Json = {
            "id": one.id,
            "uid": one.id,
            "name": one.place.id.removeprefix("prj_"),
            "url": f"{one.id}.vercel.example",
            "createdAt": _ms(one.at),
            "created": _ms(one.at),
            "readyState": READY_STATE[one.state],
            "state": READY_STATE[one.state],
            "readySubstate": substate if ready else None,
            "target": "production",
            "ready": _ms(one.ended_at) if ready and one.ended_at else None,
            "aliasAssigned": _ms(one.live_at) if one.live_at else False,
            "meta": {"githubCommitSha": one.commit, **({"releaseBotKey": one.key} if one.key else {})},
            "gitSource": {"type": "github", "repoId": 4711, "ref": one.place.branch, "sha": one.commit},
        }
        return told | ({"errorCode": "BUILD_FAILED", "errorMessage": one.log[-1]} if one.broke else {})

    def _team(self, call: Call) -> None:
        if call.query.get("teamId") != self.team:
            raise HostError(403, "the token may not see this team", "forbidden")

    def _place(self, call: Call) -> Place:
        self._team(call)
        name = call.path["project"]
        return self.place(name if name.startswith("prj_") else f"prj_{name}")

    def _one(self, id: str) -> Deployment:
        found = self.yard.get(id)
        if found is None:
            raise HostError(404, f"there is no deployment {id}", "not_found")
        return found


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
