"""A host that speaks the hook's protocol, as docs/hosts.md tells it: what a company's own platform would answer."""

from __future__ import annotations

from datetime import datetime

from sandbox.hosts.door import Call, Door, HostError, Json, Route, route
from sandbox.hosts.yard import Deployment


class HookFake(Door):
    """A key is done once; where a place does not promote, what is built is `ready` until it is given the traffic."""

    def routes(self) -> tuple[Route, ...]:
        one = "/targets/{target}/deployments/{deployment}"
        asked = "kind! commit! digest key!"
        return (
            route("about", "GET /targets/{target}", self.about),
            route("deploy", "POST /targets/{target}/deployments", self.deploy, fields=asked, status=201),
            route("list", "GET /targets/{target}/deployments", self.listed, query="commit since"),
            route("look", f"GET {one}", self.look),
            route("share", f"POST {one}/share", self.share, fields="share!"),
            route("cancel", f"POST {one}/cancel", self.cancel),
            route("log", f"GET {one}/log", self.log, query="lines"),
        )

    async def about(self, call: Call) -> Json:
        place = self.place(call.path["target"])
        live = self.yard.live(place)
        return {"deploys_by_itself": place.auto, "live": shown(live) if live else None}

    async def deploy(self, call: Call) -> Json:
        place, key = self.place(call.path["target"]), str(call.body["key"])
        if call.key != key:
            raise HostError(400, "the header Idempotency-Key and the key differ")
        before = next((one for one in self.yard.of(place) if one.key == key), None)
        if before is not None and before.commit != call.body["commit"]:
            raise HostError(422, "this key was for another commit")
        if before is not None:
            return shown(before)
        commit, back = self.commit(str(call.body["commit"])), call.body["kind"] == "roll back"
        lived = next((one for one in self.yard.of(place) if one.commit == commit and one.was_live), None)
        if back and lived is not None and lived.state == "live":
            return shown(lived)
        gives = place.promotes or back
        return shown(self.yard.begin(place, commit, "api", key=key, built=back and lived is not None, gives=gives))

    async def listed(self, call: Call) -> Json:
        place, since = self.place(call.path["target"]), datetime.fromisoformat(call.query["since"])
        found = [one for one in self.yard.of(place) if one.commit == call.query["commit"] and one.at >= since]
        return {"deployments": [shown(one) for one in found]}

    async def look(self, call: Call) -> Json:
        return shown(self._one(call))

    async def share(self, call: Call) -> Json:
        one, share = self._one(call), call.body["share"]
        if not isinstance(share, int) or not 1 <= share <= 100:
            raise HostError(422, "share is a percentage from 1 to 100")
        if one.state not in ("ready", "live"):
            raise HostError(409, f"it is {one.state}")
        if one.state == "ready":
            await self.yard.give(one, share)
        return shown(one)

    async def cancel(self, call: Call) -> Json:
        one = self._one(call)
        if not self.yard.cancel(one):
            raise HostError(422, f"it is {one.state}")
        return shown(one)

    async def log(self, call: Call) -> Json:
        return {"lines": self._one(call).log[-int(call.query.get("lines", "30")) :]}

    def _one(self, call: Call) -> Deployment:
        return self.deployment(self.place(call.path["target"]), call.path["deployment"])


def shown(one: Deployment) -> Json:
    """A deployment in the protocol's words."""
    return {
        "id": one.id,
        "state": "building" if one.state == "starting" else one.state,
        "commit": one.commit,
        "detail": f"the {one.broke} failed" if one.broke else "",
        "created_at": one.at.isoformat(),
        "live_at": one.live_at.isoformat() if one.live_at else None,
        "share": one.share,
        "key": one.key,
    }
