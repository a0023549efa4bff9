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
from tests.kills.plays import Played, Walk, Worlds, whole_play
from tests.torture.world import World, world


class Quiet:
    """The same walks without a kill, each played once when it is first asked for."""

    def __init__(self, nursery: Path, folder: Path) -> None:
        self._nursery, self._folder = nursery, folder
        self._played: dict[str, Played] = {}

    async def of(self, walk: Walk) -> Played:
        name = walk.name
        if name not in self._played:
            url = f"sqlite:///{self._folder / name}.db"
            await upgrade(url)
            async with world(self._folder / name, url, self._nursery, walk.settings) as made:
                self._played[name] = await whole_play(made, walk.steps(), size=1)
        return self._played[name]


@pytest.fixture(scope="session")
def quiet(nursery: Path, tmp_path_factory: pytest.TempPathFactory) -> Quiet:
    return Quiet(nursery, tmp_path_factory.mktemp("quiet"))


@pytest.fixture
def worlds(request: pytest.FixtureRequest, nursery: Path, tmp_path: Path) -> Worlds:
    """`async with worlds("postgres") as world`: a fresh one; what the bots complained of is shown on failure."""
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
            if name and server is not None:
                server.give_back(name)

    return fresh
