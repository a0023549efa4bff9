"""A whole team for the use cases that need a real remote, and a store with a policy for those that need no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.usecases.context import Context
from tests.core.domain.world import START, policy
from tests.scenarios.driver import Team, team


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Team]:
    async with team(tmp_path) as playing:
        yield playing


@pytest.fixture
async def ctx(store: Store) -> Context:
    clock = HandClock(START)
    await bring_in(store, clock, policy())
    return Context(store, Reads(store.database), clock, None, policy().product.key)  # type: ignore[arg-type]


@pytest.fixture
def clock(ctx: Context) -> HandClock:
    """The hands of the clock that `ctx` reads."""
    assert isinstance(ctx.clock, HandClock)
    return ctx.clock
