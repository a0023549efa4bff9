"""The processes of a bench: product, strict workspace, the bot under measure, a bare Bolt app; one core each side."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.adopt import adopt
from bot.app import running
from bot.settings import Settings
from core.store.engines import Database
from core.usecases.advance import Ask
from core.usecases.start import start
from sandbox.product import seed
from tests.bench.fill import fill
from tests.bench.load import Figures
from tests.policies import simulated

ROOT = Path(__file__).parents[2]
SECRET = "bench-signing-secret"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _server_core() -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setaffinity(0, {0})


def _client_core() -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@contextlib.contextmanager
def process(*args: str, port: int, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program on the first core, waited for until it listens, ended at the end."""
    child = subprocess.Popen(
        [sys.executable, *args],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        preexec_fn=_server_core,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            if child.poll() is not None:
                raise RuntimeError(f"{args} ended with {child.returncode} before it listened")
            time.sleep(0.1)
        yield child
    finally:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(20)
        child.kill()


def load(port: int, connections: int, seconds: float, text: str, expect: str) -> Figures:
    """Drive one server from the other core, in a process of its own."""
    out = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.bench.load",
            f"http://127.0.0.1:{port}",
            SECRET,
            str(connections),
            str(seconds),
            text,
            expect,
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        preexec_fn=_client_core,
    )
    return Figures(**json.loads(out.stdout))


def memory_of(child: subprocess.Popen[bytes]) -> float:
    """Resident memory of a process in MiB; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{child.pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * resource.getpagesize() / 2**20


@dataclass(frozen=True, slots=True)
class Stage:
    """What a bot process needs in its environment."""

    env: dict[str, str]
    port: int


@asynccontextmanager
async def stage(folder: Path, releases: int, entries: int, database: str = "") -> AsyncIterator[Stage]:
    """A store with one open release, `releases` closed ones and `entries` audit entries; and a workspace beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    remote = seed(folder / "product.git").remote
    slack, port = free_port(), free_port()
    url = database or f"sqlite:///{folder / 'bot.db'}"
    with process(
        "-m",
        "sandbox",
        "--port",
        str(slack),
        "--bot",
        f"http://127.0.0.1:{port}",
        "--signing-secret",
        SECRET,
        "--token",
        "xoxb-bench",
        port=slack,
    ):
        env = {
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"http://127.0.0.1:{slack}/api/",
            "DATABASE_URL": url,
            "PORT": str(port),
            "DATA_DIR": str(folder / "data"),
            "PRODUCT_REPO": str(remote),
            "LOG_LEVEL": "error",
            "RELEASE_POLICY": str(simulated()),
            "CLOCK_URL": f"http://127.0.0.1:{slack}/clock",
        }
        await one_release(env)
        base = Database.open(url)
        try:
            await fill(base, releases, entries)
        finally:
            await base.close()
        yield Stage(env, port)


def settings_of(env: dict[str, str]) -> Settings:
    return Settings(
        slack_bot_token=SecretStr(env["SLACK_BOT_TOKEN"]),
        slack_signing_secret=SecretStr(SECRET),
        slack_api_url=env["SLACK_API_URL"],
        database_url=SecretStr(env["DATABASE_URL"]),
        data_dir=Path(env["DATA_DIR"]),
        product_repo=env["PRODUCT_REPO"],
        release_policy=Path(env["RELEASE_POLICY"]),
        clock_url=env["CLOCK_URL"],
    )


async def one_release(env: dict[str, str], **more: str) -> None:
    """Production runs v1.2.2, and a minor release is started; `more` is input of the start."""
    settings = settings_of(env)
    async with running(settings, loops=False, listen=False) as app:
        await app.settle()
        await adopt(app.ctx, "U0PRIYA")
        await start(app.ctx, Ask("U0PRIYA", "start", input={"kind": "minor", **more}))
        await app.settle()


async def pause(seconds: float = 0.5) -> None:
    await asyncio.sleep(seconds)
