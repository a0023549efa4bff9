"""`python -m sandbox` serves a workspace of its own and stops when told to."""

from __future__ import annotations

import asyncio
import re
import signal
import sys

import aiohttp

from sandbox.__main__ import settings_of


def test_the_command_line_is_read() -> None:
    settings = settings_of(
        ["--port", "8900", "--bot", "http://127.0.0.1:8901/", "--token", "t", "--signing-secret", "s"]
    )
    assert (settings.port, settings.bot_url, settings.token, settings.signing_secret) == (
        8900,
        "http://127.0.0.1:8901",
        "t",
        "s",
    )
    assert settings.host == "127.0.0.1"


async def test_it_serves_and_stops() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    first = (await asyncio.wait_for(process.stdout.readline(), 15)).decode()
    found = re.search(r"http://\S+", first)
    assert found is not None, first
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{found.group()}/sandbox/health") as answer:
            assert (await answer.json())["ok"] is True
        async with session.get(found.group()) as answer:
            assert answer.status == 200, "the page is served at the root"
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.communicate(), 10)  # to the end of its output, so that no pipe outlives the loop
    assert process.returncode == 0
