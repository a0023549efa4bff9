"""The demo: the sandbox as a process of its own, and this process as the bot in it, by the production path."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

from bot.adopt import adopt
from bot.app import App, running
from bot.clock import SandboxClock
from bot.collector import leave_out_what_stays
from bot.integrations.slack import make_session
from bot.logging import configure_logging
from bot.manifest import SHORTCUTS
from bot.past.keeping import lived
from bot.policy_start import PolicyRefused
from bot.settings import Settings
from core.errors import ReleaseBotError
from core.store import environments
from core.store.upgrade import current
from handlers.views.writing import counted
from handlers.words import WORDS

START_OVER = 75  # the sandbox's exit code when a person pressed "Start over"
TOKEN, SIGNING_SECRET = "xoxb-sandbox", "sandbox-signing-secret"
CI = "ci:sandbox-pipeline-token-of-the-demo"  # what the sandbox's pipeline shows
POLICY = Path(__file__).resolve().parent.parent / "release_policy.toml"
ADOPTED_BY = "U0PRIYA"
UP_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the demo was asked for."""

    folder: Path
    port: int
    auto: bool
    smooth: bool = False  # production has no data that the version to come fails with
    history: int = 0  # weeks that the team has behind it


class SandboxDown(ReleaseBotError):
    """The sandbox did not start."""


async def play(plan: Plan) -> int:
    """Until Ctrl-C, or with `auto` until the release is out; returns the exit code."""
    if plan.auto:
        with tempfile.TemporaryDirectory(prefix="release-demo-") as folder:
            return await _once(replace(plan, folder=Path(folder), port=0))
    while True:
        try:
            code = await _once(plan)
        except PolicyRefused:
            aside = await asyncio.to_thread(_put_aside, plan.folder)
            _say(f"The sandbox in {plan.folder} was made with another policy. It is kept in {aside}; a new one begins.")
            continue
        if code != START_OVER:
            return code
        await asyncio.to_thread(shutil.rmtree, plan.folder)


def _put_aside(folder: Path) -> Path:
    """Rename a folder to the first free name beside it."""
    aside = next(p for n in count(1) if not (p := folder.with_name(f"{folder.name}-{n}")).exists())
    return folder.rename(aside)


async def _once(plan: Plan) -> int:
    folder = plan.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    bot_port = _free_port()
    sandbox, url = await _sandbox(plan, folder, bot_port)
    try:
        _hear_of_hosts(folder)
        settings = _settings(plan, folder, url, bot_port)
        configure_logging(settings)
        _for_a_terminal(settings, folder)
        await _behind(plan, settings)
        async with running(settings) as app:
            await _prepare(app)
            leave_out_what_stays()
            if plan.auto:
                return await _played(url, folder)
            _say(f"The sandbox is open: {url}\nCtrl-C ends it; your releases are kept in {plan.folder}.")
            return await _until_over(sandbox)
    finally:
        await _end(sandbox)


async def _behind(plan: Plan, settings: Settings) -> None:
    """The weeks before today, played into a store that nobody has used yet."""
    if not plan.history:
        return
    if await current(settings.database) is not None:
        _say(f"{plan.folder} has a past already; what happened before is only played into a new folder.")
        return
    async with make_session() as session:
        clock = SandboxClock(str(settings.clock_url), "history", session)
        await clock.read()
    await asyncio.to_thread(settings.data_dir.mkdir, parents=True, exist_ok=True)
    _say(f"Playing {counted(plan.history, 'week')} of releases; that takes about a second for each.")
    policy = await asyncio.to_thread(POLICY.read_text, encoding="utf-8")
    months: set[str] = set()

    def told(at: datetime) -> None:
        if (month := f"{at:%B %Y}") not in months:
            months.add(month)
            _say(f"  {month}")

    await lived(settings.data_dir, policy, plan.history, clock.now(), told)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _sandbox(plan: Plan, folder: Path, bot_port: int) -> tuple[asyncio.subprocess.Process, str]:
    """Start the sandbox by name: it imports none of our houses, and we none of its."""
    words = folder / "words.json"
    words.write_text(json.dumps(_offered()), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox.demo",
        "--folder",
        str(folder),
        "--port",
        str(plan.port),
        "--bot",
        f"http://127.0.0.1:{bot_port}",
        "--ci-token",
        CI.partition(":")[2],
        "--words",
        str(words),
        *(("--rate-scale", "0") if plan.auto else ()),
        *(("--smooth",) if plan.auto or plan.smooth else ()),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None  # asked for above
    async with asyncio.timeout(UP_WITHIN):
        line = (await process.stdout.readline()).decode()
    if not line.startswith("http"):
        raise SandboxDown("The sandbox did not start; the reason stands above.")
    return process, line.strip()


def _hear_of_hosts(folder: Path) -> None:
    """The sandbox's hosts take the place of any others; `python` of the policy's commands is ours."""
    told: dict[str, str] = json.loads((folder / "hosts.json").read_text(encoding="utf-8"))
    os.environ.update(told, PATH=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))


def _for_a_terminal(settings: Settings, folder: Path) -> None:
    """What a shell reads to use release-bot and the scripts on this workspace from any folder."""
    told: dict[str, str] = json.loads((folder / "hosts.json").read_text(encoding="utf-8"))
    own = ("slack_api_url", "clock_url", "product_repo", "data_dir", "release_policy", "pace_scale")
    told |= {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SIGNING_SECRET}
    told |= {name.upper(): str(getattr(settings, name)) for name in own}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in told.items()]
    lines.append(f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    path = folder / "settings.sh"
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _offered() -> dict[str, object]:
    """What the page completes and offers: our words and shortcuts."""
    words = [{"word": word.word, "note": word.does} for word in WORDS]
    kinds = {"global": "global", "message": "message"}
    return {
        "commands": [
            {"command": "/release", "description": "Start, sign off, ship and follow releases", "words": words}
        ],
        "shortcuts": [
            {"callback_id": s.callback_id, "name": s.name, "type": kinds[s.kind]} for s in SHORTCUTS
        ],
    }


def _settings(plan: Plan, folder: Path, url: str, port: int) -> Settings:
    return Settings(
        slack_bot_token=TOKEN,
        slack_signing_secret=SIGNING_SECRET,
        slack_app_token=None,
        slack_api_url=f"{url}/api/",
        clock_url=f"{url}/clock",
        data_dir=folder / "bot",
        database_url=None,
        product_repo=str(folder / "product.git"),
        evidence_tokens=CI,
        release_policy=POLICY,
        host="127.0.0.1",
        port=port,
        log_level=os.environ.get("LOG_LEVEL", "error"),
        settle_seconds=2.0,
        pace_scale=0.0 if plan.auto else 0.1,
        simulated_seconds=0.2 if plan.auto else 1.0,
        simulated_fault=os.environ.get("SIMULATED_FAULT", ""),
    )


async def _prepare(app: App) -> None:
    """What production runs is recorded once; groups are read before anybody clicks."""
    async with app.ctx.store.database.reader.connect() as conn:
        known = await environments.load(conn, app.ctx.product, "production")
    if not known.version:
        await adopt(app.ctx, ADOPTED_BY)
    await app.edge.events.read_groups()


async def _played(url: str, folder: Path) -> int:
    """The player is a process too: it only knows the sandbox's page and the repository."""
    player = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.auto", "--sandbox", url, "--remote", str(folder / "product.git")
    )
    return await player.wait()


async def _until_over(sandbox: asyncio.subprocess.Process) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stopped, gone = asyncio.create_task(stop.wait()), asyncio.create_task(sandbox.wait())
    await asyncio.wait((stopped, gone), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if gone.done():
        return gone.result()
    gone.cancel()
    return 0


async def _end(sandbox: asyncio.subprocess.Process) -> None:
    if sandbox.returncode is None:
        sandbox.terminate()
        try:
            async with asyncio.timeout(5.0):
                await sandbox.wait()
        except TimeoutError:
            sandbox.kill()
            await sandbox.wait()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
