"""Nobody answers a run that stands: who is called after whom, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.due import dues
from core.domain.moves.calling import called, next_called, stands
from core.domain.moves.running import new_run, stepped
from core.domain.release import Phase, Release, ReleaseType, Run, RunState
from core.domain.situation import Act, Situation
from tests.core.domain.pipeline.test_stories import shipped
from tests.core.domain.world import ERIKA, OLU, PRIYA, START, THEO

MEMBERS = {"release_manager": (PRIYA,), "devops": (OLU,), "tech_lead": (THEO,), "executive": (ERIKA,)}
AFTER = timedelta(minutes=5)


def situation(step: str = "backend") -> Situation:
    """A deployment that failed at this step; the policy names the roles that decide about the smoke tests."""
    release = Release(
        1, "asset-anchor", "1.3.0", ReleaseType.MINOR, Phase.DEPLOYMENT, 5, shipped().hash, PRIYA, START, PRIYA,
        "v1.2.2", "a" * 40, "release/1.3.0",
    )  # fmt: skip
    s = Situation(release, shipped(), START, members=MEMBERS)
    run = new_run(s, "production", "deploy", Act(PRIYA, "go"), sha="c" * 40)
    run = replace(stepped(s, run, {"step": step, "state": "failed"}), state=RunState.FAILED, ended_at=START)
    return replace(s, release=replace(release, runs=(run,)))


def waiting(s: Situation) -> tuple[Situation, Run]:
    run = s.release.runs[-1]
    waits = stands(s, run)
    return replace(s, release=replace(s.release, runs=(waits,))), waits


@pytest.mark.parametrize("step,first,then", [("backend", (THEO,), (ERIKA,)), ("smoke", (ERIKA,), ())])
def test_the_next_role_is_called_after_the_minutes_of_the_policy(
    step: str, first: tuple[str, ...], then: tuple[str, ...]
) -> None:
    s, run = waiting(situation(step))
    assert run.call_at == START + AFTER and next_called(s, run) == first
    assert [d.at for d in dues(s.release) if d.what == "decision"] == [START + AFTER]
    assert called(s, s.release) == (s.release, ())
    s = replace(s, now=START + AFTER)
    release, told = called(s, s.release)
    assert [e.lane for e in told] == ["team", *(f"dm:{p}" for p in first)]
    further = release.runs[-1]
    assert further.call_at == (START + 2 * AFTER if then else None)
    assert called(replace(s, release=release), release) == (release, ())
    assert next_called(s, further) == (then or first)


def test_a_rollback_that_stops_has_called_everybody_already() -> None:
    s = situation()
    assert stands(s, replace(s.release.runs[-1], kind="roll back")).call_at is None


def test_without_a_pipeline_nobody_is_called_later() -> None:
    s = situation()
    assert stands(s, replace(s.release.runs[-1], steps=())).call_at is None
