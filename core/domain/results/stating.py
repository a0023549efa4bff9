"""What a person says about a test or review, as the result that it becomes."""

from __future__ import annotations

import hashlib

from core.domain.evidence.limits import tidy
from core.domain.evidence.model import LONGEST_NOTE, PERSON, Evidence
from core.domain.results.judge import current
from core.domain.situation import Act, Situation


def stated(s: Situation, act: Act) -> Evidence:
    """What a person says, as the result that it becomes. The gates have looked at what was given."""
    sha = s.candidate.sha if s.candidate else ""
    kind, verdict, url = act.text("kind"), act.text("verdict"), act.text("url")
    note = tidy(act.text("note"), LONGEST_NOTE)
    numbers = {name: float(act.text(name)) for name in ("tests", "failed") if act.text(name)}
    counted = repr(sorted(numbers.items()))
    said = "\n".join((str(s.release.id), sha, kind, PERSON, act.actor, verdict, url, note, counted))
    digest = hashlib.sha256(said.encode()).hexdigest()
    return Evidence(
        0, sha, kind, PERSON, "", verdict, s.now, digest, numbers, url, act.actor, note, "statement",  # type: ignore[arg-type]
        about=s.release.version,
    )  # fmt: skip


def same_as(s: Situation, act: Act) -> Evidence | None:
    """The newest statement of this kind, when it says exactly this."""
    found = [e for e in current(s, act.text("kind")) if e.source == PERSON]
    return found[-1] if found and found[-1].digest == stated(s, act).digest else None
