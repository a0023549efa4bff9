"""Fix forward: a hotfix is opened on this release's tag and is handed the production lock, in one unit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.domain.engine import carried_out, judged
from core.domain.release import ReleaseType
from core.domain.situation import Act
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, Done, chains_of, done
from core.usecases.context import Context
from core.usecases.scene import Scene
from core.usecases.start import open_in


async def fix_forward(ctx: Context, ask: Ask) -> Done:
    """Raises what `advance.perform` raises; Refused also when nobody could sign the hotfix."""
    assert ask.release is not None
    broken = ask.release

    async def work(unit: Unit) -> dict[str, Any]:
        scene = await Scene.load(ctx, unit, broken)
        act, _ = judged(scene.s, Act(ask.actor, "fix_forward", ask.input, ask.subject))
        base = scene.s.release
        opening = replace(
            ask, event="start", key=None, input={**ask.input, "kind": "hotfix", "fixes": base.id, "base": base.tag}
        )
        hotfix, _ = await open_in(ctx, unit, opening, ReleaseType.HOTFIX, [])
        act = replace(act, input={**ask.input, "hotfix": hotfix.version, "hotfix_id": hotfix.id})
        scene.s = replace(scene.s, others=(*scene.s.others, hotfix))
        decided = carried_out(scene.s, act, ask.via)
        await scene.write(decided)
        await scene.save()
        notes = {"hotfix": hotfix.version, "hotfix_id": hotfix.id}
        return {"event": "fix_forward", "fired": list(decided.fired), "notes": notes}

    answer = await ctx.store.unit(work, verb="fix_forward", key=ask.key, chains=chains_of(ctx, broken))
    return await done(ctx, broken, answer)
