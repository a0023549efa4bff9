"""A restore within a stopped roll-back: two people, one try, and nothing of it where none stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.moves.running import new_run
from core.domain.parts import RunState
from core.domain.pipeline.model import Seen
from core.domain.pipeline.progress import Look
from core.domain.situation import Act, Situation
from core.errors import Refused
from core.store.unit_of_work import Store
from core.usecases import running
from core.usecases.by_hand import RESTORE, ByHand, begin
from core.usecases.restoring import agreed, withdrawn
from tests.core.domain.pipeline.test_stories import shipped
from tests.core.domain.world import OLU, PRIYA, START
from tests.core.usecases.runs import Deployment

ASK = ByHand(OLU, "production", "restore", {"version": "1.3.0", "promotion_sha": "c" * 40}, PRIYA, "payments fail")


async def test_the_next_try_restores_when_two_agree_and_the_one_after_does_not(store: Store) -> None:
    d = await Deployment.of(store)
    assert await agreed(d.ctx, ASK) is None, "no roll-back stands: then it is a run by hand"
    s = Situation(await d.release(), shipped(), START)
    back = new_run(s, "production", "roll back", Act(PRIYA, "rollback", input={"database": "back"}), sha="c" * 40)
    await d.save(runs=(back,))
    await d.begin()
    going = await running.started(d.ctx, await d.taken())
    assert isinstance(going.next, Look) and going.next.step.uses == "migrate_back"
    await running.ended(d.ctx, going, Seen("failed", reason="cannot go down"))

    for ask in (replace(ASK, second=OLU), replace(ASK, second="U0NOBODY"), replace(ASK, reason="")):
        with pytest.raises(Refused):
            await agreed(d.ctx, ask)
    stored = await d.stored(back.id)
    assert await agreed(d.ctx, ASK) == stored.id
    body = (await d.stored(back.id)).body
    assert (body[RESTORE], body["second"]) == (2, PRIYA)
    await withdrawn(d.ctx, "production")
    assert RESTORE not in (await d.stored(back.id)).body

    await agreed(d.ctx, ASK)  # and the terminal was closed right then
    await d.change(state=RunState.RUNNING)
    assert await d.say("retry") == "heard", "somebody else, who knows nothing of it, lets the step run again"
    assert RESTORE not in (await d.stored(back.id)).body


async def test_by_hand_it_is_a_run_that_says_so(store: Store) -> None:
    d = await Deployment.of(store)
    begun = await begin(d.ctx, ASK)
    (going,) = await running.taken(d.ctx)
    assert (going.run.id, going.run.body[RESTORE], going.run.body["second"]) == (begun, 1, PRIYA)
    assert [s.uses for s in going.run.steps] == ["migrate_back"]
