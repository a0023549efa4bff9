"""The product's pipeline: what it runs for a candidate, what it sends, and how it is let fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.product import seed
from sandbox.product.ci import Ci, kinds_of

TOKEN = "a-token-of-the-pipeline"


@pytest.fixture
async def heard() -> AsyncIterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """Somebody who listens: (kind, commit, body) of what came with the right token."""
    found: list[tuple[str, str, bytes]] = []

    async def listen(request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return web.Response(status=401)
        found.append((request.query["kind"], request.query["commit"], await request.read()))
        return web.Response(status=201)

    app = web.Application()
    app.router.add_post("/evidence", listen)
    async with TestServer(app) as server:
        yield str(server.make_url("/evidence")), found


@pytest.mark.parametrize(("tag", "kinds"), [
    ("v1.2.2-hotfix.1.rc.1", ("limited", "build", "migrations", "plan")),
    ("v1.2.3-rc.2", ("automated", "build", "migrations", "plan")),
    ("v1.3.0", ()), ("v1.2.2-hotfix.1", ()), ("nightly", ()),
])  # fmt: skip
def test_what_is_run_follows_from_the_number(tag: str, kinds: tuple[str, ...]) -> None:
    assert kinds_of(tag) == kinds


async def test_each_candidate_is_reported_once_and_a_job_can_be_let_fail(
    heard: tuple[str, list[tuple[str, str, bytes]]], tmp_path: Path
) -> None:
    url, found = heard
    product = seed(tmp_path / "product.git").product
    ci = Ci(product, url, TOKEN)
    assert await ci.again("performance", True) == "No candidate is tagged yet."
    product.git("tag", "v1.3.0-rc.1", "develop")
    async with aiohttp.ClientSession() as http:
        assert [await ci.look(http), await ci.look(http)] == [9, 0]
        assert [kind for kind, _, _ in found] == list(kinds_of("v1.3.0-rc.1"))
        assert {commit for _, commit, _ in found} == {product.commit_of("develop")}
        assert "its jobs are automated" in await ci.again("horoscope", True)
        assert await ci.again("performance", True) == "" and b'"value": 640' in found[-1][2]
        assert await ci.again("performance", False) == "" and b'"value": 212' in found[-1][2]
        product.git("tag", "v1.3.0-rc.2", "main")
        with pytest.raises(RuntimeError, match="401"):
            await Ci(product, url, "another").look(http)
        assert await ci.look(http) == 9
