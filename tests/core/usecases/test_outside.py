"""A tag outside a release: only by who may deploy, recorded before and after, told to the team."""

from __future__ import annotations

import pytest

from core.domain.versions import Version
from core.errors import Refused
from core.store import audit
from core.usecases.outside import tag_outside
from tests.scenarios.driver import Team

NUMBER = Version.parse("1.2.3")


async def refused(play: Team, actor: str) -> list[str]:
    with pytest.raises(Refused) as error:
        await tag_outside(play.app.ctx, NUMBER, "", actor)
    return [b.code for b in error.value.blockers]


async def test_it_is_recorded_and_told(play: Team) -> None:
    assert await refused(play, "U0DANA") == ["permission"]
    done = await tag_outside(play.app.ctx, NUMBER, "office move", "U0OLU")
    await play.settles()
    main = play.product.git("rev-parse", "main").strip()
    assert (done.order.tag, done.branch, done.order.sha) == ("v1.2.3", "main", main)
    assert play.product.git("rev-parse", "v1.2.3^{commit}").strip() == main
    told = [m.text for m in play.slack.messages("releases") if "outside a release" in m.text]
    assert len(told) == 1 and "office move" in told[0]
    assert await refused(play, "U0OLU") == ["git.tag_exists"]
    async with play.app.ctx.store.database.reader.connect() as conn:
        assert [entry.verb for entry in await audit.entries(conn, "outside")] == ["tag.asked", "tag.done"]
