"""What all hosts share: when to come again, where the token goes, and what is taken for ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.integrations.hosts import calling
from bot.integrations.hosts.calling import Address, Line, chosen, instant
from core.domain.pipeline.hosted import Deployed
from core.errors import IntegrationError

DATE = "Mon, 23 Nov 2026 03:00:00 GMT"
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 1.0),
        ({"retry-after": "999999"}, 3600.0),
        ({"retry-after": "soon"}, 30.0),
        ({"retry-after": "nan"}, 30.0),
        ({"ratelimit-reset": "42"}, 42.0),
        ({"x-ratelimit-reset": str(int(AT.timestamp()) + 90), "date": DATE}, 90.0),
        ({"x-ratelimit-reset": str(int(AT.timestamp()) + 90)}, 30.0),
        ({}, 30.0),
    ],
)
def test_when_a_host_may_be_asked_again(headers: dict[str, str], wait: float) -> None:
    assert calling._wait(headers) == wait


def test_instants_as_hosts_write_them() -> None:
    assert instant("2026-11-23T03:00:00Z") == instant(AT.timestamp() * 1000) == AT
    assert instant("2026-11-23T03:00:00") == AT
    assert instant(None) is None
    with pytest.raises(ValueError, match="tomorrow"):
        instant("tomorrow")


def test_ours_by_its_key_else_the_newest_of_the_commit() -> None:
    def one(id: str, commit: str, key: str = "", minutes: int = 0) -> Deployed:
        return Deployed(id, "live", commit, created_at=AT + timedelta(minutes=minutes), key=key)

    found = [one("4", "b"), one("3", "a"), one("2", "a", "ours"), one("1", "a", minutes=-9)]
    assert (chosen(found, "a", "ours", AT) or found[0]).id == "2"
    assert (chosen(found, "a", "", AT) or found[0]).id == "3"
    assert chosen(found[3:], "a", "", AT) is None, "that was before"
    assert chosen(found, "c", "ours", AT) is None


async def test_the_token_stays_and_a_flood_ends(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LARGEST_ANSWER", 1000)
    monkeypatch.setattr(calling, "BREATH", 0.0)
    seen: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        if request.path == "/api/away":
            raise web.HTTPFound("/elsewhere")
        if request.path == "/api/rude":
            return web.json_response({"message": "no: geheim\u202e\n" + "x" * 900}, status=403)
        return web.Response(text="[" + " " * 5000 + "]")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        line = Line(Address("x", "Xenon", url, "geheim"), session, lambda told: str(told["message"]))
        for path, reason in (("away", "refused"), ("rude", "denied"), ("flood", "down")):
            with pytest.raises(IntegrationError) as failed:
                await line.get(path)
            assert failed.value.facts["reason"] == reason
            assert "geheim" not in str(failed.value) and len(str(failed.value)) < 400
        assert seen == ["/api/away", "/api/rude", "/api/flood", "/api/flood"]
    finally:
        await runner.cleanup()
