"""What handler tests share: a desk on a fresh SQLite store with v1.2.2 in production."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.policy import parse_policy
from core.store import policies
from core.store.engines import Database
from core.store.policies import StoredPolicy
from core.store.reads import Reads
from core.store.unit_of_work import Store, Unit
from core.usecases.context import Context
from core.usecases.environments import adopt
from core.usecases.groups import store_groups
from tests.handlers.desk import LIVE, Desk, Hands, Remote
from tests.handlers.layout import ASKED
from tests.handlers.slack_types import SlackTypes
from tests.handlers.slack_types import slack_types as made_from_slack
from tests.handlers.story import MIRA, PRIYA
from tests.policies import simulated_text

MORNING = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def slack_types(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SlackTypes:
    """Slack's own types; skips where they cannot be installed."""
    cache = getattr(request.config, "cache", None)
    return made_from_slack(Path(cache.mkdir("slack-types-3.2.0")) if cache else tmp_path_factory.mktemp("types"))


@pytest.fixture(scope="session", autouse=True)
def asked(request: pytest.FixtureRequest) -> None:
    """Every layout of a run is held against Slack's own types too; one test tells when they are missing."""
    with contextlib.suppress(pytest.skip.Exception):
        ASKED.slack = request.getfixturevalue("slack_types")


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    """Tuesday, 9:00 Eastern; nothing is in flight."""
    database = Database.open(sqlite_url)
    text = simulated_text()
    policy = parse_policy(text)
    clock = Hands(MORNING)
    ctx = Context(Store(database, "test"), Reads(database), clock, Remote(), policy.product.key)  # type: ignore[arg-type]

    async def work(unit: Unit) -> None:
        await policies.propose(unit, StoredPolicy(policy.hash, text, policy.serial, "proposed", None, ""))
        await policies.activate(unit, policy.hash, at=MORNING, actor="test")

    await ctx.store.unit(work, verb="policy", chains=("policy",))
    await adopt(ctx, PRIYA, live=("1.2.2", LIVE), before=("1.2.1", "c" * 40))
    await store_groups(ctx, {"S0PM": [MIRA]}, MORNING)
    yield Desk(ctx, clock)
    await database.close()
