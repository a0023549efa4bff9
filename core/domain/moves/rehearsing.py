"""A dry run of the promotion when a release gets its first changes: told in the thread, nothing else comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.effects import Effect
from core.domain.moves.outcome import NOBODY, Outcome, order_json, thread
from core.domain.moves.shipping import promotion
from core.domain.moves.solving import tried
from core.domain.release import Release
from core.domain.situation import Situation


def rehearsal(s: Situation, head: str) -> Effect:
    """Planned like the real one with the given commit for a candidate; nothing waits for its lane."""
    return Effect("git.try", "rehearsal", {"order": order_json(promotion(s, head)), "head": head})


def rehearsal_wanted(s: Situation, read: Release, head: str) -> tuple[Effect, ...]:
    """Once: when the first changes are read, before there is a candidate."""
    first = bool(read.scope) and not s.release.scope and s.release.candidate is None
    return (rehearsal(s, head),) if first else ()


def git_tried(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """What the promotion would meet today: nothing, conflicts by file and people, or what forbids it."""
    if not s.release.is_open or s.release.candidate is not None:
        return None
    told = {name: body[name] for name in ("head", "branches", "conflicts", "problem")}
    source = s.release.branch if s.release.on_branch else s.policy.product.trunk
    release = tried(s.release, source, body["conflicts"])
    told |= {"source": source, "host": bool(s.policy.github.repository)}
    return Outcome(release, (thread("rehearsed", NOBODY, **told),), record={"head": body["head"]})
