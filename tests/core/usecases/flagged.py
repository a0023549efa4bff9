"""A flag of Dana's, and what people ask about it in Slack, for the tests of what waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.domain.flags.model import Setting
from core.domain.flags.waiting import Rollout
from core.store import flag_waiting
from core.store import flags as rows
from core.usecases import flags
from core.usecases.context import Context
from core.usecases.flag_agreeing import Said, Wish, answer, wish
from core.usecases.flags import Wanted
from tests.core.domain.world import THEO

DANA, WHY = "U0DANA", "the first people shall see it"


def to(**changes: Any) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, **changes)


async def setting(ctx: Context, name: str = "search") -> Setting:
    async with ctx.store.database.reader.connect() as conn:
        found = await rows.find(conn, name, "production")
    assert found is not None
    return found.setting


async def made(ctx: Context) -> None:
    await flags.create(ctx, Wanted("search", "release", DANA, "Finds more", DANA))


async def asked(ctx: Context, **more: Any) -> dict[str, Any]:
    return await wish(ctx, Wish("search", "production", DANA, **{"edit": to(percentage=10), "reason": WHY, **more}))



async def rolled(ctx: Context) -> Rollout:
    told = await asked(ctx, steps=(10, 25, 100), pause=24)
    await answer(ctx, Said(told["id"], THEO, told["digest"], True))
    async with ctx.store.database.reader.connect() as conn:
        (one,) = await flag_waiting.open_ones(conn, Rollout)
    return one
