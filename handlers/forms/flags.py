"""The forms about one flag, with whom it is on for now, how old it is and who has to agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.flags.guarding import GUARDED
from core.domain.freezes import frozen_at
from core.usecases import flags as usecases
from core.usecases import look
from core.usecases.flag_board import Row
from handlers.forms.recipe import build
from handlers.forms.recipes_flags import FLAGS
from handlers.ground import ground
from handlers.ids import Target
from handlers.request import Form, Request
from handlers.views import flag_words as w
from handlers.views import flags as views
from handlers.views.writing import Facts, counted, listed, name, said

if TYPE_CHECKING:
    from core.usecases.context import Context


async def new_form(request: Request, ctx: Context, called: str = "") -> Form:
    """A new flag; releases that are not out yet can bring it."""
    flight = await look.open_releases(ctx)
    known = {
        "given": {"name": called}, "person": request.actor,
        "releases": [(str(f["tag"]), str(f["id"])) for f in flight if not f.get("live_at")],
    }  # fmt: skip
    return build(FLAGS["flag_new"], await ground(ctx), Target(None, "", "-"), known, request.channel)


async def form(
    request: Request, ctx: Context, event: str, row: Row, given: Mapping[str, str] | None = None, note: str = ""
) -> Form:
    """A form about one flag, with whom it is on for now and who has to agree."""
    policy, known = await ctx.policy(), await ground(ctx)
    setting = row.setting()
    words = {
        "share": str(setting.percentage or ""), "people": ", ".join(setting.user_ids),
        "steps": " ".join(str(s) for s in policy.flags.steps if s > setting.percentage),
        "pause": str(policy.flags.pause_hours), "winner": row.flag.winner, "result": row.flag.result,
        **{k: v for k, v in (given or {}).items() if v},
    }  # fmt: skip
    facts = {
        "given": words, "person": request.actor, "lead": await _lead(ctx, row, known, request.actor),
        "frozen": bool(frozen_at(policy.freezes, policy.zone, request.now)),
    }  # fmt: skip
    target = Target(None, row.flag.name, str(row.versions.get(GUARDED, 0)))
    return build(FLAGS[event], known, target, facts, request.channel, note)


async def _lead(ctx: Context, row: Row, known: Facts, person: str) -> str:
    places = ", ".join(f"{e} {w.whom(row.setting(e))}" for e in reversed(list(row.settings)))
    people = [name(known, p) for p in await usecases.seconds(ctx, person)]
    line = f"*`{said(row.flag.name)}`* · {views.life_in_words(row.life)}\n{places}"
    used = f"\nAsked for {counted(row.life.used.times, 'time')} so far" if row.life.used.times else ""
    second = f"\nNeeds a second person: {said(listed(people, 'or', 4), 200)}. Off does not wait." if people else ""
    return line + used + second
