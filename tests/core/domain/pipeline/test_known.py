"""What the stored facts of a release say about a failure: each line by two facts that differ in nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.domain.pipeline.known import Heard, failing_of, known_of, version_before
from core.domain.pipeline.recovery import Backup, Known

NOW = datetime(2026, 12, 16, 15, 10, tzinfo=UTC)
AT = "2026-12-16T15:04:00+00:00"
FAILED = {"uses": "smoke", "state": "failed", "found": {"failing": [["payments", "500"], "health"]}}


def step(uses: str, state: str = "done", **found: Any) -> dict[str, Any]:
    return {"uses": uses, "state": state, "started_at": AT, "ended_at": AT, "found": found}


def known(steps: Any = (), facts: Any = None, failed: Any = None, **heard: Any) -> Known:
    base = {"version": "1.3.0", "scope": {"count": 14}, "environments": {"production": {"version": "1.2.2"}}}
    told = Heard(**{"database": True, "passed": ("payments", "health")} | heard)
    return known_of(base | (facts or {}), {"changed": True, "steps": list(steps)}, failed or FAILED, told, NOW)


@pytest.mark.parametrize(
    "facts,more,schema",
    [
        ({"schema_back": {"verdict": "no", "told": "files"}}, {"database": False}, "none"),
        ({"schema_back": {"verdict": "yes", "told": "untouched"}}, {}, "same"),
        ({"schema_back": {"verdict": "yes", "told": "structure"}}, {}, "runs"),
        ({"schema_back": {"verdict": "no", "told": "structure"}}, {}, "breaks"),
        ({"schema_back": {"verdict": "unknown", "told": "files"}}, {}, "unknown"),
        ({"schema_back": None, "signoffs": [{"gate": "rollback", "state": "met"}]}, {}, "runs"),
        ({"signoffs": [{"gate": "rollback", "state": "open"}]}, {}, "unknown"),
    ],
)
def test_how_the_version_before_gets_on_with_the_database(facts: Any, more: Any, schema: str) -> None:
    assert known((), facts, **more).schema == schema


def test_the_backup_counts_with_its_time_and_whether_it_was_proven() -> None:
    at = datetime.fromisoformat(AT)
    assert known([step("backup", verified=True)]).backup == Backup(at, True)
    assert known([step("backup")]).backup == Backup(at, False)
    assert known([step("backup", "failed")]).backup is None


def test_people_meet_it_from_its_first_service_on() -> None:
    assert known([step("backup"), step("deploy", "failed")]).live_at == datetime.fromisoformat(AT)
    assert known([step("backup")]).live_at is None and not known([step("backup")]).unserved
    waits = step("deploy", "pending") | {"started_at": None}
    assert known([waits]).unserved and not known([step("deploy")]).unserved


def test_checks_passed_before_only_where_each_of_them_is_known() -> None:
    assert known().passed_before is True and known().failing == ("payments", "health")
    assert known(passed=("health",)).passed_before is None and known(passed=None).passed_before is None
    assert known(passed=("health",), let_pass=("payments",)).passed_before is False, "a person let it pass then"
    assert failing_of({}) == () and failing_of({"failing": [["a", "b"], ["c"]]}) == (("a", "b"), ("c", ""))


def test_the_way_back_and_the_way_on_have_numbers() -> None:
    assert (known().previous, known().fix, known().changes) == ("1.2.2", "1.3.0-hotfix.1", 14)
    live = {"environments": {"production": {"version": "1.3.0", "previous": "1.2.2"}}}
    assert known(facts=live).previous == "1.2.2" and version_before({"version": "1.3.0"}) == ""
    assert known(facts={"version": "?"}).fix == ""


def test_what_may_be_repeated_is_told_by_the_plan_else_by_its_kind() -> None:
    assert known().repeatable and not known(failed=FAILED | {"uses": "migrate"}).repeatable
    assert known(failed=FAILED | {"uses": "migrate"}, repeatable=True).repeatable
    assert known(failed=FAILED | {"state": "unknown"}).outcome == "unknown"
