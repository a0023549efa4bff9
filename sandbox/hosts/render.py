"""Render's API as its published reference describes it (api-docs.render.com, read 2026-11-23), as far as deploys go."""

from __future__ import annotations

from datetime import datetime

from sandbox.hosts.door import Answer, Call, Door, HostError, Json, Route, route
from sandbox.hosts.yard import UNDER_WAY, Deployment, Place

STATUS = {
    "queued": "queued",
    "building": "build_in_progress",
    "starting": "update_in_progress",
    "ready": "update_in_progress",
    "live": "live",
    "replaced": "deactivated",
    "cancelled": "canceled",
}
LISTED = "limit cursor status createdAfter createdBefore"


class RenderFake(Door):
    """Web services and static sites; a deploy of a commit leaves auto-deploy as it is."""

    def routes(self) -> tuple[Route, ...]:
        deploys = "/v1/services/{service}/deploys"
        return (
            route("service", "GET /v1/services/{service}", self.service),
            route("deploy", f"POST {deploys}", self.deploy, fields="commitId clearCache imageUrl", status=201),
            route("list", f"GET {deploys}", self.listed, query=LISTED),
            route("look", f"GET {deploys}/{{deploy}}", self.look),
            route("cancel", f"POST {deploys}/{{deploy}}/cancel", self.cancel),
            route("rollback", "POST /v1/services/{service}/rollback", self.rollback, fields="deployId!", status=201),
            route("logs", "GET /v1/logs", self.logs, query="ownerId resource limit direction startTime endTime"),
        )

    def refusal(self, refused: HostError) -> Json:
        return {"id": "", "message": refused.message}

    def limits(self) -> dict[str, str]:
        return {"Ratelimit-Limit": "400", "Ratelimit-Remaining": str(max(self.remaining, 0)), "Ratelimit-Reset": "60"}

    async def service(self, call: Call) -> Json:
        place = self.place(call.path["service"])
        return {
            "id": place.id,
            "ownerId": "tea-sandbox",
            "name": place.id.removeprefix("srv-"),
            "type": "web_service" if place.kind == "backend" else "static_site",
            "branch": place.branch,
            "autoDeploy": "yes" if place.auto else "no",
            "autoDeployTrigger": "commit" if place.auto else "off",
            "suspended": "not_suspended",
        }

    async def deploy(self, call: Call) -> Json | Answer:
        place = self.place(call.path["service"])
        busy = any(one.state in UNDER_WAY for one in self.yard.of(place))
        made = self.yard.begin(place, self.commit(str(call.body.get("commitId") or place.branch)), "api")
        return Answer(202) if busy else shown(made)

    async def listed(self, call: Call) -> list[Json]:
        found = [shown(one) for one in self._of(self.place(call.path["service"]), call)]
        wanted = call.query.get("status")
        kept = [one for one in found if wanted in (None, one["status"])]
        limit = int(call.query.get("limit", "20"))
        if not 1 <= limit <= 100:
            raise HostError(400, "limit must be between 1 and 100")
        return [{"deploy": one, "cursor": one["id"]} for one in kept[:limit]]

    async def look(self, call: Call) -> Json:
        return shown(self._one(call))

    async def cancel(self, call: Call) -> Json:
        one = self._one(call)
        if not self.yard.cancel(one):
            raise HostError(400, f"a deploy that is {STATUS.get(one.state, one.state)} cannot be canceled")
        return shown(one)

    async def rollback(self, call: Call) -> Json:
        place = self.place(call.path["service"])
        before = self.yard.get(str(call.body["deployId"]))
        if before is None or before.place is not place or not before.was_live:
            raise HostError(404, "there is no such deploy to roll back to")
        return shown(self.yard.begin(place, before.commit, "rollback", built=True))

    async def logs(self, call: Call) -> Json:
        if call.query.get("ownerId") != "tea-sandbox":
            raise HostError(400, "ownerId is needed")
        deploys = self.yard.of(self.place(call.query.get("resource", "")))
        lines = [{"id": one.id, "message": line, "timestamp": _when(one.at)} for one in deploys[:1] for line in one.log]
        return {"hasMore": False, "logs": lines[::-1][: int(call.query.get("limit", "20"))]}

    def _of(self, place: Place, call: Call) -> list[Deployment]:
        after = call.query.get("createdAfter")
        since = datetime.fromisoformat(after) if after else None
        return [one for one in self.yard.of(place) if since is None or one.at > since]

    def _one(self, call: Call) -> Deployment:
        return self.deployment(self.place(call.path["service"]), call.path["deploy"])


def shown(one: Deployment) -> Json:
    """A deploy as Render shows it."""
    failed = "update_failed" if one.broke == "start" else "build_failed"
    return {
        "id": one.id,
        "commit": {"id": one.commit, "message": "", "createdAt": _when(one.at)},
        "status": STATUS.get(one.state, failed),
        "trigger": {"push": "new_commit"}.get(one.trigger, one.trigger),
        "createdAt": _when(one.at),
        "updatedAt": _when(one.ended_at or one.at),
        "finishedAt": _when(one.ended_at) if one.ended_at else None,
    }


def _when(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
