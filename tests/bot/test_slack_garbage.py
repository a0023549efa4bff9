"""An answer that is not Slack's (a proxy's page, half a line, an empty body) is an error that may be tried again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from bot.integrations.slack import Posted, Slack, make_client, make_session
from core.errors import IntegrationError

BODIES = {
    "a page": ("text/html", "<html>please log in</html>"),
    "nothing": ("application/json", ""),
    "half a line": ("application/json", '{"ok": true, "ch'),
    "a list": ("application/json", "[1, 2]"),
    "null": ("application/json", "null"),
    "ok and nothing else": ("application/json", '{"ok": true}'),
    "other shapes": ("application/json", '{"ok": true, "channel": "C1", "ts": 5, "users": "no", "messages": {}}'),
    "bytes": ("application/octet-stream", "\x00\x01"),
}
CALLS: dict[str, Callable[[Slack], Awaitable[object]]] = {
    "post": lambda slack: slack.post("C1", "x", []),
    "identity": lambda slack: slack.identity(),
    "dm": lambda slack: slack.dm("U1"),
    "group": lambda slack: slack.group_members("S1"),
    "channel": lambda slack: slack.channel_id("releases"),
    "person": lambda slack: slack.profile("U1"),
    "look": lambda slack: slack.find("C1", "key"),
    "edit": lambda slack: slack.update(Posted("C1", "1.0"), "x", []),
}


@pytest.fixture
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Slack]:
    kind, body = BODIES[request.param]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body.encode(), content_type=kind)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    session = make_session()
    try:
        yield Slack(make_client("xoxb-1", f"http://127.0.0.1:{runner.addresses[0][1]}/api/", session))
    finally:
        await session.close()
        await runner.cleanup()


@pytest.mark.parametrize("slack", BODIES, indirect=True)
@pytest.mark.parametrize("name", CALLS)
async def test_nobody_takes_it_for_an_answer(slack: Slack, name: str, request: pytest.FixtureRequest) -> None:
    said_ok = request.node.callspec.params["slack"] in ("ok and nothing else", "other shapes")
    if name == "edit" and said_ok:
        await CALLS[name](slack)  # an edit needs no more than that
        return
    with pytest.raises(IntegrationError) as error:
        await CALLS[name](slack)
    assert error.value.retryable and error.value.doubt, "it may have been done, so it is looked for first"
