"""The part of the projection about evidence: for each kind that is asked for or there, what it adds up to."""

from __future__ import annotations

from typing import Any

from core.domain.evidence.model import KINDS
from core.domain.results.asking import asks_for, owners
from core.domain.results.judge import Judged, judged
from core.domain.situation import Situation


def evidence_of(s: Situation) -> dict[str, Any]:
    """Rows under `evidence`, in the order of the kinds; none before the first candidate."""
    if s.candidate is None:
        return {"evidence": []}
    found = ((judged(s, kind), asks_for(s, kind)) for kind in KINDS)
    return {"evidence": [_row(s, j, asked) for j, asked in found if asked or j.state != "missing"]}


def _row(s: Situation, j: Judged, asked: bool) -> dict[str, Any]:
    return {
        "kind": j.kind,
        "state": j.state,
        "by_machine": j.by_machine,
        "asked": asked,
        "numbers": j.numbers,
        "url": j.url,
        "name": j.name,
        "at": j.at.isoformat() if j.at else "",
        "source": j.source,
        "by": j.by,
        "about": j.about if j.about != s.release.version else "",
        "note": j.note,
        "failing": list(j.failing),
        "results": j.results,
        "builds": [{"name": b.name, "digest": b.digest} for b in j.builds],
        "who": [] if j.kind in s.policy.evidence.machines_only else list(owners(s, j.kind)),
    }
