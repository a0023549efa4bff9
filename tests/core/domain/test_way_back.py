"""A machine says that the version before runs on the database where it can tell; else somebody signs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.checklist import proof
from core.domain.notes.model import Draft, Finding
from core.domain.parts import Run, RunState
from core.domain.pipeline.model import RunStep, StepState
from core.domain.policy import Policy, parse_policy
from core.domain.situation import Situation
from core.domain.way_back import before_fits, goes_down
from tests.core.domain.test_engine import minor
from tests.core.domain.world import World
from tests.policies import SHIPPED

ADDS = Finding("migration", "migrations/0003.sql", "adds column `a`", effects=("adds",), reversible=True)
TAKES = Finding("migration", "migrations/0004.sql", "drops column `b`", True, effects=("takes",), reversible=True)
NEVER = replace(TAKES, reversible=False)


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return parse_policy(SHIPPED.read_text(encoding="utf-8"))


def situation(shipped: Policy, *findings: Finding, state: StepState | None = None, **found: object) -> Situation:
    """A minor release whose draft shows these migrations, and a deployment whose step `migrate` stands so."""
    w = World()
    s = replace(w.situation(w.again(minor(w))), policy=shipped, draft=Draft("main0", "dev0", findings=findings))
    if state is None:
        return s
    step = RunStep("migrations", "Database migrations", "migrate", state, found=dict(found))
    run = Run(1, "production", "deploy", RunState.FAILED, "1.3.0", "abc", "U0PRIYA", w.now, steps=(step,))
    return replace(s, release=replace(s.release, runs=(run,)))


@pytest.mark.parametrize(
    ("findings", "state", "found", "verdict"),
    [
        ((), None, {}, ("yes", "files")),
        ((ADDS,), None, {}, ("yes", "files")),
        ((TAKES,), None, {}, ("no", "files")),
        ((TAKES,), StepState.PENDING, {}, ("yes", "untouched")),
        ((TAKES,), StepState.SKIPPED, {}, ("yes", "untouched")),
        ((TAKES,), StepState.FAILED, {"applied": False}, ("yes", "untouched")),
        ((TAKES,), StepState.DONE, {"compatible": True}, ("yes", "structure")),
        ((ADDS,), StepState.DONE, {"compatible": False}, ("no", "structure")),
        ((ADDS,), StepState.UNKNOWN, {}, ("yes", "files")),
    ],
)
def test_what_tells_whether_the_version_before_runs_on_it(
    shipped: Policy, findings: tuple[Finding, ...], state: StepState | None, found: dict[str, object],
    verdict: tuple[str, str],
) -> None:  # fmt: skip
    assert before_fits(situation(shipped, *findings, state=state, **found)) == verdict


def test_the_item_is_met_by_that_and_else_somebody_signs_it(shipped: Policy) -> None:
    item = shipped.signoffs["schema.back"]

    def how(s: Situation) -> tuple[str, str, str]:
        found = proof(s, "schema.back", item)
        return found.state, found.how, found.why

    assert how(situation(shipped, ADDS)) == ("met", "automatic", "schema_files")
    fits = situation(shipped, ADDS, state=StepState.DONE, compatible=True)
    assert how(fits) == ("met", "automatic", "schema_structure")
    down = situation(shipped, TAKES, state=StepState.DONE, compatible=False)
    assert goes_down(down) and how(down) == ("met", "automatic", "schema_down")
    never = situation(shipped, NEVER, state=StepState.DONE, compatible=False)
    assert not goes_down(never)
    assert how(never)[1] == "sign-off" and how(never)[0] != "met"
