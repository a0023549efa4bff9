"""What several results of one kind add up to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.contents import Checks, Lack, NotesState
from core.domain.evidence.model import PERSON, Evidence, Verdict
from core.domain.forge import Check
from core.domain.notes.model import Draft, Heading, Item
from core.domain.policy_host import Github
from core.domain.release import Candidate, Phase, Release, ReleaseType
from core.domain.results.judge import judged
from core.domain.situation import Situation
from tests.core.domain.world import QADIR, START, policy

SHA = "a" * 40
CANDIDATE = Candidate(1, "v1.3.0-rc.1", SHA, START, QADIR, "digest")
RELEASE = Release(
    1, "asset-anchor", "1.3.0", ReleaseType.MINOR, Phase.STABILIZATION, 1, "", QADIR, START, QADIR, "v1.2.2", "main0",
    "release/1.3.0", candidates=(CANDIDATE,),
)  # fmt: skip


def result(number: int, verdict: Verdict = "passed", **more: Any) -> Evidence:
    given = {"sha": SHA, "kind": "regression", "source": "ci", "name": "all"} | more
    return Evidence(id=number, verdict=verdict, at=START + timedelta(minutes=number), digest=str(number), **given)


def seen(*found: Evidence, release: Release = RELEASE) -> Situation:
    return Situation(release, policy(), START, evidence_found=found)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ((), "missing"),
        ((result(1),), "passed"),
        ((result(1, "failed"), result(2)), "passed"),  # it was repaired and run again
        ((result(2), result(1, "failed")), "passed"),  # ... whatever the order of the rows
        ((result(1, "failed"), result(2, name="smoke")), "failed"),
        ((result(1, "failed"), result(2, source=PERSON)), "failed"),  # nobody talks a machine's failure away
        ((result(1, sha="b" * 40),), "missing"),  # another commit proves nothing
        ((result(1, kind="security"),), "missing"),
        ((result(1, "failed", format="junit"), result(2, format="coverage"), result(3, name="web")), "failed"),
    ],
)
def test_the_newest_of_each_source_and_name_counts(found: tuple[Evidence, ...], state: str) -> None:
    assert judged(seen(*found), "regression").state == state


def test_a_machines_result_is_named_before_a_persons_word_which_lifts_no_failure_of_it() -> None:
    by_hand = result(3, source=PERSON, by=QADIR, name="", numbers={"tests": 5.0})
    failed = judged(seen(result(1, "failed"), by_hand), "regression")
    assert failed.by_machine and failed.source == "ci"
    passed = judged(seen(result(1, "failed"), result(2), by_hand), "regression")
    assert (passed.state, passed.source, passed.by, passed.by_machine) == ("passed", "ci", "", False)
    assert not judged(seen(replace(by_hand, verdict="failed")), "regression").by_machine


def test_what_no_person_may_state_is_proved_by_no_statement_however_it_came_in() -> None:
    """Stated under an earlier policy, or on another release that has the commit too: only its failures count."""
    rules = policy().evidence.model_copy(update={"machines_only": ("regression",)})
    strict = policy().model_copy(update={"evidence": rules})
    for verdict, state in (("passed", "missing"), ("failed", "failed")):
        s = replace(seen(result(1, verdict, source=PERSON, by=QADIR)), policy=strict)  # type: ignore[arg-type]
        assert judged(s, "regression").state == state


def test_without_a_candidate_everything_is_missing() -> None:
    assert judged(seen(result(1, sha=""), release=replace(RELEASE, candidates=())), "regression").state == "missing"


def test_counts_of_tests_are_added_up_and_the_newest_failure_is_named() -> None:
    first = result(1, "failed", numbers={"tests": 1000, "failed": 1}, url="https://ci/1", failing=("a",))
    other = result(2, "failed", name="web", numbers={"tests": 286, "failed": 1}, url="https://ci/2", failing=("b",))
    found = judged(seen(first, other, result(3, name="api", numbers={"tests": 10, "failed": 0})), "regression")
    assert found.numbers == {"tests": 1296, "failed": 2}
    assert (found.url, found.name, found.at, found.results) == ("https://ci/2", "web", other.at, 3)
    assert found.failing == ("a", "b")


@pytest.mark.parametrize(
    ("states", "told", "state"),
    [
        (("passed", "skipped"), (), "passed"),
        (("passed", "running"), (), "running"),
        (("failed", "running"), (), "failed"),
        (("skipped",), (), "missing"),
        (("passed",), ("failed",), "failed"),
        (("failed",), ("passed",), "failed"),
        (("running",), ("passed",), "running"),
    ],
)
def test_the_hosts_checks_count_as_automated_tests(
    states: tuple[Any, ...], told: tuple[Verdict, ...], state: str
) -> None:
    checks = Checks(SHA, START, tuple(Check(f"check {i}", x, "https://host/x") for i, x in enumerate(states)))
    s = seen(*(result(1, v, kind="automated") for v in told), release=replace(RELEASE, checks=checks))
    assert judged(s, "automated").state == state
    assert judged(s, "regression").state == "missing"


def test_coverage_proves_no_test_but_may_fail_the_kind() -> None:
    percent = {"percent": 82.5}
    covered = result(2, name="coverage", kind="automated", format="coverage", numbers=percent)
    assert judged(seen(covered), "automated").state == "missing"
    tests = result(1, kind="automated", numbers={"tests": 3.0, "failed": 0.0})
    found = judged(seen(tests, covered), "automated")
    assert (found.state, found.numbers, found.name) == ("passed", {"tests": 3, "failed": 0}, "all")
    found = judged(seen(tests, replace(covered, verdict="failed")), "automated")
    assert (found.state, found.numbers) == ("failed", percent)


@pytest.mark.parametrize(
    ("gaps", "alone", "repository", "state", "unreviewed"),
    [
        ((), False, "own/er", "passed", 0),
        (("unreviewed",), False, "own/er", "failed", 1),
        (("no_pull", "no_key"), False, "own/er", "failed", 1),
        (("no_key",), False, "own/er", "passed", 0),
        ((), True, "own/er", "missing", 0),  # the host did not answer
        ((), False, "", "missing", 0),  # there is none
    ],
)
def test_reviews_count_where_the_host_was_asked(
    gaps: tuple[str, ...], alone: bool, repository: str, state: str, unreviewed: int
) -> None:
    lacks = tuple(Lack(code, f"#{number}", f"change {number}") for number, code in enumerate(gaps, 1))
    release = replace(RELEASE, notes=NotesState(SHA, START, gaps=lacks, alone=alone))
    items = tuple(Item(f"#{number}", "change", Heading.FIXES) for number in range(1, 5))
    rules = policy().model_copy(update={"github": Github(repository=repository)})
    found = judged(Situation(release, rules, START, draft=Draft("", SHA, items)), "review")
    assert (found.state, found.numbers.get("unreviewed", 0)) == (state, unreviewed)
    assert found.failing == (("change 1",) if unreviewed else ())
