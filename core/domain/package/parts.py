"""The parts of a package, each one JSON document: what was released, who agreed, what was proven, what ran where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.package.sources import Json, Sources

NOT_RECORDED = "not recorded: the host did not run through a pipeline of this bot"
EXPIRED = "expired"
TAGGED = ("tag", "sha", "digest", "at", "by")


def parts(s: Sources) -> dict[str, Json]:
    """File name -> document. A part that has expired says so in its place and is never left out."""
    made: dict[str, Json] = {
        "release.json": _release(s),
        "approvals.json": _approvals(s),
        "risk.json": _risk(s),
        "results.json": _results(s),
        "checklists.json": _checklists(s),
        "deployments.json": _deployments(s),
        "incidents.json": _incidents(s),
        "retrospective.json": {"retrospective": s.record.get("retro")},
    }
    if gone := s.expired.get("package"):
        kept = made["release.json"]
        names = ("version", "type", "tag", "commit", "outcome", "live_at", "closed_at")
        short: Json = {name: kept[name] for name in names}
        rest: dict[str, Json] = {name: {EXPIRED: gone["at"]} for name in made}
        return rest | {"release.json": {EXPIRED: gone["at"], **short}}
    return made


def _release(s: Sources) -> dict[str, Any]:
    r = s.record
    candidate = (r.get("candidates") or [None])[-1] or {}
    signed = candidate.get("manifest") or {}
    number = str(r["version"])
    return {
        "version": number,
        "type": r["type"],
        "tag": f"v{number}",
        "commit": r.get("promotion_sha") or candidate.get("sha", ""),
        "candidate": {name: candidate.get(name, "") for name in TAGGED},
        "candidates": [{name: c.get(name, "") for name in TAGGED} for c in r["candidates"]],
        "builds": _builds(s),
        "content": {name: signed.get(name, []) for name in ("migrations", "configuration", "flags")},
        "configuration_changes": signed.get("configuration", []),
        "changes": [{name: c.get(name) for name in ("sha", "subject", "author", "pull")} for c in r.get("scope", [])],
        "base": {"tag": r.get("base_tag", ""), "sha": r.get("base_sha", "")},
        "policy": s.policy,
        "reason": r.get("reason", ""),
        "started_by": r["started_by"],
        "lead": r["lead"],
        **{name: r.get(name) for name in ("started_at", "departs_at", "live_at", "closed_at", "closed_by")},
        "phase": r["phase"],
        "outcome": r.get("outcome", ""),
        "fixed_by": r.get("fixed_by", ""),
        "announced": r.get("announced", {}),
        "record_as_announced": r.get("record", ""),
        "page": r.get("page", ""),
        "legal_hold": s.hold,
    }


def _builds(s: Sources) -> list[Json]:
    found = {}
    for result in s.results:
        for build in result.get("builds", []):
            found[(result["sha"], build["name"])] = {"commit": result["sha"], **build}
    for run in s.record.get("runs", []):
        for build in run.get("builds", []):
            found.setdefault((run["sha"], build["name"]), {"commit": run["sha"], **build})
    return [found[key] for key in sorted(found)]


def _approvals(s: Sources) -> dict[str, Any]:
    given = [
        {
            "gate": d["gate"], "role": d["role"], "role_title": s.titles.get(d["role"], d["role"]),
            "person": d["person"], "name": s.people.get(d["person"], ""), "verdict": d["verdict"], "at": d["at"],
            "digest": d["subject"], "stands_for": d.get("stands_for", ""), "reason": d.get("reason", ""),
            "withdrawn_at": d.get("withdrawn_at"), "withdrawn_why": d.get("withdrawn_why", ""),
        }
        for d in s.decisions
    ]  # fmt: skip
    return {
        "approvals": [d for d in given if d["gate"] == "approval"],
        "sign_offs": [d for d in given if d["gate"] != "approval"],
        "needed": [
            {"role": seat["role"], "count": seat.get("count", 1), "title": seat.get("title", "")}
            for seat in s.facts.get("approvals", [])
        ],
        "overrides": s.record.get("overrides", []),
        "concerns": s.record.get("concerns", []),
        "questions": s.record.get("questions", []),
    }


def _risk(s: Sources) -> dict[str, Any]:
    return {
        "points": s.facts.get("points", []),
        "as_signed": [
            {"at": e["at"], "by": e["actor"], "risks": e["shown"]["risks"]}
            for e in _entries(s)
            if e["shown"].get("risks")
        ],
        "way_back": s.facts.get("schema_back"),
        "migrations": s.facts.get("migrations", []),
        "gaps": (s.facts.get("notes") or {}).get("gaps", []),
    }


def _entries(s: Sources) -> list[Json]:
    return [e for e in s.entries if isinstance(e.get("shown"), Mapping)]


def _results(s: Sources) -> dict[str, Any]:
    return {
        "security": [r for r in s.results if r.get("kind") == "security"],
        "others": [r for r in s.results if r.get("kind") != "security"],
        "checks": s.record.get("checks"),
    }


def _checklists(s: Sources) -> dict[str, Any]:
    about, how = ("name", "title", "role_title", "gate", "lists"), ("state", "met", "by", "at", "source", "url", "why")
    items = [{name: item.get(name) for name in (*about, *how, "number")} for item in s.facts.get("signoffs", [])]
    return {"items": items, "dependencies": s.record.get("dependencies", [])}


def _deployments(s: Sources) -> dict[str, Any]:
    stored = {(run["environment"], run["number"]): run for run in s.runs}
    told = [_run(run, stored.get((run["environment"], run["id"]))) for run in s.record.get("runs", [])]
    logs = s.expired.get("logs")
    return {
        "runs": told,
        "environments": s.facts.get("environments", {}),
        "logs": {EXPIRED: logs["at"], "were": logs["things"]} if logs else {"files": [f"logs/{n}.txt" for n in s.logs]},
    }


def _run(run: Json, stored: Json | None) -> dict[str, Any]:
    kept = ("id", "environment", "kind", "state", "target", "sha", "by", "started_at", "ended_at", "reason", "builds")
    body = (stored or {}).get("body", {})
    return {
        **{name: run.get(name) for name in kept},
        "deployer": run.get("by"),
        "steps": (stored or {}).get("attempts") or run.get("steps") or run.get("done", []),
        "variables": compared(body.get("variables"), ((stored or {}).get("before") or {}).get("variables"))
        if body.get("variables")
        else NOT_RECORDED,
    }


def compared(now: Json | None, before: Json | None) -> dict[str, Any]:
    """The variables that a run's commands had, each with a keyed digest of its value, and what differs from the run
    before. Digests made with another key can not be compared, which is said."""
    mine, theirs = dict((now or {}).get("digests", {})), dict((before or {}).get("digests", {}))
    told: dict[str, Any] = {"key": (now or {}).get("key", ""), "digests": mine}
    if not before:
        return told | {"compared": "nothing was recorded before"}
    if before.get("key") != told["key"]:
        return told | {"compared": "the key of the digests was changed since"}
    changed = sorted(name for name in mine.keys() & theirs.keys() if mine[name] != theirs[name])
    return told | {"compared": {"added": sorted(mine.keys() - theirs.keys()),
                                "removed": sorted(theirs.keys() - mine.keys()), "changed": changed}}  # fmt: skip


def _incidents(s: Sources) -> dict[str, Any]:
    return {"incidents": s.record.get("incidents", []), "reports": s.record.get("reports", [])}
