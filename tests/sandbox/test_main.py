"""`python -m sandbox` serves a workspace of its own and stops when told to."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from pathlib import Path

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


async def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "words.json").write_text('{"commands": [], "shortcuts": []}', encoding="utf-8")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox.demo", "--folder", str(tmp_path), "--port", str(port),
            "--bot", "http://127.0.0.1:9", "--words", str(tmp_path / "words.json"),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, said) == (1, b"")
    assert complained.decode().startswith(f"Port {port} is taken")
    assert b"Traceback" not in complained
    assert b"Unclosed" not in complained
