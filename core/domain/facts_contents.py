"""The part of the projection about contents: notes, scope by name, milestone, checks, late changes, strays, links."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.domain.contents import Checks, Lack, NamedChange, Stray
from core.domain.facts_parts import iso
from core.domain.gates.scope import is_hidden
from core.domain.notes.schema import Migration, can_go_down, compatible_back, migrations_of
from core.domain.release import BEFORE_DEPLOYMENT, Release
from core.domain.situation import Situation
from core.domain.way_back import before_fits

MOST_UNITS, MOST_REASONS = 40, 5


def contents_of(s: Situation) -> dict[str, Any]:
    """Everything that is read of the range and the host of the code, as plain values; None where nothing was read."""
    r = s.release
    return {
        "notes": _notes(r),
        "migrations": [m.body() for m in _migrations(s)],
        "schema_back": _schema_back(s),
        "scope_items": [
            {"ref": i.ref, "title": "" if is_hidden(s, i.ref) else i.title, "by": i.by, "at": iso(i.at),
             "state": i.state, "to": i.to} for i in r.items
        ],
        "milestone": _milestone(r),
        "offers": _offers(s) if r.phase in BEFORE_DEPLOYMENT else [],
        "offers_left": r.offers_left,
        "silent": [{"system": x.system, "since": iso(x.since), "reason": x.reason} for x in r.silent],
        "checks": _checks(r.checks),
        "late": _late(r),
        "strays": [stray_json(x) for x in s.product.strays.values()],
        "links": asdict(s.policy.all_links),
        "page": r.page,
        "progress": {"at": iso(r.progress.at), "silent": r.progress.silent, "moved_at": iso(r.progress.moved_at)}
        if r.progress else None,
    }


def _migrations(s: Situation) -> tuple[Migration, ...]:
    return migrations_of(s.draft.findings) if s.draft else ()


def _schema_back(s: Situation) -> dict[str, Any] | None:
    """Whether the version before may run on the database as it is now, what tells so, and why where that is their
    files; None: nobody has read them."""
    verdict, told = before_fits(s)
    if s.draft is None and told == "files":
        return None
    why = compatible_back(_migrations(s)).reasons[:MOST_REASONS] if told == "files" else ()
    down = can_go_down(_migrations(s)) if s.draft else None
    return {"verdict": verdict, "told": told, "reasons": [list(one) for one in why], "down": down}


def _notes(r: Release) -> dict[str, Any] | None:
    n, c = r.notes, r.candidate
    if n is None:
        return None
    return {
        "head": n.head,
        "read_at": iso(n.read_at),
        "counts": dict(n.counts),
        "unclassified": _units(n.unclassified),
        "gaps": [_gap(g) for g in n.gaps[:MOST_UNITS]],
        "blocking": sum(g.blocking for g in n.gaps),
        "findings": n.findings,
        "breaking": _units(n.breaking),
        "redacted": n.redacted,
        "alone": n.alone,
        "in_candidate": None if c is None else bool(c.section) and c.section == n.section,
        "edited": len(r.note_edits),
    }


def _units(units: tuple[NamedChange, ...]) -> list[dict[str, str]]:
    return [{"id": u.id, "title": u.title} for u in units[:MOST_UNITS]]


def _gap(g: Lack) -> dict[str, Any]:
    return {"code": g.code, "item": g.item, "title": g.title, "path": g.path, "blocking": g.blocking}


def _milestone(r: Release) -> dict[str, Any] | None:
    m = r.milestone
    return {"number": m.number, "title": m.title, "url": m.url, "open": m.open, "closed": m.closed} if m else None


def _offers(s: Situation) -> list[dict[str, Any]]:
    people = s.policy.logins
    return [
        asdict(o) | {"person": people.get(o.author.casefold(), "")} | ({"title": ""} if is_hidden(s, o.ref) else {})
        for o in s.release.offers
    ]


def _checks(c: Checks | None) -> dict[str, Any] | None:
    if c is None:
        return None
    return {
        "sha": c.sha,
        "passed": len(c.passed),
        "failed": [{"name": x.name, "url": x.url} for x in c.failed],
        "running": len(c.running),
        "at": iso(c.read_at),
    }


def _late(r: Release) -> list[dict[str, Any]]:
    found = []
    for unit in r.notes.late[:MOST_UNITS] if r.notes else ():
        said = r.accepted.get(unit.id)
        told = {"by": said.by, "at": iso(said.at), "reason": said.reason} if said else None
        found.append({"id": unit.id, "title": unit.title, "accepted": told})
    return found


def stray_json(x: Stray) -> dict[str, Any]:
    answer = {"by": x.answered_by, "at": iso(x.answered_at), "reason": x.reason} if x.answered_by else None
    return {
        "id": x.id, "kind": x.kind, "ref": x.ref, "was": x.was, "now": x.now, "since": iso(x.since), "what": x.what,
        "commits": list(x.commits), "answered": answer,
    }  # fmt: skip
