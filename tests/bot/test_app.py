"""The bot as a whole: the same on both databases, joined once, stopped in order."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest

from bot.adopt import adopt
from bot.opening import NotUpgraded, prepare_database
from bot.socket_mode import SocketMode
from core.store.tables import outbox as rows
from core.store.upgrade import needs_upgrade
from tests.bot.conftest import Stages


async def test_a_release_starts_on_both_databases(stages: Stages, database_url: str) -> None:
    async with stages(database_url=database_url) as stage:
        await adopt(stage.app.ctx, "U0PRIYA")
        await stage.app.edge.events.read_groups()
        await stage.start_minor()
        assert stage.posts_about("Priya started v1.3.0") == 1
        async with stage.app.ctx.store.database.reader.connect() as conn:
            assert (await conn.execute(rows.select().where(rows.c.open.is_(True)))).all() == []


async def test_an_empty_store_is_filled_on_sqlite_and_refused_on_postgresql(empty_url: str) -> None:
    """Several machines share a PostgreSQL: there the platform's release phase upgrades, before any process starts."""
    if empty_url.startswith("sqlite"):
        await prepare_database(empty_url)
        assert not await needs_upgrade(empty_url)
    else:
        with pytest.raises(NotUpgraded, match="db upgrade"):
            await prepare_database(empty_url)


async def test_a_stop_gives_back_what_was_claimed_and_not_begun(stages: Stages) -> None:
    async with stages(pace_scale=1.0) as stage:
        for number in range(3):
            await stage.post(f"post {number}", lane=f"lane {number}")
        await stage.app.outbox.claim()  # the second and third wait for their slot in the channel's pace
        await stage.app.outbox.drain(0.7)  # time for the first one, less than the slot of the second
        async with stage.app.ctx.store.database.reader.connect() as conn:
            states = {row.state for row in (await conn.execute(rows.select())).all()}
        assert states <= {"ready", "done"}


class Handler:
    """A Socket Mode handler whose connection is lost."""

    made: ClassVar[list[Handler]] = []

    def __init__(self, *args: object, **more: object) -> None:
        self.made.append(self)
        self.client = self
        self.closed = False

    async def connect_async(self) -> None:
        if len(self.made) == 2:
            raise OSError("no network")

    async def is_connected(self) -> bool:
        return len(self.made) == 3

    async def close_async(self) -> None:
        self.closed = True


async def test_a_lost_socket_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.socket_mode.AsyncSocketModeHandler", Handler)
    monkeypatch.setattr("bot.socket_mode.LOOK_EVERY", 0.01)
    monkeypatch.setattr("bot.socket_mode.GIVE_UP_AFTER", 0.03)
    Handler.made.clear()
    socket = SocketMode(None, "xapp-1", "http://127.0.0.1:9/api/")  # type: ignore[arg-type]
    running = asyncio.create_task(socket.run())
    async with asyncio.timeout(5):
        while not socket.connected:  # noqa: ASYNC110  (a plain flag, looked at by /readyz)
            await asyncio.sleep(0.01)
    assert [handler.closed for handler in Handler.made] == [True, True, False]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert Handler.made[-1].closed
