"""Fix forward: a hotfix is opened on this release's tag and is handed the production lock, in one unit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.authorise import refusal
from core.domain.engine import Decided, take
from core.domain.facts import project
from core.domain.gates import blockers
from core.domain.lifecycle import BY_EVENT
from core.domain.moves import move_of
from core.domain.release import ReleaseType
from core.domain.situation import Act
from core.errors import Refused
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, Done, chains_of, done
from core.usecases.context import Context
from core.usecases.scene import Scene
from core.usecases.start import open_in


async def fix_forward(ctx: Context, ask: Ask) -> Done:
    """Raises Refused when this release is not what production runs, or nobody could sign the hotfix."""
    assert ask.release is not None
    broken = ask.release

    async def work(unit: Unit) -> dict[str, Any]:
        scene = await Scene.load(ctx, unit, broken)
        row = BY_EVENT["fix_forward"]
        act = Act(ask.actor, "fix_forward", ask.input, ask.subject)
        stranger = refusal(scene.s, row, act)
        stops = [stranger] if stranger else list(blockers(row, scene.s, act))
        if stops:
            raise Refused(stops, asked="fix_forward", facts=project(scene.s))
        base = scene.s.release
        opening = replace(
            ask, event="start", key=None, input={**ask.input, "kind": "hotfix", "fixes": base.id, "base": base.tag}
        )
        hotfix, _ = await open_in(ctx, unit, opening, ReleaseType.HOTFIX, [])
        act = replace(act, input={**ask.input, "hotfix": hotfix.version, "hotfix_id": hotfix.id})
        after, step = take(scene.s, "fix_forward", act, move_of("fix_forward")(scene.s, act), ask.via)
        await scene.write(Decided(after, (step,)))
        await scene.save()
        return {"event": "fix_forward", "fired": [], "notes": {"hotfix": hotfix.version, "hotfix_id": hotfix.id}}

    answer = await ctx.store.unit(work, verb="fix_forward", key=ask.key, chains=chains_of(ctx, broken))
    return await done(ctx, broken, answer)
