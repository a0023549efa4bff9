"""The adapter of Vercel against a Vercel that others wrote, as far as that goes, and where it differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.integrations.hosts import Vercel, VercelSettings
from bot.integrations.hosts.calling import Address
from core.errors import IntegrationError
from tests.bot.integrations.github.emulated import installed, served
from tests.bot.integrations.hosts.conftest import NEW, OLD

TOKEN, LOGIN = "vercel_witness_0123456789", "release-bot"
SEED = {"tokens": {TOKEN: {"login": LOGIN, "scopes": []}}, "vercel": {"users": [{"username": LOGIN}]}}


@pytest.fixture(scope="module")
def witness(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the witness, started once."""
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("emulate-0.11.2") if cache else tmp_path_factory.mktemp("emulate")
    with served(installed(Path(folder)), tmp_path_factory.mktemp("witness"), "vercel", SEED) as url:
        yield url


async def called(session: aiohttp.ClientSession, method: str, url: str, body: Any = None) -> tuple[int, Any]:
    async with session.request(method, url, json=body, headers={"authorization": f"Bearer {TOKEN}"}) as answer:
        return answer.status, await answer.json()


async def test_what_others_take_for_vercel_takes_us_for_a_client(
    witness: str, session: aiohttp.ClientSession
) -> None:
    linked = {"name": "web", "gitRepository": {"type": "github", "repo": "acme/web", "repoId": 42}}
    status, project = await called(session, "POST", f"{witness}/v11/projects", linked)
    assert status == 200, project
    address = Address("vercel", "Vercel", f"{witness}/", TOKEN)
    host = Vercel(VercelSettings(address, repository="acme/web"), session)
    since = datetime.now(UTC) - timedelta(seconds=5)
    assert await host.live("web") is None
    made = await host.deploy("web", OLD, key="1:web:1")
    assert (made.commit, made.key) == (OLD, "1:web:1")
    seen = await host.look("web", made.id)
    assert (seen.state, seen.share) == ("live", 100), "it builds nothing and gives the traffic at once"
    newer = await host.deploy(project["id"], NEW, key="2:web:1")
    found = await host.find("web", NEW, key="2:web:1", since=since)
    assert found is not None and found.id == newer.id
    serving = await host.live("web")
    assert serving is not None and serving.commit == NEW
    assert (await host.look("web", made.id)).state == "replaced"
    assert "Deployment ready" in await host.tail("web", newer.id)
    with pytest.raises(IntegrationError) as missing:
        await host.look("web", "dpl_nothing")
    assert missing.value.facts["reason"] == "missing"
    with pytest.raises(IntegrationError) as over:
        await host.cancel("web", newer.id)
    assert not over.value.retryable

    # Where it is no witness: it takes any commit, and knows no way back, no promotion and no rolling release.
    assert (await host.deploy("web", "0" * 40, key="3:web:1")).commit == "0" * 40
    for path in (f"v1/projects/web/rollback/{made.id}", f"v10/projects/web/promote/{made.id}"):
        async with session.post(f"{witness}/{path}", headers={"authorization": f"Bearer {TOKEN}"}) as answer:
            assert answer.status == 404
