"""The notes of a release as they stand: its stored draft with what people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from core.domain.lifecycle import LIVE
from core.domain.notes.compose import compose
from core.domain.notes.embargo import Embargo, embargo
from core.domain.notes.model import Draft, Edit, Notes
from core.store import releases
from core.usecases.context import Context


@dataclass(frozen=True, slots=True)
class Standing:
    """The notes for who edits them: `full` holds nothing back, `notes` what is embargoed until the release is live."""

    draft: Draft
    notes: Notes
    full: Notes
    edits: Mapping[str, Edit]
    departs_at: datetime | None


async def drafted(ctx: Context, release_id: int) -> tuple[Draft, Notes] | None:
    """Draft and notes; None before the range was read. What is embargoed is left out until the release is live.

    Raises NotFound when there is no such release.
    """
    found = await standing(ctx, release_id)
    return (found.draft, found.notes) if found else None


async def hidden(ctx: Context) -> Embargo:
    """What is hidden until released in any open release: views of commits alone know no release."""
    async with ctx.store.database.reader.connect() as conn:
        found = [r for r in await releases.open_releases(conn, ctx.product) if r.embargoed]
        return reduce(or_, [embargo(await ctx.draft(conn, r.id), r.embargoed) for r in found], Embargo())


async def standing(ctx: Context, release_id: int) -> Standing | None:
    """The same with what people wrote; for a form, whose reader must be allowed to edit the notes."""
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, release_id)
        draft = await ctx.draft(conn, release_id)
    if draft is None:
        return None
    edits = release.note_edits
    full, live = compose(draft, edits, released=True), release.phase in LIVE
    notes = full if live else compose(draft, edits, released=False)
    return Standing(draft, notes, full, edits, release.departs_at)
