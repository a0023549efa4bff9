"""`release-bot demo --auto` plays a whole minor release with nobody at the keyboard."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot import demo
from bot.demo import Plan, _for_a_terminal, _settings
from bot.policy_start import PolicyRefused

ROOT = Path(__file__).resolve().parent.parent.parent


async def test_it_ends_with_the_tag_in_the_remote_in_time_and_leaves_no_process(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"TMPDIR": str(tmp_path)}
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
    async with asyncio.timeout(60):
        told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told
    for words in ("#releases", "#product-news", "#support", "to Mira", "v1.3.0 is live", "v1.3.0 is in the remote"):
        assert words in told
    assert "Database migrations" in told and "is going to production" in told
    assert running_in(tmp_path) == []
    assert "Traceback" not in told and "rror" not in told


def test_a_shell_gets_what_the_scripts_need_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    (tmp_path / "hosts.json").write_text('{"BACKEND_URL": "http://127.0.0.1:1/it\\u0027s"}', encoding="utf-8")
    _for_a_terminal(_settings(Plan(tmp_path, 0, False), tmp_path, "http://127.0.0.1:2", 3), tmp_path)
    file = tmp_path / "settings.sh"
    shown = 'echo "$BACKEND_URL $SLACK_BOT_TOKEN $SLACK_API_URL $PRODUCT_REPO $DATA_DIR"; test -f "$RELEASE_POLICY"'
    told = subprocess.run(["sh", "-c", f". {file}; {shown}"], capture_output=True, text=True, check=True).stdout
    assert told.split()[:3] == ["http://127.0.0.1:1/it's", "xoxb-sandbox", "http://127.0.0.1:2/api/"]
    assert told.split()[3:] == [f"{tmp_path}/product.git", f"{tmp_path}/bot"]
    assert file.stat().st_mode & 0o777 == 0o600


def running_in(folder: Path) -> list[str]:
    """The command lines of processes that work somewhere in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "cmdline").read_text())
        except OSError:  # gone meanwhile, or another person's
            continue
    return found


async def test_a_sandbox_of_another_policy_is_put_aside_and_a_new_one_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "said.json").write_text("old", encoding="utf-8")
    (tmp_path / "demo-1").mkdir()
    codes: list[int | Exception] = [PolicyRefused("serial"), 0]

    async def once(plan: Plan) -> int:
        code = codes.pop(0)
        if isinstance(code, Exception):
            raise code
        assert not plan.folder.exists()
        return code

    monkeypatch.setattr(demo, "_once", once)
    assert await demo.play(Plan(folder, 0, auto=False)) == 0
    assert (tmp_path / "demo-2" / "said.json").read_text() == "old"
    assert "made with another policy" in capsys.readouterr().out
