"""`release-bot serve` as a process: it answers, delivers, and stops cleanly on SIGTERM."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from core.store.engines import Database
from core.store.tables import outbox as rows
from sandbox.workspace.workspace import Settings as WorkspaceSettings
from sandbox.workspace.workspace import Workspace
from tests.bot.conftest import POLICY

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(slack: Workspace, folder: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": slack.settings.token,
        "SLACK_SIGNING_SECRET": slack.settings.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "DATA_DIR": str(folder / "data"),
        "PRODUCT_REPO": str(folder / "remote.git"),
        "RELEASE_POLICY": str(POLICY),
        "PORT": "0",
        "SETTLE_SECONDS": "0.5",
        "PACE_SCALE": "0",
        **more,
    }


@asynccontextmanager
async def served(slack: Workspace, env: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A serving bot that the workspace knows."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "serve",
        env=env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        slack.bot_url = line.split(": ")[1].strip().removesuffix("/slack/events")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
async def slack(prepared: Path, tmp_path: Path) -> AsyncIterator[Workspace]:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    async with Workspace(WorkspaceSettings(rate_scale=0, pace=0.02)) as workspace:
        yield workspace


async def test_it_answers_posts_and_stops_cleanly(slack: Workspace, tmp_path: Path) -> None:
    env = environment(slack, tmp_path)
    async with served(slack, env) as bot:
        priya = slack.person("Priya")
        assert (await priya.types("/release help")).ok
        assert (await priya.types("/release start minor")).ok
        await slack.until(lambda: len(slack.messages("releases")) >= 2, 10)
        async with aiohttp.ClientSession() as session, session.get(f"{slack.bot_url}/readyz") as ready:
            assert ready.status == 200
        slack.faults.add(
            "chat.postMessage", "answer_late", seconds=1.5
        )  # a delivery is under way when it is told to stop
        await priya.types("/release concern 1.3.0 the search is slow")
        await slack.until(lambda: any("slow" in m.text for m in slack.messages("releases")), 10)
        bot.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await bot.wait() == 0
    database = Database.open(f"sqlite:///{tmp_path / 'data' / 'release-bot.db'}")
    async with database.reader.connect() as conn:
        left = (await conn.execute(rows.select().where(rows.c.open.is_(True)))).all()
    await database.close()
    assert [row.state for row in left if row.state == "sending"] == []
    assert list((tmp_path / "data" / "workers").iterdir()) == []


async def test_a_killed_bot_s_claims_go_on_at_once(slack: Workspace, tmp_path: Path) -> None:
    """SIGKILL right after Slack took the card; the next process finds it instead of posting it again."""
    env = environment(slack, tmp_path)
    async with served(slack, env | {"RELEASE_BOT_FAIL": "call.after:slack.post=kill@1"}) as bot:
        await slack.person("Priya").types("/release start minor")
        async with asyncio.timeout(20):
            assert await bot.wait() == -signal.SIGKILL
    async with served(slack, env):
        await slack.until(lambda: len(slack.messages("releases")) >= 2, 20)
        await asyncio.sleep(0.5)
        cards = [m for m in slack.messages("releases") if not m.is_reply]
        assert len(cards) == 1
