"""Two people agree that a restore point is put back, within a roll-back that stands because nothing goes down."""

from __future__ import annotations

from core.domain.pipeline.model import Attempt, StepState
from core.store import attempts, runs
from core.store.products import product_chain
from core.store.runs import StoredRun
from core.store.unit_of_work import Unit
from core.usecases.by_hand import RESTORE, ByHand, may, said_of
from core.usecases.context import Context
from core.usecases.environments import desk_of
from core.usecases.launching import AGREED

STANDS = (StepState.FAILED, StepState.UNKNOWN)


async def agreed(ctx: Context, ask: ByHand) -> int | None:
    """The stopped roll-back's next try at the database puts the restore point back; returns the run's id.

    It counts for that one try. None where no roll-back stands at its database: then it is a run by hand. Without a
    second person the try only tells what would be lost. Raises Refused.
    """

    async def work(unit: Unit) -> int | None:
        run = await runs.open_run(unit.conn, ctx.product, ask.environment)
        if run is None or run.kind != "roll back":
            return None
        tried = await attempts.of_run(unit.conn, run.id)
        step = _stands_at(run, tried)
        if not step:
            return None
        desk = await desk_of(ctx, unit.conn)
        may(desk, ask)
        number = max(x.number for x in tried if x.step == step) + 1
        await runs.rewrite(unit, run.id, {**run.body, RESTORE: number, "second": ask.second, "agreed_by": ask.actor})
        said = said_of(ask, "restore", run.id)
        await unit.audit(product_chain(ctx.product), ask.actor, "by_hand", desk.policy.hash, said, desk.now)
        return run.id

    found: int | None = await ctx.store.unit(work, verb="restore.agree", chains=(product_chain(ctx.product),))
    return found


async def withdrawn(ctx: Context, environment: str) -> None:
    """Nothing came of it: the next try is again what the pipeline says."""

    async def work(unit: Unit) -> None:
        run = await runs.open_run(unit.conn, ctx.product, environment)
        if run is not None and RESTORE in run.body:
            left = {name: value for name, value in run.body.items() if name not in AGREED}
            await runs.rewrite(unit, run.id, left)

    await ctx.store.unit(work, verb="restore.withdraw", chains=(product_chain(ctx.product),))


def _stands_at(run: StoredRun, tried: tuple[Attempt, ...] | list[Attempt]) -> str:
    """The step about the database at which a run waits for a person; "" for every other run."""
    uses = {step.name: step.uses for step in run.steps}
    last = tried[-1] if tried else None
    if run.state != "waiting" or last is None or last.state not in STANDS:
        return ""
    return last.step if uses.get(last.step) == "migrate_back" else ""
