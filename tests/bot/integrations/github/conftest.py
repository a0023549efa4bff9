"""The adapter against the sandbox's forge, with a real bare repository, and against a witness that others wrote."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.github.records import Token
from sandbox.github.server import GitHubServer, Settings
from sandbox.product.remote import Product
from sandbox.product.seed import empty
from tests.bot.integrations.github.emulated import Emulated, installed, served
from tests.bot.integrations.github.worlds import OWNER, REPOSITORY, TOKEN, Sandbox, World, adapter, watched_session

NUMBERS = itertools.count(1)


def planted(path: Path) -> Product:
    """A bare repository with one commit on main."""
    product = empty(path)
    stream = b"commit refs/heads/main\ncommitter T <t@x.example> 1760000000 +0000\ndata 5\nStart\n"
    product.git("fast-import", "--quiet", "--done", stdin=stream + b"M 100644 inline a.txt\ndata 1\na\ndone\n")
    return product


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository to copy: quicker than making one."""
    return planted(tmp_path_factory.mktemp("planted") / "remote.git").path


@asynccontextmanager
async def sandbox(template: Path, folder: Path) -> AsyncIterator[Sandbox]:
    product = Product(Path(shutil.copytree(template, folder / "remote.git")))
    sent: list[tuple[str, str]] = []
    settings = Settings(product.path, REPOSITORY, (Token(TOKEN),))
    async with GitHubServer(settings) as server, watched_session(sent, REPOSITORY) as session:
        yield Sandbox(adapter(server.url, session), session, sent, server, product)
        assert server.door.complaints == []


@asynccontextmanager
async def emulated(url: str) -> AsyncIterator[Emulated]:
    repository, sent = f"{OWNER}/anchor-{next(NUMBERS)}", []  # type: ignore[var-annotated]
    async with watched_session(sent, repository) as session:
        found = Emulated(adapter(url, session, repository), session, sent, url)
        await found.begin()
        yield found


@pytest.fixture
async def forge(template: Path, tmp_path: Path) -> AsyncIterator[Sandbox]:
    """The sandbox's forge: strict, and it can hurt."""
    async with sandbox(template, tmp_path) as found:
        yield found


@pytest.fixture(scope="session")
def witness(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the witness, started once."""
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("emulate-0.11.2") if cache else tmp_path_factory.mktemp("emulate")
    with served(installed(Path(folder)), tmp_path_factory.mktemp("witness")) as url:
        yield url


@pytest.fixture(params=["sandbox", "emulate"])
async def world(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> AsyncIterator[World]:
    """Both, one after the other."""
    if request.param == "sandbox":
        async with sandbox(template, tmp_path) as ours:
            yield ours
    else:
        async with emulated(request.getfixturevalue("witness")) as theirs:
            yield theirs
