"""Development and integration run develop as the host brought it; integration takes a candidate when asked."""

from __future__ import annotations

import pytest

from core.errors import Refused
from core.usecases.advance import Ask
from core.usecases.environments import all_environments
from core.usecases.integrating import DEVELOP, follow_develop, put
from tests.scenarios.driver import FIX, Team


async def runs(play: Team) -> dict[str, str]:
    """What the host runs, and what the record says of it, which is the same."""
    await play.settles()
    found = {name: str(run["sha"]) for name, run in play.app.host.runs().items()}
    known = {name: str(env["sha"]) for name, env in (await all_environments(play.app.ctx)).items()}
    assert {name: known[name] for name in found} == found
    return found


async def test_the_host_brings_develop_and_the_record_follows_the_host(play: Team) -> None:
    ctx, first = play.app.ctx, play.product.refs()["refs/heads/develop"]
    assert await follow_develop(ctx) == 2
    assert await runs(play) == {"development": first, "integration": first}
    assert await follow_develop(ctx) == 0
    play.product.commit("develop", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    assert await follow_develop(ctx) == 1, "integration once a day"
    after = await runs(play)
    assert after["integration"] == first and after["development"] != first


async def test_who_asks_is_told_what_came_of_it(play: Team) -> None:
    ctx = play.app.ctx
    await follow_develop(ctx)
    await runs(play)
    with pytest.raises(Refused) as refused:
        await put(ctx, Ask("U0QADIR", "deploy", input={DEVELOP: True}))
    assert [b.code for b in refused.value.blockers] == ["environment.there"]
    with pytest.raises(Refused) as refused:
        await put(ctx, Ask("U0DANA", "deploy", input={DEVELOP: True}))
    assert [b.code for b in refused.value.blockers] == ["access"]
    play.product.commit("develop", *FIX, author="Ines", subject="fix: card payments time out (AA-101)")
    await play.settles()
    play.app.host.faults["integration:develop"] = "disk full"
    await put(ctx, Ask("U0QADIR", "deploy", input={DEVELOP: True}))
    await play.settles()
    assert "did not come to integration: “disk full”" in play.qadir.reads(play.qadir.dm()[-1])
    play.app.host.faults.clear()
    await put(ctx, Ask("U0QADIR", "deploy", input={DEVELOP: True}))
    await runs(play)
    assert "develop is on integration" in play.qadir.reads(play.qadir.dm()[-1])
