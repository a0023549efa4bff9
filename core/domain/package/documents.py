"""The documents of a release as they are filed away when it is closed: its notes, its checklist and its record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.domain.moves.noting import dated_on
from core.domain.notes.compose import compose
from core.domain.notes.markdown import markdown
from core.domain.situation import Situation

NOTES, CHECKLIST, RECORD = "release-notes.md", "checklist.md", "record.json"
MARKS = {"met": "x", "waived": "x"}
KEPT = (
    "version", "type", "outcome", "started_by", "started_at", "live_at", "closed_at", "candidate", "approvals",
    "overrides", "incidents", "reports", "environments", "announced", "record", "page",
)  # fmt: skip


def documents(s: Situation, facts: Mapping[str, Any]) -> dict[str, str]:
    """File name -> text; the notes only where a range was read."""
    made = {CHECKLIST: _checklist(facts), RECORD: _record(facts)}
    if s.draft is not None:
        notes = compose(s.draft, s.release.note_edits, released=True)
        day = dated_on(s.release, s.policy, s.now)
        made[NOTES] = markdown(notes, s.release.version, day, s.policy.all_links, None)
    return made


def _checklist(facts: Mapping[str, Any]) -> str:
    lines = [f"# Checklist of {facts['tag']}", ""]
    for item in facts.get("signoffs") or ():
        who = facts["names"].get(item.get("by"), item.get("by") or item.get("source") or "")
        told = ", ".join(filter(None, (str(who or ""), str(item.get("at") or "")[:16].replace("T", " "))))
        lines.append(f"- [{MARKS.get(str(item['state']), ' ')}] {item['title']}" + (f" ({told} UTC)" if told else ""))
    return "\n".join(lines) + "\n"


def _record(facts: Mapping[str, Any]) -> str:
    return json.dumps({name: facts.get(name) for name in KEPT}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
