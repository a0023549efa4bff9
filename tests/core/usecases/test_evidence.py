"""Evidence and open releases on both databases: each that has the commit hears of it, and all at once is as good."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.domain.evidence.limits import Unreadable
from core.domain.evidence.model import KINDS
from core.domain.release import Candidate, Phase, Release, ReleaseType
from core.errors import Refused
from core.store import releases
from core.store.audit import newest, verify
from core.store.unit_of_work import Unit, release_chain
from core.usecases import evidence as evidence_usecase
from core.usecases.advance import chains_of
from core.usecases.context import Context
from core.usecases.evidence import Posted, take
from core.usecases.scene import Scene
from tests.core.domain.world import PRIYA, START, policy

SHA, OTHER = "a" * 40, "b" * 40
GREEN = b'<testsuite tests="3"/>'


async def put(ctx: Context, version: str, sha: str) -> Release:
    """An open release with a candidate of this commit."""
    candidate = Candidate(1, f"v{version}-rc.1", sha, START, PRIYA, "c" * 64)
    new = Release(
        0, ctx.product, version, ReleaseType.PATCH, Phase.STABILIZATION, 1, policy().hash, PRIYA, START, PRIYA,
        "v1.2.2", "main0", f"release/{version}", phase_since=START, candidates=(candidate,), branch_head=sha,
    )  # fmt: skip

    async def work(unit: Unit) -> Release:
        await unit.lock(chains_of(ctx)[:1])
        added = await releases.add(unit, new)
        await unit.audit(release_chain(added.id), PRIYA, "start", policy().hash, {}, START)
        await (await Scene.around(ctx, unit, added)).save()
        return added

    made: Release = await ctx.store.unit(work, verb="start")
    return made


async def facts(ctx: Context, release: Release) -> dict[str, Any]:
    async with ctx.store.database.reader.connect() as conn:
        return dict((await releases.facts_of(conn, release.id))[0])


async def test_each_release_that_has_the_commit_hears_of_it_once(ctx: Context) -> None:
    first, second, third = await put(ctx, "1.2.3", SHA), await put(ctx, "1.2.4", SHA), await put(ctx, "1.2.5", OTHER)
    posts = [Posted(SHA, kind, "ci", GREEN) for kind in ("automated", "regression")] * 3
    told = await asyncio.gather(*(take(ctx, posted) for posted in posts))
    assert [t.new for t in told].count(True) == 2
    assert {t.releases for t in told} == {("1.2.3", "1.2.4")}
    for release in (first, second):
        found = (await facts(ctx, release))["evidence"]
        assert [(e["kind"], e["state"]) for e in found if e["state"] != "missing"] == [
            ("automated", "passed"), ("regression", "passed"),
        ]  # fmt: skip
        async with ctx.store.database.reader.connect() as conn:
            verbs = [e.verb for e in await newest(conn, release_chain(release.id), 20)]
        assert verbs.count("evidence.taken") == 2
    assert all(e["state"] == "missing" for e in (await facts(ctx, third))["evidence"])
    assert (await verify(ctx.store.database)).sound


async def test_everything_that_is_wrong_beside_the_body_is_named_at_once(ctx: Context) -> None:
    with pytest.raises(Refused) as refused:
        await take(ctx, Posted("main", "magic", "ci", GREEN))
    assert [b.code for b in refused.value.blockers] == ["result.commit", "result.kind"]
    assert refused.value.blockers[1].facts["known"] == list(KINDS)
    upper = replace(Posted(SHA.upper(), "uat", "ci", GREEN), name="  web\n ")
    assert (await take(ctx, upper)).new and not (await take(ctx, replace(upper, sha=SHA, name="web"))).new


async def test_a_body_that_is_judged_otherwise_now_is_another_result(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b'<coverage lines-valid="100" lines-covered="70"/>'
    assert (await take(ctx, Posted(SHA, "automated", "ci", body))).verdict == "passed"
    rules = policy().evidence.model_copy(update={"coverage": 80.0})

    async def stricter() -> Any:
        return policy().model_copy(update={"evidence": rules})

    monkeypatch.setattr(type(ctx), "policy", lambda self: stricter())
    told = await take(ctx, Posted(SHA, "automated", "ci", body))
    assert (told.new, told.verdict) == (True, "failed"), "what is answered is what is kept"


async def test_a_failure_is_kept_also_where_a_commit_has_more_results_than_are_taken(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_usecase, "MOST_RESULTS", 1)
    release = await put(ctx, "1.2.3", SHA)
    assert (await take(ctx, Posted(SHA, "uat", "ci", GREEN))).new
    with pytest.raises(Refused):
        await take(ctx, Posted(SHA, "uat", "ci", b'<testsuite tests="4"/>'))
    assert (await take(ctx, Posted(SHA, "uat", "ci", b'<testsuite tests="3" failures="1"/>'))).verdict == "failed"
    assert next(e for e in (await facts(ctx, release))["evidence"] if e["kind"] == "uat")["state"] == "failed"


async def test_no_secret_and_no_endless_number_reaches_the_facts(ctx: Context) -> None:
    release = await put(ctx, "1.2.3", SHA)
    key = "ghp_" + "a1" * 18
    url = f"https://ci.example/job/7?sha={SHA}&access_token=abc123def456&x=1#{key}"
    body = b'{"verdict": "passed", "url": "%s", "note": "", "numbers": {"tests": 1e308, "%s": 1}}'
    for name in ("one", "two"):
        with pytest.raises(Unreadable):
            await take(ctx, Posted(SHA, "uat", "ci", body % (url.encode(), key.encode()), f"{name} {key}"))
        body_ = body.replace(b"1e308", b"1e15") % (url.encode(), key.encode())
        await take(ctx, Posted(SHA, "uat", "ci", body_, f"{name} {key}", url))
    found = next(e for e in (await facts(ctx, release))["evidence"] if e["kind"] == "uat")
    assert key not in str(found) and "abc123def456" not in str(found), found
    assert found["url"].startswith(f"https://ci.example/job/7?sha={SHA}&")
