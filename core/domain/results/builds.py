"""Which builds go where: production gets what staging got."""

from __future__ import annotations

from core.domain.evidence.model import Build
from core.domain.parts import Run, RunState
from core.domain.results.judge import judged
from core.domain.situation import Situation


def staged_run(s: Situation) -> Run | None:
    """The newest run that brought this candidate to staging."""
    sha = s.candidate.sha if s.candidate else ""
    runs = (r for r in reversed(s.release.runs) if r.environment == "staging" and r.sha == sha)
    return next((r for r in runs if r.state is RunState.DONE), None)


def builds_for(s: Situation, environment: str) -> tuple[Build, ...]:
    """What a deployment brings: to staging what was reported last, to production what staging got."""
    if environment == "staging":
        return judged(s, "build").builds
    run = staged_run(s)
    return run.builds if run else ()
