"""All changes of production in a period, and the gaps: what an auditor draws a sample from, and what has no record.

A change is a run that began in the period and brought a version to production, or a version that went live in it
without a run. Nothing is judged by its words; each gap names what is missing or was done beside the bot.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain.package.sources import Json

RISKY = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is a formula to a spreadsheet
STRAYED = {"main": "commits in no release", "tag": "tag moved by hand", "branch": "branch moved by hand"}
COLUMNS = (
    "version", "type", "change", "environment", "commit", "requested_by", "requested_at", "why", "approved_by",
    "approved_at", "tests", "deployed_by", "deployed_at", "ended_at", "state", "outcome", "overrides", "policy",
    "record",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at: `name` as typed, `start` and `end` ISO instants (the end is outside)."""

    name: str
    words: str
    start: str
    end: str

    def holds(self, at: object) -> bool:
        return bool(at) and self.start <= str(at) < self.end


@dataclass(frozen=True, slots=True)
class Population:
    """What was read: each release with its signatures, deployments of no release, and entries of other chains."""

    product: str
    releases: Sequence[Json] = ()
    loose_runs: Sequence[Json] = ()
    happened: Sequence[Json] = ()  # entries of the period: chain, at, actor, verb, body
    expired: Sequence[tuple[int, str]] = ()
    trail: Mapping[str, Any] = field(default_factory=dict)


def changes(found: Population, period: Period) -> list[dict[str, Any]]:
    """Every change of production in the period, the oldest first."""
    rows = [row for one in found.releases for row in _of_release(one, period)]
    rows += [_loose(run) for run in found.loose_runs if run["environment"] == "production"]
    rows += [_flag(entry) for entry in found.happened if entry["chain"] == "flags:production"]
    return sorted(rows, key=lambda row: (row["deployed_at"], row["version"], row["change"]))


def _of_release(one: Json, period: Period) -> Iterator[dict[str, Any]]:
    r = one["record"]
    for run in r.get("runs", []):
        if run["environment"] == "production" and period.holds(run["started_at"]):
            yield {
                **_about(one), "change": run["kind"], "commit": run["sha"], "deployed_by": run["by"],
                "deployed_at": run["started_at"], "ended_at": run.get("ended_at") or "", "state": run["state"],
            }  # fmt: skip
    shipped = any(run["environment"] == "production" and run["kind"] == "deploy" for run in r.get("runs", []))
    if not shipped and period.holds(r.get("live_at")):
        yield {**_about(one), "change": "went live without a run", "deployed_at": r["live_at"], "state": "recorded"}


def _approved(one: Json) -> list[Json]:
    """The approvals that stand."""
    told = [d for d in one["decisions"] if d["gate"] == "approval" and d["verdict"] == "approve"]
    return [d for d in told if not d["withdrawn_at"]]


def _about(one: Json) -> dict[str, Any]:
    r = one["record"]
    given = _approved(one)
    used = [o["title"] or o["code"] for o in r.get("overrides", []) if o.get("used_at")]
    blank = dict.fromkeys(COLUMNS, "")
    return blank | {
        "version": f"v{r['version']}", "type": r["type"], "environment": "production",
        "commit": r.get("promotion_sha", ""), "requested_by": r["started_by"], "requested_at": r["started_at"],
        "why": r.get("reason", ""),
        "approved_by": "; ".join(f"{d['person']} ({d['role']})" for d in given),
        "approved_at": max((str(d["at"]) for d in given), default=""), "tests": _tests(one["results"]),
        "outcome": r.get("outcome", ""), "overrides": "; ".join(used), "policy": r["policy_hash"][:12],
        "record": r.get("record", ""),
    }  # fmt: skip


def _tests(results: Sequence[Json]) -> str:
    verdicts = {str(x["kind"]): str(x["verdict"]) for x in results}
    return "; ".join(f"{kind} {verdict}" for kind, verdict in sorted(verdicts.items()))


def _loose(run: Json) -> dict[str, Any]:
    body = run["body"]
    return dict.fromkeys(COLUMNS, "") | {
        "version": str(body.get("version") or body.get("put") or ""), "change": run["kind"],
        "environment": "production", "commit": str(body.get("sha") or ""), "deployed_by": str(body.get("by") or ""),
        "why": str(body.get("reason") or ""), "deployed_at": run["started_at"], "ended_at": run["ended_at"] or "",
        "state": run["state"], "type": "of no release",
    }  # fmt: skip


def _flag(entry: Json) -> dict[str, Any]:
    body = entry["body"] or {}
    return dict.fromkeys(COLUMNS, "") | {
        "type": "flag", "change": str(entry["verb"]), "environment": "production", "deployed_by": entry["actor"],
        "deployed_at": entry["at"], "why": str(body.get("reason") or ""), "state": "done",
        "version": str(body.get("key") or body.get("flag") or ""),
    }  # fmt: skip


def commits(found: Population, period: Period) -> list[dict[str, Any]]:
    """Every commit and pull request that went live in the period, by release."""
    return [
        {"version": f"v{one['record']['version']}", "commit": c["sha"], "change": c["subject"], "by": c["author"],
         "pull_request": c.get("pull") or ""}
        for one in found.releases
        if period.holds(one["record"].get("live_at"))
        for c in one["record"].get("scope", [])
    ]  # fmt: skip


# --- gaps -------------------------------------------------------------------------------------------------------------


def gaps(found: Population, period: Period) -> list[dict[str, Any]]:
    """What has no record, or was done beside the bot: kind, when, what, and who where that is known."""
    rows = [gap for one in found.releases for gap in _of_its_own(one, period)]
    rows += [
        _gap("deployment of no release", run["started_at"], f"{run['kind']} of {run['body'].get('sha') or 'something'}",
             str(run["body"].get("by") or ""))
        for run in found.loose_runs
        if run["environment"] == "production"
    ]  # fmt: skip
    rows += [gap for entry in found.happened if (gap := _beside(entry)) is not None]
    lost = {number for number, what in found.expired if what == "package"}
    rows += [
        _gap("evidence has expired", one["record"]["live_at"], f"v{one['record']['version']}", "")
        for one in found.releases
        if one["id"] in lost and period.holds(one["record"].get("live_at"))
    ]
    return sorted(rows, key=lambda row: (row["at"], row["kind"], row["what"]))


def _gap(kind: str, at: object, what: str, who: str) -> dict[str, Any]:
    return {"kind": kind, "at": str(at or ""), "what": what, "who": who}


def _of_its_own(one: Json, period: Period) -> Iterator[dict[str, Any]]:
    """What a release that went live in the period lacks."""
    r = one["record"]
    live, tag = r.get("live_at"), f"v{r['version']}"
    if not period.holds(live):
        return
    given = _approved(one)
    if not given:
        yield _gap("live without an approval", live, tag, r["started_by"])
    elif min(str(d["at"]) for d in given) > str(live):
        yield _gap("approved after it was live", live, tag, given[0]["person"])
    if not one["results"]:
        yield _gap("live without a result", live, f"{tag}: no test was reported for its commits", "")
    runs = [x for x in r.get("runs", []) if x["environment"] == "production"]
    if not any(x["kind"] == "deploy" and x["state"] == "done" for x in runs):
        yield _gap("live without a deployment", live, f"{tag}: somebody recorded that it runs", r["started_by"])
    for o in r.get("overrides", []):
        if o.get("used_at") and not o.get("reviewed_at"):
            yield _gap("override not looked at", o["used_at"], f"{tag}: {o['title'] or o['code']}", o["first"])


def _beside(entry: Json) -> dict[str, Any] | None:
    """A gap that the trail tells of: refs that somebody moved, tags and deployments outside a release."""
    body, verb = entry["body"] or {}, str(entry["verb"])
    if verb == "stray.found":
        kind = STRAYED.get(str(body.get("kind")), "ref moved by hand")
        return _gap(kind, entry["at"], f"{body.get('ref', '')}: {body.get('what', '')}", "")
    if entry["chain"] == "outside":
        about = f"{verb} {body.get('tag') or body.get('message') or ''}"
        return _gap("outside a release", entry["at"], about.strip(), entry["actor"])
    if verb in ("adopt", "record", "by_hand"):
        about = f"{verb} {body.get('version') or body.get('step') or ''}"
        return _gap("by hand", entry["at"], about.strip(), entry["actor"])
    return None


def as_csv(rows: Sequence[Json], columns: Sequence[str]) -> str:
    """For a spreadsheet; what would be a formula there is text."""
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name, "")) for name in columns])
    return told.getvalue()


def _cell(value: Any) -> str:
    text = str("" if value is None else value)
    return f"'{text}" if text.startswith(RISKY) else text
