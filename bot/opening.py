"""What a process has of the world: the store brought up to date, the clock, the repository, a line to others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bot.clock import SandboxClock, SystemClock
from bot.integrations.gitrepo import GitRepository, GitSettings
from bot.integrations.slack import make_session
from bot.integrations.watched import watched
from bot.settings import Settings
from core.errors import ReleaseBotError
from core.failpoints import failpoint
from core.ports import Clock, Forge, Repository
from core.store.engines import Database
from core.store.owners import Owner
from core.store.unit_of_work import Store
from core.store.upgrade import needs_upgrade, upgrade


class NotUpgraded(ReleaseBotError):
    """The database has an older schema; run `release-bot db upgrade` first."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process has of the world: opened by `opened`, or by a test."""

    store: Store
    clock: Clock
    repository: Repository
    session: aiohttp.ClientSession
    owner: Owner
    forge: Forge | None = None  # in the place of the one that the settings name


@asynccontextmanager
async def opened(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Parts]:
    """The store brought up to date, the clock read, the repository's clone named; closed again at the end."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    await prepare_database(settings.database)
    with Owner.register(settings.data_dir) as owner:
        database, session = Database.open(settings.database), make_session()
        try:
            if clock is None:
                clock = await _clock(settings, owner, session)
            nowhere = str(settings.data_dir / "PRODUCT_REPO-is-not-set")  # commands that only read the store need none
            git = GitSettings(settings.product_repo or nowhere, settings.data_dir / "git")
            repository: Repository = watched(GitRepository(git, failpoint), "git")
            yield Parts(Store(database, owner.id), clock, repository, session, owner)
        finally:
            await session.close()
            await database.close()


async def _clock(settings: Settings, owner: Owner, session: aiohttp.ClientSession) -> Clock:
    if settings.clock_url is None:
        return SystemClock()
    clock = SandboxClock(settings.clock_url, owner.id, session)
    await clock.read()
    return clock


async def prepare_database(url: str) -> None:
    """SQLite is brought up to date by the process itself; PostgreSQL by the release phase. Raises NotUpgraded."""
    if url.startswith("sqlite"):
        await upgrade(url)
    elif await needs_upgrade(url):
        raise NotUpgraded
