"""The facts of the example story, made by the same rules as the real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from core.domain.calendar import phase_dates
from core.domain.facts import project
from core.domain.policy import Policy, parse_policy
from core.domain.release import Candidate, Change, Decision, Environment, Phase, Release, ReleaseType, Run, RunState
from core.domain.situation import Situation
from tests.policies import simulated_text

NOW = datetime(2026, 12, 14, 15, 2, tzinfo=UTC)
LEAVES = datetime(2026, 12, 16, 15, 0, tzinfo=UTC)
PEOPLE = ("priya", "theo", "qadir", "mira", "olu", "sana", "erika", "dana")
PRIYA, THEO, QADIR, MIRA, OLU, SANA, ERIKA, DANA = (f"U0{p.upper()}" for p in PEOPLE)
SHA = "8f3c2ab" + "0" * 33


@cache
def policy() -> Policy:
    return parse_policy(simulated_text())


def release(phase: Phase = Phase.PREPARATION, kind: ReleaseType = ReleaseType.MINOR, **more: Any) -> Release:
    rules = policy()
    train = rules.trains["main"]
    dates = phase_dates(LEAVES, train.timetable(), freeze_days=4, prepare_days=2, window=train.window)
    by_train = kind.by_train
    version = {"minor": "1.3.0", "major": "2.0.0", "patch": "1.2.3", "hotfix": "1.2.2-hotfix.1"}[kind]
    late = phase not in (Phase.PLANNING, Phase.DEVELOPMENT)
    base = Release(
        id=42,
        product="asset-anchor",
        version=version,
        type=kind,
        phase=phase,
        epoch=7,
        policy_hash=rules.hash,
        started_by=PRIYA,
        started_at=NOW - timedelta(days=20),
        lead=PRIYA,
        base_tag="v1.2.2",
        base_sha="2b6c0d4" + "1" * 33,
        branch=f"release/{version}",
        train="main" if by_train else None,
        departs_at=LEAVES if by_train else None,
        freeze_at=dates.freeze if by_train else None,
        prepare_at=dates.prepare if by_train else None,
        coming_at=dates.coming if by_train else None,
        window_ends_at=dates.window_ends if by_train else None,
        phase_since=NOW - timedelta(hours=6),
        reason="" if by_train else "payments fail",
        branch_head=SHA if late else "",
        scope=tuple(
            Change(f"{n:07x}" + "0" * 33, f"feat: saved searches {n} (#{300 + n})", who, f"{who}@x.example", 300 + n)
            for n, who in enumerate(("Ben", "Dana", "Ines", "Jo"))
        ),
        scope_read_at=NOW - timedelta(days=19),
        scope_head=SHA,
        candidates=(Candidate(2, f"v{version}-rc.2", SHA, NOW - timedelta(hours=7), THEO, "c41f9a02" * 8, ("1.2.2",)),)
        if late
        else (),
    )
    return replace(base, **more)


def signed(gate: str, role: str, person: str, r: Release, verdict: Any = "approve", reason: str = "") -> Decision:
    return Decision(gate, r.digest, role, person, verdict, NOW - timedelta(hours=1), reason)


def situation(r: Release, decisions: tuple[Decision, ...] = (), **more: Any) -> Situation:
    rules = policy()
    members = {role: rules.static_members(role) for role in rules.roles} | {"product_manager": (MIRA,)}
    environments = more.pop("environments", None) or {
        "production": Environment("production", "1.2.2", "2b6c0d4", since=NOW - timedelta(days=5), previous="1.2.1"),
        "staging": Environment("staging", "1.2.2", since=NOW - timedelta(days=9)),
    }
    return Situation(r, rules, NOW, decisions, environments, members, **more)


def facts(phase: Phase = Phase.PREPARATION, kind: ReleaseType = ReleaseType.MINOR, **more: Any) -> dict[str, Any]:
    """The facts of a release in a phase; decisions, environments, draft and product as for a situation, the rest as its
    own fields."""
    kept = {k: more.pop(k) for k in ("decisions", "environments", "draft", "product") if k in more}
    return project(situation(release(phase, kind, **more), **kept), record="7be1 04c9")


def run(state: RunState, kind: Any = "deploy", **more: Any) -> Run:
    base = Run(
        3,
        "production",
        kind,
        state,
        "1.3.0" if kind == "deploy" else "1.2.2",
        SHA,
        OLU,
        NOW - timedelta(minutes=8),
        step="frontend",
    )
    return replace(base, **more)
