"""SDKs that others wrote read a change from a running bot, answer as it does, and go on when it is killed."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

from bot.clock import SystemClock
from core.domain.flags.evaluation import Flags
from core.domain.flags.model import Constraint, Variant
from core.domain.flags.serving import feature_of
from core.store import flags as rows
from core.store.engines import Database
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.usecases.context import Context
from core.usecases.flags import rename
from sandbox.workspace.person import Person
from sandbox.workspace.workspace import Settings as WorkspaceSettings
from sandbox.workspace.workspace import Workspace
from tests.bot.flags.conftest import OPS, PRODUCTION, TOKENS, make, turn
from tests.bot.test_serving import environment
from tests.bot.test_serving import served as serving
from tests.plugins.witnesses import from_pip

HERE = Path(__file__).parent
INTERVAL = 1.0  # seconds; the SDK takes no shorter one
USERS = [*(f"user-{n}" for n in range(60)), "ana", "-"]


@dataclass
class Sdk:
    process: asyncio.subprocess.Process

    async def asked(self, flag: str, *users: str) -> list[str]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(" ".join((flag, *users)).encode() + b"\n")
        async with asyncio.timeout(10):
            return (await self.process.stdout.readline()).decode().split()

    async def until(self, flag: str, user: str, wanted: str) -> float:
        """Seconds until it answers so."""
        began = time.monotonic()
        while await self.asked(flag, user) != [wanted]:
            assert time.monotonic() - began < 10
            await asyncio.sleep(0.05)
        return time.monotonic() - began


@asynccontextmanager
async def unleash(packages: Path, url: str, folder: Path) -> AsyncIterator[Sdk]:
    program = [sys.executable, str(HERE / "sdk.py"), f"{url}/api", PRODUCTION, str(folder)]
    pipe = asyncio.subprocess.PIPE
    with (folder / "sdk.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *program, env={"PYTHONPATH": str(packages)}, stdin=pipe, stdout=pipe, stderr=log
        )
    try:
        yield Sdk(process)
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def another_process(folder: Path) -> AsyncIterator[Context]:
    """The same store, opened beside the bot."""
    database = Database.open(f"sqlite:///{folder / 'data' / 'release-bot.db'}")
    yield Context(Store(database, "beside"), Reads(database), SystemClock(), None, "asset-anchor")  # type: ignore[arg-type]
    await database.close()


def openfeature(url: str, user: str = "") -> bool:
    provider = OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {PRODUCTION}"}, timeout=2)
    api.set_provider(provider, "flags")
    return api.get_client("flags").get_boolean_value("search", False, EvaluationContext(user or None))


async def test_official_sdks_follow_a_change_and_outlive_the_bot(
    prepared: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cache = getattr(request.config, "cache", None)
    kept = Path(cache.mkdir("unleash-sdk")) if cache else tmp_path
    packages = from_pip(HERE / "unleash-sdk.txt", kept, "UnleashClient")
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with (
        Workspace(WorkspaceSettings(rate_scale=0, pace=0.02)) as slack,
        serving(slack, environment(slack, tmp_path, FLAG_TOKENS=TOKENS)) as bot,
        another_process(tmp_path) as ctx,
    ):
        await make(ctx, "search", "arms")
        await turn(ctx, "search", percentage=40, user_ids=("ana",))
        await turn(ctx, "arms", on=True, variants=(Variant("a", 1), Variant("b", 2)))
        await _until_seen(slack.bot_url, "ana")
        async with unleash(packages, slack.bot_url, tmp_path) as sdk:
            theirs = await sdk.asked("search", *USERS)
            ours = [await asyncio.to_thread(openfeature, slack.bot_url, u.strip("-")) for u in USERS]
            assert theirs == ["01"[on] for on in ours] and 10 < theirs.count("1") < 45
            assert (theirs[-2], theirs[-1]) == ("1", "0"), "a named person is in, and nobody without an id"
            arms = await sdk.asked("arms", *USERS[:60])
            assert arms == await _arms(ctx, "arms") and {"a", "b"} == set(arms)
            await rename(ctx, "arms", "arms.renamed", OPS)
            assert await _quickest_off(ctx, sdk, slack.person("Olu")) < 1.5 * INTERVAL
            assert not await asyncio.to_thread(openfeature, slack.bot_url, "ana")
            await turn(ctx, "search", on=True, constraints=(Constraint("userId", "STR_STARTS_WITH", ("user-1",)),))
            await sdk.until("search", "user-1", "1")
            bot.kill()
            await bot.wait()
            await asyncio.sleep(INTERVAL)
            assert await sdk.asked("search", "user-1", "user-2", "ana") == ["1", "0", "0"]
            assert await sdk.asked("arms.renamed", *USERS[:60]) == arms, "a rename moves nobody"
            assert not await asyncio.to_thread(openfeature, slack.bot_url, "user-1"), "then the code's own default"


async def _quickest_off(ctx: Context, sdk: Sdk, olu: Person) -> float:
    """Seconds from a click in Slack to the SDK's answer; a machine that is busy elsewhere has three tries."""
    taken = []
    for _ in range(3):
        await olu.types("/release flag search")
        await olu.clicks("Off at once…")
        await olu.waits_for_form()
        began = time.monotonic()
        assert await olu.submits({"reason": "payments answer 500"}) == {}
        await sdk.until("search", "ana", "0")
        taken.append(time.monotonic() - began)
        await olu.closes(everything=True)
        if taken[-1] < 1.5 * INTERVAL:
            break
        await turn(ctx, "search", user_ids=("ana",))
        await sdk.until("search", "ana", "1")
    return min(taken)


async def _arms(ctx: Context, name: str) -> list[str]:
    """What we say ourselves."""
    async with ctx.store.database.reader.connect() as conn:
        found = await rows.find(conn, name, "production")
    assert found is not None
    flags = Flags([feature_of(found.flag, found.setting)], (), ctx.clock.now)
    told = [flags.decide(name, {"userId": user}).variant for user in USERS[:60]]
    return [one.name if one else "" for one in told]


async def _until_seen(url: str, user: str) -> None:
    end = time.monotonic() + 10
    while not await asyncio.to_thread(openfeature, url, user):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
