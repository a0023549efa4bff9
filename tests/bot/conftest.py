"""The bot and the sandbox workspace in one process: real HTTP, real signatures, a real git remote, no loops."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import Result
from typer.testing import CliRunner

from bot.adopt import adopt
from bot.app import App, running
from bot.cli import make_cli
from bot.clock import HandClock
from bot.settings import Settings
from core.store import outbox
from core.store.tables import outbox as rows
from core.usecases.advance import Ask, Done
from core.usecases.start import start
from handlers.request import Answer, Request
from sandbox.product.remote import Product
from sandbox.product.seed import seed
from sandbox.workspace.workspace import Settings as WorkspaceSettings
from sandbox.workspace.workspace import Workspace
from tests.policies import simulated

POLICY = simulated()
Run = Callable[..., Result]
UNSET = (
    "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "DATABASE_URL", "RELEASE_BOT_AS", "GIT_AUTHOR_EMAIL", "GITHUB_TOKEN",
)  # fmt: skip


@dataclass
class Stage:
    """One workspace with one bot in it; `forgiven` are troubles that a test means to cause."""

    slack: Workspace
    app: App
    clock: HandClock
    product: Product
    forgiven: list[str] = field(default_factory=list)

    async def start_minor(self, actor: str = "U0PRIYA") -> Done:
        """A minor release, with its card posted."""
        done = await start(self.app.ctx, Ask(actor, "start", input={"kind": "minor"}))
        await self.app.settle()
        return done

    async def post(self, text: str, place: str = "team", lane: str = "test", **more: object) -> int:
        """An outbox row about no release."""
        body = {"place": place, "moment": "outside", "data": {"actor": "U0PRIYA", "reason": text, "names": {}}}

        async def work(unit):  # type: ignore[no-untyped-def]
            await unit.lock(["outside"])
            return await unit.outbox(lane, "slack.post", body, cause="outside", **more)

        return await self.app.ctx.store.unit(work, verb="test.post", chains=["outside"])

    def texts(self, channel: str = "releases") -> list[str]:
        return [message.text for message in self.slack.messages(channel)]

    def subjects(self, channel: str = "releases") -> list[str]:
        """What `post` was asked to say, in the order in which it stands."""
        return [text.rstrip(".”").split("“")[-1] for text in self.texts(channel)]

    def posts_about(self, text: str, channel: str = "releases") -> int:
        return sum(text in said for said in self.texts(channel))

    async def row(self, row_id: int):  # type: ignore[no-untyped-def]
        async with self.app.ctx.store.database.reader.connect() as conn:
            return (await conn.execute(rows.select().where(rows.c.id == row_id))).one()

    async def stuck(self) -> int:
        async with self.app.ctx.store.database.reader.connect() as conn:
            return len(await outbox.stuck(conn))


def make_settings(slack: Workspace, folder: Path, **more: object) -> Settings:
    """Settings of a bot in this workspace."""
    values: dict[str, object] = {
        "slack_bot_token": slack.settings.token,
        "slack_signing_secret": slack.settings.signing_secret,
        "slack_api_url": slack.api_url,
        "data_dir": folder / "data",
        "product_repo": str(folder / "remote.git"),
        "release_policy": POLICY,
        "port": 0,
        "settle_seconds": 0.3,
        "pace_scale": 0,
        "log_level": "warning",
    }
    return Settings(**values | more)


@pytest.fixture(autouse=True)
def quick_logs() -> Iterator[None]:
    """Through the standard library, without the pictures of local variables that take seconds to draw."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    yield
    structlog.reset_defaults()


Stages = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository, and a store in which production is known; each test has a copy."""
    folder = tmp_path_factory.mktemp("prepared")
    seed(folder / "remote.git")

    async def adopted() -> None:
        async with (
            Workspace(WorkspaceSettings(rate_scale=0)) as slack,
            running(make_settings(slack, folder), loops=False, listen=False, clock=HandClock(slack.clock.now())) as app,
        ):
            await adopt(app.ctx, "U0PRIYA")
            await app.edge.events.read_groups()
            await app.settle()

    asyncio.run(adopted())
    return folder


@pytest.fixture
def stages(prepared: Path, tmp_path: Path) -> Stages:
    """Opens a stage; the settings given go to the bot."""

    @asynccontextmanager
    async def opened(**more: object) -> AsyncIterator[Stage]:
        shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
        async with Workspace(WorkspaceSettings(rate_scale=0, pace=0.02)) as slack:
            clock = HandClock(slack.clock.now())
            async with running(make_settings(slack, tmp_path, **more), loops=False, clock=clock) as app:
                assert app.listener is not None
                slack.bot_url = app.listener.address
                yield Stage(slack, app, clock, Product(tmp_path / "remote.git"))

    return opened


@pytest.fixture
async def stage(stages: Stages) -> AsyncIterator[Stage]:
    """A stage that fails the test when something unexpected went over the wire."""
    async with stages() as made:
        yield made
        await made.app.replies.after.idle()
        assert [trouble for trouble in made.slack.unexpected() if trouble not in made.forgiven] == []


@pytest.fixture
def answers(stage: Stage) -> Callable[[Any], list[Request]]:
    """Put an answer, or a function that makes one, in the place of the handlers; returns what they were asked."""

    def put(answer: Answer | Callable[[Request], Awaitable[Answer]]) -> list[Request]:
        asked: list[Request] = []

        async def dispatch(request: Request) -> Answer:
            asked.append(request)
            return answer if isinstance(answer, Answer) else await answer(request)

        stage.app.edge.dispatch = dispatch
        return asked

    return put


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Types a command; what it set up for logging is undone."""
    seed(tmp_path / "remote.git")
    for name, value in {
        "DATA_DIR": tmp_path / "data",
        "PRODUCT_REPO": tmp_path / "remote.git",
        "RELEASE_POLICY": POLICY,
        "LOG_LEVEL": "error",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, str(value))
    for name in UNSET:
        monkeypatch.delenv(name, raising=False)
    handlers = list(logging.getLogger().handlers)

    def typed(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(make_cli(), list(words))
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    yield typed
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()
