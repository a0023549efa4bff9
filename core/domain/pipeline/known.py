"""What a release and its run say about a failure: read out of the stored facts for the ways on from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.domain.pipeline.model import REPEATABLE
from core.domain.pipeline.recovery import Backup, FlagSeen, Known, Schema
from core.domain.versions import Version, proposed

BACK_ITEM = "rollback"  # the gate of the sign-offs that the version before runs on this database
Facts = Mapping[str, Any]  # of the release, and of a run as they tell it


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known beside the release's facts. `passed` are the checks that passed with the version before, None
    where no run of it is known, and `let_pass` those that a person let pass; `tried` counts the step's attempts."""

    database: bool = False
    tried: int = 1
    repeatable: bool | None = None
    passed: tuple[str, ...] | None = None
    let_pass: tuple[str, ...] = ()
    flags: tuple[FlagSeen, ...] = ()
    usual: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def failing_of(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The checks that failed and what came, as a step tells them under `failing`: pairs, or names alone."""
    told = found.get("failing") or ()
    pairs = (x if isinstance(x, (list, tuple)) else (x, "") for x in told)
    return tuple((str(pair[0]), str(pair[1]) if len(pair) > 1 else "") for pair in pairs if pair)


def known_of(facts: Facts, run: Facts, failed: Facts, heard: Heard, now: datetime) -> Known:
    """What speaks for each way, of a run that stands at the step `failed`."""
    steps = list(run.get("steps") or ())
    names = tuple(name for name, _ in failing_of(failed.get("found") or {}))
    uses = str(failed.get("uses") or "")
    return Known(
        now,
        outcome="unknown" if failed.get("state") == "unknown" else "failed",
        previous=version_before(facts),
        changed=bool(run.get("changed", True)),
        uses=uses,
        repeatable=uses in REPEATABLE if heard.repeatable is None else heard.repeatable,
        tried=heard.tried,
        failing=names,
        passed_before=_passed(names, heard),
        live_at=_live_at(steps),
        unserved=any(_serves(s) for s in steps) and _live_at(steps) is None,
        schema=_schema(facts, heard.database),
        down=(facts.get("schema_back") or {}).get("down"),
        backup=_backup(steps),
        written=(failed.get("found") or {}).get("written"),
        flags=heard.flags,
        changes=int((facts.get("scope") or {}).get("count") or 0),
        fix=_next_fix(str(facts.get("version") or "")),
        usual=heard.usual,
    )


def _passed(names: Collection[str], heard: Heard) -> bool | None:
    """Whether all of these checks passed with the version before; None where that is not known of each."""
    if set(names) & set(heard.let_pass):
        return False
    return True if heard.passed is not None and set(names) <= set(heard.passed) else None


def version_before(facts: Facts) -> str:
    """What production goes back to, "" when nobody knows."""
    there = (facts.get("environments") or {}).get("production") or {}
    return str((there.get("previous") if there.get("version") == facts.get("version") else there.get("version")) or "")


def _next_fix(version: str) -> str:
    found = Version.maybe(version)
    return str(proposed("hotfix", found, ())) if found is not None else ""


def _live_at(steps: list[Facts]) -> datetime | None:
    """From when on people may have met the new version: its first service was being brought there."""
    began = [s["started_at"] for s in steps if _serves(s) and s.get("started_at")]
    return datetime.fromisoformat(min(began)) if began else None


def _serves(step: Facts) -> bool:
    return step["uses"] in ("deploy", "live")


def _schema(facts: Facts, database: bool) -> Schema:
    """How the version before gets on with the database: by what `core/domain/way_back.py` knows, else by somebody's
    word."""
    if not database:
        return "none"
    back = facts.get("schema_back") or {}
    if back.get("told") == "untouched":
        return "same"
    if back.get("verdict") in ("yes", "no"):
        return "runs" if back["verdict"] == "yes" else "breaks"
    signed = [s for s in facts.get("signoffs") or () if s.get("gate") == BACK_ITEM]
    return "runs" if signed and all(s.get("state") == "met" for s in signed) else "unknown"


def _of(steps: list[Facts], uses: str, name: str) -> Any:
    """What the newest step of a kind found under a name; None where it found nothing of that."""
    return next(((s.get("found") or {}).get(name) for s in reversed(steps) if s["uses"] == uses), None)


def _backup(steps: list[Facts]) -> Backup | None:
    done = next((s for s in reversed(steps) if s["uses"] == "backup" and s["state"] == "done"), None)
    if done is None or not done.get("ended_at"):
        return None
    return Backup(datetime.fromisoformat(done["ended_at"]), bool((done.get("found") or {}).get("verified")))
