"""Checks over HTTP against a real server that answers well, badly, late, without an end, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.probes import LONGEST, Probe, Report, Result, Target, names, probe, smoke_probes, version_probes
from core.domain.policy_pipeline import DeployPolicy

V130 = Target("1.3.0", "abcdef0123456789abcdef0123456789abcdef01")


@pytest.fixture
async def server() -> AsyncIterator[str]:
    async def late(request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(text="late")

    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xffno http\r\n\r\n")
        writer.close()

    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    strange = await asyncio.start_server(garbage, "127.0.0.1", 0)
    port = strange.sockets[0].getsockname()[1]

    def to(where: str) -> web.Response:
        return web.Response(status=302, headers={"Location": where})

    async def answer(request: web.Request) -> web.Response:
        match request.path:
            case "/healthz":
                return web.Response(text='{"ok": true, "version": "1.3.0"}')
            case "/old":
                return web.Response(text="v1.2.2")
            case "/broken":
                return web.Response(status=500, text="password=hunter2 at /srv/app")
            case "/flood":
                return web.Response(body=b"x" * (LONGEST + 10))
            case "/here":
                return to("/healthz")
            case "/round":
                return to("/round")
            case "/elsewhere":
                return to(f"http://127.0.0.1:{port}/token=secret")
        return web.Response(status=404)

    app = web.Application()
    app.add_routes([web.get("/late", late), web.get("/gone", hang_up), web.get("/{path:.*}", answer)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    at = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield f"{at} {port}"
    strange.close()
    await runner.cleanup()


async def test_each_kind_of_answer_has_its_words(server):
    at, strange = server.split()
    probes = [
        Probe("well", f"{at}/healthz", contains='"ok": true', version=True, within_ms=5000),
        Probe("moved here", f"{at}/here", contains="ok"),
        Probe("a redirect is what we want", f"{at}/elsewhere", status=302),
        Probe("missing page", f"{at}/nowhere", status=404),
        Probe("broken", f"{at}/broken"),
        Probe("other words", f"{at}/healthz", contains="Payments"),
        Probe("old", f"{at}/old", version=True),
        Probe("nameless", f"{at}/late", version=True),
        Probe("slow", f"{at}/late", within_ms=50),
        Probe("elsewhere", f"{at}/elsewhere"),
        Probe("round", f"{at}/round"),
        Probe("flood", f"{at}/flood"),
        Probe("gone", f"{at}/gone"),
        Probe("garbage", f"http://127.0.0.1:{strange}/"),
        Probe("closed", "http://127.0.0.1:1/"),
        Probe("unset", "", lacking="BACKEND_URL is not set"),
        Probe("no address", "http://[::1/"),
    ]
    heard: list[Result] = []

    report = await probe(probes, V130, heard.append)

    assert [r.name for r in report.results] == [p.name for p in probes] and len(heard) == len(probes)
    told = {r.name: r.why for r in report.failing}
    slow = told.pop("slow")
    assert slow.startswith("took ") and slow.endswith("ms; 50 are allowed")
    assert told.pop("garbage").startswith("did not answer as a web server does")
    assert told == {
        "broken": "answered 500 instead of 200",
        "other words": "the answer lacks “Payments”",
        "old": "it is v1.2.2, not v1.3.0",
        "nameless": "the answer does not name v1.3.0",
        "elsewhere": "answered 302, a redirect to another host",
        "round": "more than 5 redirects",
        "flood": "the answer is longer than 1000 KB",
        "gone": "the connection broke off",
        "closed": "cannot be reached",
        "unset": "BACKEND_URL is not set",
        "no address": "its address cannot be read",
    }
    assert report.line == "4 of 17 passed"
    assert report.reason.startswith("13 of 17 failed: broken: answered 500") and report.reason.endswith("; 7 more")
    assert "hunter2" not in str(report) and "secret" not in str(report)
    assert ["old", "it is v1.2.2, not v1.3.0"] in report.found()["failing"]


async def test_what_does_not_answer_ends_in_time(server):
    at, _ = server.split()
    report = await probe([Probe("late", f"{at}/late")], Target(), patience=0.05)
    assert report.reason == "1 of 1 failed: late: did not answer within 0.05 s"
    assert Report(()).passed


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("1.3.0", True), ("v1.3.0\n", True), ('{"version":"1.3.0"}', True), ("Version 1.3.0.", True), ("11.3.0", False),
        ("1.3.0.1", False), ("1.3.0-rc.1", False), ("1.3.01", False), ("1x3x0", False), ("abcdef0", True),
        ('{"commit": "abcdef0123456789abcdef0123456789abcdef01"}', True), ("abcdef", False), ("abcdef1", False),
    ],
)  # fmt: skip
def test_the_version_or_the_commit_is_named(body, named):
    assert names(body, V130) is named


def test_the_policy_says_what_is_asked_where():
    service = {"title": "Backend", "host": "render", "targets": {"staging": "a", "production": "b"},
               "urls": {"staging": "https://staging.example/app/", "production": "BACKEND_URL"}}  # fmt: skip
    smoke = [{"name": "health", "service": "backend", "path": "/healthz"},
             {"name": "late", "service": "backend", "environments": ["production"]}]  # fmt: skip
    policy = DeployPolicy.model_validate({"services": {"backend": service}, "smoke": smoke})
    assert [p.url for p in smoke_probes(policy, "staging", {})] == ["https://staging.example/app/healthz"]
    assert [p.lacking for p in smoke_probes(policy, "production", {})] == ["BACKEND_URL is not set"] * 2
    assert smoke_probes(policy, "production", {"BACKEND_URL": "ftp://x"})[0].lacking == "BACKEND_URL is no web address"
    assert [p.url for p in version_probes(policy, "staging", {})] == ["https://staging.example/app/version"]
    assert version_probes(policy, "staging", {}, "frontend") == [] == version_probes(policy, "development", {})
    assert "no address of Backend in integration" in smoke_probes(policy, "integration", {})[0].lacking
