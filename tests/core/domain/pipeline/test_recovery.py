"""What speaks for each way on from a failure: each point by two situations that differ in nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.pipeline.recovery import Backup, FlagSeen, Known, Way, ways

NOW = datetime(2026, 12, 16, 15, 10, tzinfo=UTC)
FAILING = ("payments/health", "payments/checkout")
GUARD = FlagSeen("billing", True, 10, FAILING)
BACKUP = Backup(NOW - timedelta(minutes=9), verified=True)
BASE = Known(
    NOW, previous="1.2.2", uses="smoke", repeatable=True, failing=FAILING, passed_before=True,
    live_at=NOW - timedelta(minutes=2), schema="runs", down=True, backup=BACKUP, written=0, changes=14,
    fix="1.3.0-hotfix.1", usual={"rollback": (240,)},
)  # fmt: skip
BREAKS = replace(BASE, schema="breaks", down=False)


def way(known: Known, name: str) -> Way:
    return next(w for w in ways(known) if w.name == name)


def codes(known: Known, name: str = "rollback") -> dict[str, str]:
    return {p.code: p.says for p in way(known, name).points}


def told(known: Known, name: str, code: str) -> dict[str, Any]:
    return next(p.data for p in way(known, name).points if p.code == code)


def suggested(known: Known) -> tuple[str, str]:
    return next(((w.name, w.suggested) for w in ways(known) if w.suggested), ("", ""))


# One row for each point: the way, the situation, the one thing that is otherwise, what is said, what is said then.
POINTS: list[tuple[str, str, Known, dict[str, Any], str, str]] = [
    ("the checks passed before", "rollback", BASE, {"passed_before": False}, "passed_before", "failed_before"),
    ("nobody ran them before", "rollback", BASE, {"passed_before": None}, "passed_before", "passed_before_unknown"),
    ("no database", "rollback", BASE, {"schema": "none"}, "schema_runs", "schema_none"),
    ("nothing was migrated", "rollback", BASE, {"schema": "same"}, "schema_runs", "schema_same"),
    ("nobody says it runs", "rollback", BASE, {"schema": "unknown"}, "schema_runs", "schema_unknown"),
    ("it does not run, but there is a way down", "rollback", BASE, {"schema": "breaks"}, "schema_runs", "down_keeps"),
    ("it does not run", "rollback", BREAKS, {"schema": "runs"}, "schema_breaks", "schema_runs"),
    ("a way down", "rollback", BREAKS, {"down": True}, "schema_breaks", "down_keeps"),
    ("perhaps a way down", "rollback", BREAKS, {"down": None}, "no_way_down", "down_unknown"),
    ("a backup is there", "rollback", BREAKS, {"backup": None}, "backup_verified", "backup_missing"),
    ("it was restored once", "rollback", BREAKS, {"backup": Backup(BACKUP.taken_at, False)}, "backup_verified",
     "backup_unproven"),
    ("rows were written since", "rollback", BREAKS, {"written": 31}, "nothing_written", "written_lost"),
    ("nobody counted rows", "rollback", BREAKS, {"written": None}, "nothing_written", "written_unknown"),
    ("it is live for long", "rollback", BASE, {"live_at": NOW - timedelta(hours=5)}, "live_short", "live_long"),
    ("nobody has met it", "rollback", replace(BASE, live_at=None), {"unserved": True}, "live_unknown", "serves_nobody"),
    ("since when is unknown", "rollback", BASE, {"live_at": None}, "live_short", "live_unknown"),
    ("the flag guards a part", "flag_off", replace(BASE, flags=(GUARD,)),
     {"flags": (replace(GUARD, guards=FAILING[1:]),)}, "guards_all", "guards_part"),
    ("what it guards is unknown", "flag_off", replace(BASE, flags=(GUARD,)), {"flags": (replace(GUARD, guards=None),)},
     "guards_all", "guards_unknown"),
    ("whether it is on is unknown", "flag_off", replace(BASE, flags=(GUARD,)), {"flags": (replace(GUARD, on=None),)},
     "share_loses", "flag_state_unknown"),
    ("the step changes something", "retry", BASE, {"uses": "deploy"}, "only_looks", "may_repeat"),
    ("it may not be done twice", "retry", replace(BASE, uses="migrate"), {"repeatable": False}, "may_repeat",
     "not_repeatable"),
    ("nobody knows what it did", "retry", replace(BASE, uses="migrate", repeatable=False), {"outcome": "unknown"},
     "not_repeatable", "done_twice"),
]  # fmt: skip


@pytest.mark.parametrize("name,known,other,here,there", [p[1:] for p in POINTS], ids=[p[0] for p in POINTS])
def test_a_point(name: str, known: Known, other: dict[str, Any], here: str, there: str) -> None:
    first, second = codes(known, name), codes(replace(known, **other), name)
    assert here in first and there not in first
    assert there in second and here not in second


@pytest.mark.parametrize(
    "name,known,other,reason",
    [
        ("rollback", BASE, {"previous": ""}, "no_version_before"),
        ("rollback", BASE, {"changed": False}, "nothing_changed"),
        ("rollback", replace(BREAKS), {"backup": None}, "no_way_for_data"),
        ("fix_forward", BASE, {"changed": False}, "nothing_changed"),
        ("flag_off", replace(BASE, flags=(GUARD,)), {"flags": ()}, "no_flag"),
        ("flag_off", replace(BASE, flags=(GUARD,)), {"flags": (replace(GUARD, on=False),)}, "flag_is_off"),
        ("flag_off", replace(BASE, flags=(GUARD,)), {"flags": (replace(GUARD, guards=()),)}, "guards_nothing"),
    ],
)
def test_a_way_that_cannot_help_stays_with_its_reason(
    name: str, known: Known, other: dict[str, Any], reason: str
) -> None:
    assert not way(known, name).useless
    assert way(replace(known, **other), name).useless == reason


@pytest.mark.parametrize(
    "known,other,here,there",
    [
        (BASE, {"flags": (GUARD,)}, ("rollback", "nothing_lost"), ("flag_off", "isolates")),
        (BASE, {"schema": "unknown"}, ("rollback", "nothing_lost"), ("", "")),
        (BASE, {"passed_before": None}, ("rollback", "nothing_lost"), ("", "")),
        (BASE, {"passed_before": False}, ("rollback", "nothing_lost"), ("", "")),
        (BASE, {"live_at": None}, ("rollback", "nothing_lost"), ("", "")),
        (BASE, {"outcome": "unknown"}, ("rollback", "nothing_lost"), ("", "")),
        (BASE, {"schema": "breaks", "down": False}, ("rollback", "nothing_lost"), ("", "")),
        (BASE, {"schema": "breaks"}, ("rollback", "nothing_lost"), ("rollback", "nothing_lost")),
        (BASE, {"previous": ""}, ("rollback", "nothing_lost"), ("fix_forward", "only_way")),
        (replace(BASE, flags=(GUARD,)), {"flags": (replace(GUARD, share=None, on=None),)}, ("flag_off", "isolates"),
         ("rollback", "nothing_lost")),
    ],
)  # fmt: skip
def test_at_most_one_is_suggested_and_none_where_a_fact_is_missing(
    known: Known, other: dict[str, Any], here: tuple[str, str], there: tuple[str, str]
) -> None:
    assert suggested(known) == here
    assert suggested(replace(known, **other)) == there
    assert sum(bool(w.suggested) for w in ways(replace(known, **other))) <= 1


def test_numbers_are_those_of_the_facts() -> None:
    assert told(BREAKS, "rollback", "backup_verified")["seconds"] == 540
    assert told(replace(BREAKS, written=31), "rollback", "written_lost")["count"] == 31
    assert told(BASE, "rollback", "changes_leave") == {"count": 14}
    assert told(replace(BASE, tried=3), "retry", "tried") == {"count": 3} and "tried" not in codes(BASE, "retry")
    assert way(replace(BASE, usual={"fix_forward": (3300, 8400, 4000)}), "fix_forward").seconds == (3300, 4000, 8400)
    assert way(BASE, "rollback").seconds == (240, 240, 240) and way(BASE, "fix_forward").seconds is None


def test_the_flag_that_guards_most_comes_first_and_not_all_are_told() -> None:
    flags = tuple(FlagSeen(n, True, 100, g) for n, g in (("a", ()), ("b", FAILING[:1]), ("c", FAILING), ("d", None)))
    found = [w.item for w in ways(replace(BASE, flags=flags)) if w.name == "flag_off"]
    assert found == ["c", "b"]
