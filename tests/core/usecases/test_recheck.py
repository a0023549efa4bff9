"""Looking again at a stored release: what does not hold is named, and nothing of it is written."""

from __future__ import annotations

from core.store.unit_of_work import Store
from core.usecases.recheck import still_proven
from tests.core.usecases.runs import Deployment


async def test_a_stored_release_is_looked_at_and_left_alone(store: Store) -> None:
    deployment = await Deployment.of(store)
    before = await deployment.release()
    found = await still_proven(deployment.ctx, deployment.number, "production")
    assert "has_candidate" in {b.code for b in found.open} and found.count > len(found.held)
    assert await deployment.release() == before
    assert (await still_proven(deployment.ctx, deployment.number, "integration")).count == 0
