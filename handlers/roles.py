"""The form about the roles of a release was sent: handed over, or said at the fields why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.casts import LEAD
from core.errors import Refused
from core.usecases import look
from handlers import ids
from handlers.forms import roles as form
from handlers.moves import fire
from handlers.request import Answer, Request
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.places import roles as shown
from handlers.views.refusals import at_fields
from handlers.views.writing import plain

if TYPE_CHECKING:
    from core.usecases.context import Context


async def submitted(request: Request, ctx: Context) -> Answer:
    """Each reason stands at the role it is about."""
    target, _, _ = ids.read_metadata(request.private_metadata)
    facts = await look.by_id(ctx, target.release or 0)
    given = form.answers(request.values, facts.get("cast") or {})
    try:
        message = await fire(request, ctx, "cast", target.release or 0, given={"cast": given})
    except Refused as refused:
        found = []
        for blocker in refused.blockers:
            if not blocker.code.startswith("cast.") and blocker.code != "signable":
                raise
            about = blocker.facts.get("roles") or [blocker.facts.get("role") or LEAD]
            found.append((f"{form.FIELD}{about[-1] if isinstance(about, list | tuple) else LEAD}", blocker))
        return Answer(errors=at_fields(found, facts))
    now = await look.by_id(ctx, target.release or 0)
    blocks = b.surface(*message.blocks[:1], *shown(now, now["tag"]).blocks)
    return Answer(form=inputs.told(f"Roles of {plain(now['tag'])}", blocks), home=True)
