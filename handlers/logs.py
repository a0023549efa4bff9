"""Show the log: which run and step is meant, and what is known of its output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.domain.pipeline.model import StepState
from core.errors import NotFound
from core.usecases import running
from handlers.ids import Target
from handlers.request import Form
from handlers.views.log import PAGE, log

if TYPE_CHECKING:
    from core.usecases.context import Context


async def opened(ctx: Context, target: Target, facts: dict[str, Any]) -> Form:
    """`target.item` is `<run> [<step> [<page>]]`; without a step the one that is at work, or was at last."""
    run, step, page = [*target.item.split(), "", "", ""][:3]
    there = await running.standing(ctx, int(facts["id"]), int(run)) if run.isdecimal() else None
    if there is None:
        raise NotFound("this run has no log here: no pipeline did it")
    begun = {a.step for a in there.attempts}
    tried = [s.name for s in there.run.steps if s.name in begun]
    meant = step if step in tried or not tried else tried[-1]
    attempt = there.newest(meant)
    titles = {s.name: s.title for s in there.run.steps}
    shown: dict[str, Any] = {"run": run, "step": meant, "title": titles.get(meant, meant or "No step"), "lines": []}
    shown |= {"page": int(page) if page.isdecimal() else 0, "state": attempt.state.value if attempt else "pending"}
    if attempt is not None:
        growing = attempt.state is StepState.RUNNING
        shown |= {"attempt": attempt.number, "growing": growing}
        parts = await running.log_of(ctx, there.run.id, meant, attempt.number)
        lines = "".join(text for _, text in parts).splitlines()
        if growing and ctx.tails is not None:
            lines = list(await ctx.tails.newest(there.run.id, meant, PAGE))
        shown["lines"] = lines or [line for line in (attempt.line, attempt.reason) if line]
    return log(facts, shown, [{"name": name, "title": titles.get(name, name)} for name in tried])
