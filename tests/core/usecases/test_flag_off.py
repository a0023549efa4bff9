"""Switching a flag off after a failure: one of ours really goes off, and only when the release may hear of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.pipeline.model import Seen
from core.errors import Refused
from core.store import flags as rows
from core.store.unit_of_work import Store
from core.usecases import flags, running
from core.usecases.advance import Ask
from core.usecases.flag_off import flag_off
from core.usecases.flags import Change, Wanted
from tests.core.domain.world import OLU, PRIYA
from tests.core.usecases.runs import Deployment

ME = "operator:ops"


@pytest.fixture
async def d(store: Store) -> Deployment:
    found = await Deployment.of(store)
    assert await found.begin() == "begun"
    going = await found.at("smoke")
    for _ in range(2):
        going = await running.ended(found.ctx, going, Seen("failed", reason="payments answer 500"))
    await flags.create(found.ctx, Wanted("new_billing", "release", "U0DANA", "New billing", ME))
    on = Change("new_billing", "production", lambda s: replace(s, percentage=10), OLU, second=PRIYA)
    await flags.change(found.ctx, on)
    return found


async def off(d: Deployment, who: str = OLU, **words: Any) -> bool:
    given = {"flag": "new_billing", "reason": "it guards what fails"} | words
    done = await flag_off(d.ctx, Ask(who, "flag_off", release=d.number, input=given))
    return bool(done.notes["switched"])


async def is_off(d: Deployment) -> bool:
    async with d.ctx.store.database.reader.connect() as conn:
        stored = await rows.find(conn, "new_billing", "production")
    return stored is not None and stored.setting.off


async def test_a_flag_of_ours_goes_off_and_what_was_proven_is_proven_anew(d: Deployment) -> None:
    assert await off(d) and await is_off(d)
    assert (await d.states())["smoke"] == "pending"


async def test_what_may_not_be_said_switches_nothing(d: Deployment) -> None:
    for who, words in (("U0DANA", {}), (OLU, {"reason": ""})):
        with pytest.raises(Refused):
            await off(d, who, **words)
        assert not await is_off(d)


async def test_a_flag_of_somebody_else_is_only_said_to_be_off(d: Deployment) -> None:
    assert not await off(d, flag="theirs") and not await is_off(d)
