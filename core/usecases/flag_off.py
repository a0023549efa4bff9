"""A flag that isolates what failed: one of ours is switched off in production first, then the release hears of it."""

from __future__ import annotations

from dataclasses import replace

from core.domain.flags.guarding import GUARDED
from core.domain.gates.people import reason_lacks
from core.domain.rehearsals import channel_of
from core.errors import Refused
from core.store import flags
from core.usecases import look
from core.usecases.advance import Ask, Done, perform
from core.usecases.context import Context
from core.usecases.flags import Change, change


async def flag_off(ctx: Context, ask: Ask) -> Done:
    """Raises what `advance.perform` raises. A flag that is not ours, or is off already, is only said to be off."""
    switched = await _switched(ctx, ask)
    done = await perform(ctx, ask)
    return replace(done, notes={**done.notes, "switched": switched})


async def _switched(ctx: Context, ask: Ask) -> bool:
    """Off does not wait for a second person; a rehearsal never touches what is real."""
    name, reason = str(ask.input.get("flag") or ""), str(ask.input.get("reason") or "")
    if channel_of(ctx.product) or ask.release is None:
        return False
    async with ctx.store.database.reader.connect() as conn:
        stored = await flags.find(conn, name, GUARDED)
    if stored is None or stored.setting.off:
        return False
    if lacks := reason_lacks(reason, ask.actor):
        raise Refused(lacks, asked="flag_off")
    await look.may_be_asked(ctx, ask.actor, "flag_off", await look.by_id(ctx, ask.release))
    off = Change(
        name, GUARDED, lambda s: replace(s, on=False, user_ids=(), percentage=0), ask.actor, reason=reason
    )
    return (await change(ctx, off)).setting.off
