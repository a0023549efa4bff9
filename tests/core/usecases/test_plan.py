"""The plan reads the release's own policy, what earlier runs took, and the flags that the policy's checks name."""

from __future__ import annotations

from core.store.unit_of_work import Store
from core.usecases import look
from core.usecases.plan import planned
from tests.core.usecases.runs import Deployment


async def test_the_plan_is_made_of_the_policy_and_of_what_runs_took(store: Store) -> None:
    d = await Deployment.of(store)
    assert await d.begin() == "begun"
    await d.at("backup")
    found = await planned(d.ctx, await look.by_id(d.ctx, d.number))
    assert [s.name for s in found.plan.steps][:4] == ["announce", "tag", "checks", "backup"]
    assert found.plan.went == () and found.plan.seconds is None and found.flags == ()
    assert [s.uses for s in found.plan.back][:2] == ["roll_back", "roll_back"]
