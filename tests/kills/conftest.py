"""Worlds for plays, and the play without a kill that all others are compared with."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from core.store.upgrade import upgrade
from tests.kills.plays import Played, Worlds, whole_play
from tests.torture.walk import minor
from tests.torture.world import World, world


@pytest.fixture(scope="session")
def quiet_minor(nursery: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A minor release that nobody disturbs."""
    folder = tmp_path_factory.mktemp("quiet")
    url = f"sqlite:///{folder / 'bot.db'}"

    async def undisturbed() -> Played:
        await upgrade(url)
        async with world(folder, url, nursery) as made:
            return await whole_play(made, minor(), size=1)

    return asyncio.run(undisturbed())


@pytest.fixture
def worlds(request: pytest.FixtureRequest, nursery: Path, tmp_path: Path) -> Worlds:
    """`async with worlds("postgres") as world`: each time a fresh one; what the bots complained of is shown on failure."""
    numbers = itertools.count()
    server = request.getfixturevalue("postgres") if request.node.get_closest_marker("postgres") else None

    @asynccontextmanager
    async def fresh(kind: str, **slack: Any) -> AsyncIterator[World]:
        folder = tmp_path / f"world-{next(numbers)}"
        folder.mkdir()
        name, url = "", f"sqlite:///{folder / 'bot.db'}"
        if kind == "postgres":
            assert server is not None, "mark the test with postgres"
            name = await asyncio.to_thread(server.take)
            url = server.url(name)
        else:
            await upgrade(url)
        try:
            async with world(folder, url, nursery, **slack) as made:
                try:
                    yield made
                except BaseException:
                    print("\n".join(made.complaints())[-6000:])
                    raise
        finally:
            if name:
                server.give_back(name)

    return fresh
