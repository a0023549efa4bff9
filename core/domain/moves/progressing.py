"""The morning of a working day: the thread hears what has moved since the last one; the card, that nothing has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.moves.outcome import NOBODY, Outcome, thread
from core.domain.reminders.progress import SILENT, added, due, seen, with_silence
from core.domain.situation import Situation

MOST = 10  # names in the line


def progress_seen(s: Situation, body: Mapping[str, Any]) -> Outcome | None:
    """Looks once a morning, however late and by whom it is asked. The first morning is only remembered."""
    r = s.release
    train = s.policy.trains.get(r.train or "") or next(iter(s.policy.trains.values()))
    if not due(r, train.timetable(), s.now):
        return None
    before = r.progress
    after, moved = with_silence(before, seen(s))
    release, titles = replace(r, progress=after), {n: i.title for n, i in s.policy.signoffs.items()}
    if moved and before is not None:
        refs, met = added(before.refs, after.refs), added(before.met, after.met)
        hidden = max(0, after.hidden - before.hidden)
        told = {"since": before.at.isoformat(), "refs": refs[:MOST], "merged": len(refs) + hidden,
                "closed": max(0, after.closed - before.closed), "met": [titles.get(n, n) for n in met][:MOST],
                "candidate": after.candidate if after.candidate != before.candidate else "",
                "phase": after.phase if after.phase != before.phase else ""}  # fmt: skip
        return Outcome(release, (thread("progress", NOBODY, now=s.now.isoformat(), **told),), record=told)
    if after.silent == SILENT:
        line = thread("progress_silent", NOBODY, days=SILENT, now=s.now.isoformat())
        return Outcome(release, (line,), record={"silent": SILENT})
    return Outcome(release)
