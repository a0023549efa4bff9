"""Bad surroundings: a repository that refuses, a store that is busy, a policy or setting that is wrong."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from sandbox.product import RemoteFaults
from tests.scenarios.driver import FIX, HOTFIX, POLICY, Team

LAST = "Approve (last signature)"


# --- the repository -------------------------------------------------------------------------------------------------


async def test_a_remote_that_refuses_the_push_moves_nothing_and_says_whose_words_those_are(due: Team) -> None:
    play = due
    faults = RemoteFaults(play.product.path)
    faults.protect("main", "main is protected: ask the owners of the repository")
    before = play.product.refs()
    await play.says("priya", "go 1.3.0")
    await play.priya.clicks("Go")
    await play.settles()
    await play.priya.closes(everything=True)
    assert play.product.refs() == before, "no ref has moved"
    assert await play.phase("1.3.0") == "preparation" or not (await play.facts("1.3.0"))["promotion_sha"]
    told = "\n".join([*play.thread("1.3.0"), play.card_text("1.3.0"), await play.says("dana", "why 1.3.0")])
    assert "main is protected: ask the owners of the repository" in told, told
    assert not any("is live" in t for t in play.channel("releases"))
    faults.heal()
    await play.says("priya", "go 1.3.0")
    if play.priya.form:
        await play.priya.clicks("Go")
        await play.settles()
    await play.signs("1.3.0", "deployed")
    assert await play.phase("1.3.0") == "post-release"
    assert sum("v1.3.0 is live" in t for t in play.channel("product-news")) == 1


async def test_a_remote_that_is_away_is_named_and_work_goes_on_when_it_is_back(minor: Team) -> None:
    play = minor
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    away = play.product.path.with_name("away.git")
    play.product.path.rename(away)
    assert "v1.3.0" in await play.says("dana", "status")
    play.product.path.mkdir()
    (play.product.path / "gone").touch()
    told = await play.says("theo", "candidate 1.3.0")
    assert "Something in me failed" not in told
    (play.product.path / "gone").unlink()
    play.product.path.rmdir()
    away.rename(play.product.path)
    await play.settles()
    await play.ships("1.3.0")
    assert play.product.commit_of("refs/tags/v1.3.0")


async def test_somebody_pushes_to_main_meanwhile_and_go_is_refused_with_the_commits_name(due: Team) -> None:
    play = due
    hot = play.product.commit("main", "app/hot.py", "x = 1\n", author="Kim", subject="Hot patch straight to main")
    before = play.product.refs()
    said = [await play.says("priya", "go 1.3.0")]
    if play.priya.form:
        await play.priya.clicks("Go")
        await play.settles()
        said.append(play.priya.reads(play.priya.form) if play.priya.form else "")
        await play.priya.closes(everything=True)
    assert await play.phase("1.3.0") == "preparation"
    told = "\n".join([*said, play.priya.private(), *map(play.priya.reads, play.priya.dm()), *play.thread("1.3.0")])
    assert hot[:7] in told or "Hot patch straight to main" in told, told
    assert "Kim" in told and play.product.refs() == before


async def test_a_conflict_into_develop_is_named_and_does_not_stop_the_release(hotfix: Team) -> None:
    play = hotfix
    play.product.commit("develop", FIX[0], "TIMEOUT = 99\n", author="Kim", subject="fix: another timeout (AA-300)")
    await play.theo.clicks("Approve", within="dm")
    await play.settles()
    await play.olu.clicks(LAST, within="dm")
    await play.settles()
    await play.to_the_hour(HOTFIX)
    await play.says("olu", f"go {HOTFIX}")
    await play.olu.clicks("Go")
    await play.settles()
    told = "\n".join([*play.thread(HOTFIX), play.card_text(HOTFIX)])
    assert FIX[0] in told and "conflict" in told.casefold(), told
    assert "Something in me failed" not in told


# --- the store ------------------------------------------------------------------------------------------------------


async def test_a_busy_database_says_so_and_keeps_nothing_half(minor: Team) -> None:
    play = minor
    path = play.app.settings.database.removeprefix("sqlite:///")
    lines = len(play.thread("1.3.0"))
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        await play.theo.types("/release hold 1.3.0 waiting for the bank")
        assert time.monotonic() - started < 3
        told = play.theo.private()
        other.execute("ROLLBACK")
    assert "could not save that, so nothing happened" in told or "takes longer" in told, told
    await play.settles()
    if "nothing happened" in told:
        assert not (await play.facts("1.3.0"))["hold"] and len(play.thread("1.3.0")) == lines
    assert "on hold" in await play.says("theo", "hold 1.3.0 waiting for the bank")
    assert sum("waiting for the bank" in line for line in play.thread("1.3.0")) == 1


# --- the bot refuses to start -----------------------------------------------------------------------------------------


def serve(tmp_path: Path, policy: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """`release-bot serve` with these settings; it is expected to end by itself."""
    file = tmp_path / "policy.toml"
    file.write_text(POLICY.read_text() if policy is None else policy)
    known = {
        "SLACK_BOT_TOKEN": "xoxb-secret-of-the-bot", "SLACK_SIGNING_SECRET": "s" * 32, "PRODUCT_REPO": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}", "RELEASE_POLICY": str(file), "PORT": "0",
        "DATA_DIR": str(tmp_path / "data"), "SLACK_API_URL": "http://127.0.0.1:1/api/",
    } | settings  # fmt: skip
    env = {**os.environ, **{name: value for name, value in known.items() if value}}
    return subprocess.run(
        [sys.executable, "-m", "bot", "serve"], env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_wrong_policy_is_refused_with_every_line_that_is_wrong(tmp_path: Path) -> None:
    text = POLICY.read_text()
    wrong = text.replace('role = "product_manager" }]', 'role = "pope" }]').replace("anchor = 2026-12-02", "anchor = 7")
    ended = serve(tmp_path, wrong)
    assert ended.returncode == 2, ended
    lines = wrong.splitlines()
    for part, why in (("pope", "release_manager"), ("anchor = 7", "anchor")):
        number = next(n for n, line in enumerate(lines, start=1) if part in line)
        assert any(f"line {number}," in told and why in told for told in ended.stderr.splitlines()), ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def test_wrong_settings_are_refused_by_name_and_secrets_are_not_shown(tmp_path: Path) -> None:
    ended = serve(
        tmp_path, SLACK_BOT_TOKEN="secret-without-its-beginning", PORT="99999", DATABASE_URL="oracle://u:pw@h/x"
    )
    assert ended.returncode == 2
    for name in ("SLACK_BOT_TOKEN", "PORT", "DATABASE_URL"):
        assert name in ended.stderr, ended.stderr
    assert "secret-without" not in ended.stderr and "pw" not in ended.stderr.replace("pwd", "")
    assert "Traceback" not in ended.stderr + ended.stdout
