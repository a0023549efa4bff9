"""A drill takes two people of the policy's roles and leaves no trace in any release."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.domain.policy import parse_policy
from core.errors import Refused
from core.store import tables as t
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.drills import drill, last_proven
from tests.policies import simulated_text

FILE = simulated_text()
ASKED = {"gate": "window", "reason": "the bank waits"}
DECIDED = {"drill": "1", "choice": "roll back", "reason": "the data are whole"}


@pytest.fixture
async def ctx(store: Store) -> AsyncIterator[Context]:
    clock = HandClock(datetime(2026, 12, 1, 14, tzinfo=UTC))
    await bring_in(store, clock, parse_policy(FILE))
    yield Context(store, Reads(store.database), clock, None, "asset-anchor")  # type: ignore[arg-type]


async def refused(ctx: Context, who: str, **words: str) -> list[str]:
    with pytest.raises(Refused) as error:
        await drill(ctx, Ask(who, "drill", input=words))
    return [b.code for b in error.value.blockers]


async def test_two_people_prove_it_and_only_the_team_hears_of_it(ctx: Context) -> None:
    assert await last_proven(ctx) is None
    assert await refused(ctx, "U0SANA", **ASKED) == ["permission"]
    assert await refused(ctx, "U0THEO", gate="window") == ["reason"]
    await drill(ctx, Ask("U0THEO", "drill", input=ASKED))
    assert await refused(ctx, "U0THEO", **DECIDED) == ["override.second"]
    assert await refused(ctx, "U0OLU", drill="1", reason="the data are whole") == ["drill.choice"]
    assert await last_proven(ctx) is None
    done = await drill(ctx, Ask("U0OLU", "drill", input=DECIDED))
    assert (done["first"], done["second"], done["choice"]) == ("U0THEO", "U0OLU", "roll back")
    assert await refused(ctx, "U0PRIYA", **DECIDED) == ["drill.gone"]
    assert await refused(ctx, "U0THEO", drill="1", right="yes", reason="I was there") == ["review.third"]
    assert await refused(ctx, "U0ERIKA", drill="1") == ["review.right", "reason"]
    found = await last_proven(ctx)
    assert found and found[1] == "drill, not reviewed yet" and found[0].startswith("2026-12-01T14:00")
    await drill(ctx, Ask("U0ERIKA", "drill", input={"drill": "1", "right": "no", "reason": "call the bank first"}))
    assert ((await last_proven(ctx)) or ("", ""))[1] == "drill"
    assert await refused(ctx, "U0MIRA", drill="1", right="yes", reason="me too") == ["permission"], "it is over"
    async with ctx.store.database.reader.connect() as conn:
        rows = (await conn.execute(select(t.outbox.c.kind, t.outbox.c.body))).all()
        assert (await conn.execute(select(t.release.c.id))).all() == []
    assert {kind for kind, _ in rows} == {"slack.post"}
    places = sorted((body["place"], body["moment"]) for _, body in rows)
    asked, told = ("dm:U0OLU", "dm:U0PRIYA"), ("dm:U0OLU", "dm:U0THEO")
    reviewers = ("dm:U0ERIKA",)  # the group of the product managers was not read yet
    assert places == sorted(
        [(p, "drill_asked") for p in asked] + [(p, "drill_review_asked") for p in reviewers]
        + [(p, "drill_reviewed") for p in told] + [("team", "drilled")]
    )  # fmt: skip
