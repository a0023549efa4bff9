"""Looking again, when a run begins, at what was proven before: people and machines may have spoken since."""

from __future__ import annotations

from core.domain.gates.proofs import Proofs, proofs
from core.store.unit_of_work import Unit, release_chain
from core.usecases.context import Context
from core.usecases.scene import Scene


async def still_proven(ctx: Context, release_id: int, environment: str) -> Proofs:
    """What of the release still holds for this environment, and what does not. Nothing is written. Raises NotFound."""

    async def work(unit: Unit) -> Proofs:
        return proofs((await Scene.load(ctx, unit, release_id)).s, environment)

    found: Proofs = await ctx.store.unit(work, verb="run.check", chains=(release_chain(release_id),), interactive=False)
    return found
