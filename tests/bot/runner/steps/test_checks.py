"""Steps that only look, against a real server: what they find, how they are stopped, and that they begin anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web

from bot.runner.job import Job
from bot.runner.steps.checks import Evidence, Looks, OverHttp, in_words
from core.domain.gates.proofs import Proofs
from core.domain.pipeline.model import Seen, Stage
from core.domain.policy import Policy, parse_policy
from core.domain.policy_pipeline import DeployPolicy
from core.errors import Blocker
from tests.bot.runner.conftest import job
from tests.policies import SHIPPED


class Site:
    """A product that answers; `wrong` are the paths that do not, `slow` seconds for each answer."""

    def __init__(self) -> None:
        self.wrong: set[str] = set()
        self.slow = 0.0
        self.version = "1.3.0"
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        await asyncio.sleep(self.slow)
        if request.path in self.wrong:
            return web.Response(status=500)
        return web.Response(text=self.version if request.path == "/version" else "Payments")


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, OverHttp]]:
    it = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", it.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service = {"title": "Backend", "host": "render", "targets": {"production": "b"}, "urls": {"production": "SITE"}}
    smoke = [{"name": name, "service": "backend", "path": f"/{name}", "contains": "Pay"} for name in "abc"]
    rules = DeployPolicy.model_validate({"services": {"backend": service}, "smoke": smoke})
    policy = parse_policy(SHIPPED.read_text(encoding="utf-8")).model_copy(update={"deployment": rules})

    async def pinned(job: Job) -> Policy:
        return policy

    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield it, OverHttp(pinned, {"SITE": address}, every=0.02)
    await runner.cleanup()


async def done(looks: Looks, what: Job) -> Seen:
    ref = await looks.begin(what)
    async with asyncio.timeout(10):
        while (seen := await looks.look(what, ref)).state == "running":
            await looks.until_news(what, ref)
    return seen


async def test_the_version_that_answers_and_each_smoke_check(site):
    it, http = site
    assert (await done(Looks(http.verify), job())).state == "done"
    it.version = "1.2.2"
    seen = await done(Looks(http.verify), job())
    assert (seen.state, seen.reason) == ("failed", "1 of 1 failed: Backend: it is v1.2.2, not v1.3.0")

    it.wrong = {"/b"}
    looks = Looks(http.smoke)
    seen = await done(looks, job())
    assert (seen.state, seen.line, seen.reason) == (
        "failed", "2 of 3 passed", "1 of 3 failed: b: answered 500 instead of 200",
    )  # fmt: skip
    assert seen.found["failing"] == [["b", "answered 500 instead of 200"]] and seen.found["count"] == 3
    assert seen.found["passed"] == ["a", "c"] and seen.found["told"] == "2 of 3 passed"
    assert len(await looks.tail(job(), "", 30)) == 3 and "b answered 500" in (await looks.whole_log(job(), ""))[0]
    it.wrong = set()
    assert (await done(looks, job())).line == "3 of 3 passed", "another try looks anew"
    assert (await done(looks, replace(job(), environment="staging"))).state == "failed", "nobody says where it is"


async def test_a_watch_ends_well_or_at_its_limit_and_says_how_it_stands(site):
    it, http = site
    step = replace(job().step, stages=(Stage(100, 0),))
    watched = Looks(http.watch)
    seen = await done(watched, replace(job(), step=step))
    assert (seen.state, seen.line, it.asked) == ("done", "errors 0.0% (limit 5%)", 9), "three rounds at least"
    it.wrong = {"/a"}
    seen = await done(watched, replace(job(), step=step))
    assert seen.state == "failed" and seen.reason.startswith("too many errors, 33.3%: 1 of 3 failed: a")
    assert seen.found["errors"] == 0.3333
    assert await http.healthy(job()) == "1 of 3 failed: a: answered 500 instead of 200"


async def test_a_look_is_stopped_and_one_of_another_process_begins_anew(site):
    it, http = site
    it.slow = 5.0
    looks = Looks(http.smoke)
    ref = await looks.begin(job())
    assert (await looks.look(job(), ref)).state == "running"
    await looks.end(job(), ref)
    seen = await looks.look(job(), ref)
    assert (seen.state, seen.reason) == ("failed", "it was stopped")
    it.slow = 0.0
    assert await Looks(http.smoke).find(job()) == "", "nothing of it is left anywhere"
    other = Looks(http.smoke)
    assert (await other.look(job(), job().key)).state == "running"
    await other.until_news(job(), job().key)
    assert (await other.look(job(), job().key)).state == "done"


async def test_what_is_not_proven_any_more_is_named():
    against = (Blocker("evidence.tests.full", {"title": "Full regression"}), Blocker("approval.qa", {"role": "qa"}))

    async def half(release: int, environment: str) -> Proofs:
        return Proofs(("approvals in time",), against)

    seen = await done(Looks(Evidence(half).work), job())
    assert (seen.state, seen.line) == ("failed", "1 of 3")
    assert seen.reason == "not proven any more: Full regression; the approval as qa is missing"
    assert (await done(Looks(Evidence(half).work), replace(job(), release=None))).state == "skipped"
    assert in_words(Blocker("some_new.thing")) == "some new: thing"
