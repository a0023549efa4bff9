"""An answer is read whole up to a size, and no further."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.integrations.bounded import Endless, whole


async def test_an_answer_is_read_whole_and_one_that_is_too_long_is_left() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 600_000)

    app = web.Application()
    app.router.add_get("/", answer)
    async with TestServer(app) as server, ClientSession() as session:
        async with session.get(server.make_url("/")) as told:
            assert len(await whole(told, 600_000)) == 600_000
        async with session.get(server.make_url("/")) as told:
            with pytest.raises(Endless):
                await whole(told, 599_999)
