"""Results come from CI over HTTP and from people, each for one commit; what failed stops the release."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from bot.evidence_hook import EVIDENCE_PATH
from core.domain.repository import GitOrder, GitPlan
from core.usecases.trail import record_of
from tests.scenarios.driver import CI_TOKEN, Team

JOB = "https://ci.asset-anchor.example/jobs/7"


def scan(*results: dict[str, Any]) -> bytes:
    tool = {"driver": {"name": "Scan"}}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": tool, "results": list(results)}]}).encode()


BAD = scan({"ruleId": "S1", "level": "error", "message": {"text": "a *key* <!channel>"}}, {"level": "note"})


async def reports(play: Team, sha: str, body: bytes, kind: str = "security") -> tuple[int, str]:
    """CI posts a result, and everything that follows is done."""
    assert play.app.listener is not None
    url = f"{play.app.listener.address}{EVIDENCE_PATH}"
    said = {"commit": sha, "kind": kind, "url": JOB}
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {CI_TOKEN}"}) as session,
        session.post(url, data=body, params=said) as answer,
    ):
        told = await answer.json()
    await play.settles()
    return answer.status, str(told["message"])


async def test_a_scan_stops_a_release_until_it_is_mended(play: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    await play.says("priya", "start minor")
    assert "has no candidate yet" in await play.says("priya", "evidence")
    await play.to_stabilization()
    first = str((await play.facts("1.3.0"))["candidate"]["sha"])
    shown = await play.says("theo", "evidence 1.3.0")
    assert "Evidence for v1.3.0-rc.1" in shown and "Security scan\nNo result yet. CI reports it" in shown

    status, told = await reports(play, first, BAD)
    assert (status, told) == (201, "security: failed; it counts for v1.3.0.")
    line = "⛔ Security scan failed on rc.1: 2 findings (1 error, 1 note): “S1: a ∗key∗ <!channel>”, by CI (Scan)."
    assert line in play.thread("1.3.0")[-1]
    why = await play.says("priya", "why 1.3.0")
    assert "2 findings (1 error, 1 note), “S1: a ∗key∗ <!channel>”" in why
    assert await reports(play, first, BAD) == (
        200, "security: failed; it counts for v1.3.0. This was reported before and counts once.",
    )  # fmt: skip

    await people_state_it(play)
    await a_result_overtakes_the_report_of_the_push(play, monkeypatch)
    status, told = await reports(play, first, scan())
    assert status == 202 and told.endswith("it is kept, but v1.3.0-rc.1 was replaced by a newer candidate.")


async def people_state_it(play: Team) -> None:
    """Who owns the item says so with a link; it does not outweigh the machine."""
    await play.dana.types("/release evidence 1.3.0")
    await play.dana.clicks("I have a result…")
    assert "can state a result for v1.3.0: @" in play.dana.private(), play.dana.private()
    await play.theo.types("/release evidence 1.3.0")
    await play.theo.clicks("I have a result…")
    where = "Where can it be looked at?"
    wrong = {"Of what?": "Security scan", "What came of it?": "Passed", where: "see the wiki"}
    assert "begins with https://" in (await play.theo.submits(wrong))["url"]
    right = {**wrong, where: "https://wiki.asset-anchor.example/7", "In a few words": "false alarm"}
    assert await play.theo.submits(right) == {}
    assert "the security scan still failed: the failure that CI reported counts" in play.theo.reads(play.theo.form)
    await play.settles()
    line = "✅ Theo states that the security scan passed on rc.1; see the result. “false alarm”"
    assert line in play.thread("1.3.0")[-1]
    shown = await play.says("mira", "evidence 1.3.0")
    assert "⛔ Security scan" in shown and "2 results together" in shown


async def a_result_overtakes_the_report_of_the_push(play: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick CI reports for a commit that was pushed just now, before the release knows of its candidate."""
    repository, told = play.app.ctx.repository, []
    push = repository.push

    async def pushed(order: GitOrder, plan: GitPlan) -> Any:
        done = await push(order, plan)
        told.append(await posted_only(play, plan.commit))
        return done

    monkeypatch.setitem(vars(repository), "push", pushed)
    play.product.commit("release/1.3.0", "app/keys.py", "KEY = None\n", author="Dana", subject="fix: no key in it")
    await play.settles()
    await play.says("priya", "candidate 1.3.0")
    monkeypatch.undo()
    assert told == [202]
    facts = await play.facts("1.3.0")
    assert facts["candidate"]["tag"] == "v1.3.0-rc.2"
    assert next(e for e in facts["evidence"] if e["kind"] == "security")["state"] == "passed"
    assert any("✅ Security scan passed on rc.2" in line for line in play.thread("1.3.0"))
    record = await record_of(play.app.ctx, facts["id"])
    assert "evidence.taken" in [e["verb"] for e in record["entries"]] and record["whole"]


async def posted_only(play: Team, sha: str) -> int:
    assert play.app.listener is not None
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {CI_TOKEN}"}) as session,
        session.post(
            f"{play.app.listener.address}{EVIDENCE_PATH}", data=scan(), params={"commit": sha, "kind": "security"}
        ) as answer,
    ):
        return answer.status
