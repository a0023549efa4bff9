"""Results for the candidate: what machines reported is heard, what a person states is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.evidence.model import Evidence
from core.domain.moves.outcome import NOBODY, Outcome, thread
from core.domain.results.stating import stated
from core.domain.situation import Act, Situation


def evidence_json(e: Evidence) -> dict[str, Any]:
    """A result as plain values, for the thread and the record."""
    told: dict[str, Any] = {"kind": e.kind, "verdict": e.verdict, "source": e.source, "name": e.name}
    told |= {"url": e.url, "by": e.by}
    told |= {"numbers": e.numbers, "failing": list(e.failing), "note": e.note, "format": e.format, "digest": e.digest}
    return told | {"builds": [{"name": b.name, "digest": b.digest, "address": b.address} for b in e.builds]}


def evidence_taken(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """Results came in for the candidate's commit: they are in the situation already, and are told once."""
    wanted = {int(number) for number in body["results"]}
    found = [evidence_json(e) for e in s.evidence_found if e.id in wanted]
    if not found or s.candidate is None:
        return None
    tag = s.candidate.tag
    line = thread("evidence", NOBODY, results=found, candidate=tag)
    return Outcome(s.release, (line,), record={"candidate": tag, "results": found})


def result(s: Situation, act: Act) -> Outcome:
    """A person states a result with a link: named as theirs, and no more than that."""
    found = stated(s, act)
    told = evidence_json(found)
    return Outcome(
        s.release,
        (thread("result", act, result=told, candidate=s.candidate.tag if s.candidate else ""),),
        evidence=(found,),
        notes={"kind": found.kind, "verdict": found.verdict},
        record=told,
    )
