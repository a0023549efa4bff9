"""Runs of a pipeline as the record has them, in each state that people may meet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.domain.pipeline.recovery import Backup, FlagSeen, Known
from tests.handlers.story import NOW, OLU

STARTED = NOW - timedelta(minutes=4, seconds=10)
STEPS = (
    ("announce", "Announce the start", "announce", 0, 0),
    ("tag", "Tag v1.3.0", "publish", 3, 3),
    ("checks", "Pre-deployment checks", "checks", 41, 40),
    ("backup", "Database backup", "backup", 48, 50),
    ("migrations", "Database migrations", "migrate", 62, 60),
    ("backend", "Deploy: Backend", "deploy", 80, 90),
    ("frontend", "Deploy: Frontend", "deploy", 0, 60),
    ("verify", "Verify versions", "verify", 0, 20),
    ("smoke", "Smoke tests", "smoke", 0, 40),
    ("verified", "Manual verification", "sign", 0, 0),
    ("told", "Announce the end", "announce_end", 0, 0),
)
TOLD = {"checks": "6 of 6", "backup": "restore point verified", "migrations": "1 applied"}
FAILING = [["payments/health", "500, expected 200"], ["payments/checkout", "500, expected 200"]]


def steps(at: str, state: str, **more: Any) -> list[dict[str, Any]]:
    """All that come before `at` are done, `at` stands as told, nothing after it has begun; `at` "" = all are done."""
    found, now, over = [], STARTED, True
    for name, title, uses, took, expected in STEPS:
        here, over = name == at, over and name != at
        one: dict[str, Any] = {"name": name, "title": title, "uses": uses, "expected": expected, "reason": ""}
        one |= {"started_at": None, "ended_at": None, "state": "pending", "item": "", "found": {}}
        if over or here:
            one |= {"state": "done" if over else state, "started_at": now.isoformat()}
            one |= {"found": {"told": TOLD[name]}} if name in TOLD else {}
        if over or (here and state != "running"):
            now += timedelta(seconds=took or 12)
            one["ended_at"] = now.isoformat()
        found.append(one | (more if here else {}))
    return found


def run_json(state: str = "running", at: str = "frontend", step: str = "running", **more: Any) -> dict[str, Any]:
    ended = NOW.isoformat() if state != "running" else None
    base = {"id": 3, "environment": "production", "kind": "deploy", "state": state, "target": "1.3.0", "step": at}
    base |= {"by": OLU, "started_at": STARTED.isoformat(), "ended_at": ended, "reason": "", "stop_asked": False}
    return base | {"steps": steps(at, step)} | more


def failed(**more: Any) -> dict[str, Any]:
    """The step that stands, as the decision message wants it."""
    base = {"name": "smoke", "title": "Smoke tests", "uses": "smoke", "state": "failed", "number": 9, "of": 11}
    return base | {"failing": FAILING, "count": 12, "reason": "2 of 12 smoke tests failed", "decide": []} | more


def known(now: datetime = NOW, **more: Any) -> Known:
    given: dict[str, Any] = {
        "previous": "1.2.2", "uses": "smoke", "repeatable": True, "failing": tuple(n for n, _ in FAILING),
        "passed_before": True, "live_at": now - timedelta(minutes=2), "schema": "runs", "changes": 14,
        "flags": (FlagSeen("enable_new_billing_system", True, 10, ("payments/checkout",)),),
        "fix": "1.3.0-hotfix.1", "usual": {"rollback": (240,), "flag_off": (10,), "fix_forward": (3300, 8400)},
        "backup": Backup(now - timedelta(minutes=9), True),
    }  # fmt: skip
    return Known(now, **given | more)
