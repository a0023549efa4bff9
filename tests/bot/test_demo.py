"""`release-bot demo --auto` plays a whole minor release with nobody at the keyboard."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


async def test_it_ends_with_the_tag_in_the_remote_in_time() -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--auto",
        cwd=ROOT,
        env=kept,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(40):
        told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told
    for words in ("#releases", "#product-news", "#support", "to Mira", "v1.3.0 is live", "v1.3.0 is in the remote"):
        assert words in told
    assert "Traceback" not in told and "rror" not in told
