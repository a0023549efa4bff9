"""A release whose environments have pipelines: what each step and each decision does to it, without any runner."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from core.domain.effects import Effect
from core.domain.facts import project
from core.domain.pipeline.model import BESIDE, StepState
from core.domain.plans.steps import past, steps_from
from core.domain.policy import Policy, parse_policy
from core.domain.release import Phase, Release, Run, RunState
from core.errors import Refused
from tests.core.domain.test_engine import minor, ship_until_deployment, to_staging
from tests.core.domain.world import OLU, PRIYA, THEO, World
from tests.policies import SHIPPED

BAD = "customers cannot work"


@cache
def shipped() -> Policy:
    return parse_policy(SHIPPED.read_text(encoding="utf-8"))


@dataclass
class Pipes:
    """Does what runs want, step by step, unless `fails` has the step: (state, reason)."""

    w: World = field(default_factory=lambda: World(policy=shipped()))
    fails: dict[str, tuple[str, str]] = field(default_factory=dict)
    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.w.fails |= {"deploy": self._deploy, "run.word": self._word}

    def _deploy(self, e: Effect) -> tuple[str, dict[str, Any]]:
        self.bodies.append((max(self.w.releases), dict(e.body)))
        return "look_again", {}

    def _word(self, e: Effect) -> tuple[str, dict[str, Any]]:
        self.words.append(str(e.body["word"]))
        return "look_again", {}

    def names(self) -> list[str]:
        return [s.name for s in steps_from(self.bodies[-1][1]["steps"])]

    def go_on(self) -> None:
        """All steps that the newest run has before it."""
        number, body = self.bodies[-1]
        run = {"run": body["run"]}
        for step in [s for s in steps_from(body["steps"]) if s.uses not in BESIDE]:
            known = {x.name: x.state for x in self.run(number, body["environment"]).steps}
            if known[step.name] is not StepState.PENDING:
                continue
            self.w.report(number, "run.step", run | {"step": step.name, "state": "running"})
            self.w.now += timedelta(seconds=7)
            if step.name in self.fails and body["environment"] == "production":
                state, why = self.fails[step.name]
                self.w.report(number, "run.failed", run | {"step": step.name, "state": state, "reason": why})
                return
            told = {"step": step.name, "state": "done", "found": self.found.get(step.name, {})}
            self.w.report(number, "run.step", run | told)
        self.w.report(number, "run.done", run)

    def run(self, number: int, environment: str = "production") -> Run:
        run = self.w.releases[number].run(environment)
        assert run is not None
        return run

    def in_deployment(self) -> Release:
        """A minor release whose run in production has just begun."""
        r = minor(self.w)
        self.w.fails["deploy"] = self._at_once
        ship_until_deployment(self.w, r)
        self.w.fails["deploy"] = self._deploy
        return self.w.again(r)

    def _at_once(self, e: Effect) -> tuple[str, dict[str, Any]]:
        answer = self._deploy(e)
        if e.body["environment"] == "staging":
            self.go_on()
        return answer

    def states(self, r: Release) -> dict[str, str]:
        return {x.name: x.state.value for x in self.run(r.id).steps}


def test_a_release_goes_live_when_its_steps_are_done_and_people_have_signed() -> None:
    p = Pipes()
    r = p.in_deployment()
    assert p.names()[:5] == ["announce", "tag", "checks", "backup", "migrations"]
    assert p.states(r)["announce"] == "done" and p.states(r)["tag"] == "pending"
    p.go_on()
    assert p.run(r.id).state is RunState.DONE and p.w.phase(r) is Phase.DEPLOYMENT, "QA and DevOps have to sign"
    done = {x.name: x.at for x in p.run(r.id).done}
    assert list(done) == ["backup", "migrations", "code", "smoke tests"] and len(set(done.values())) == 4
    facts = {x["name"]: x for x in _facts(p, r)["steps"]}
    assert facts["verified"]["state"] == "pending" and facts["told"]["state"] == "pending"
    p.w.sign_all("deployed", r)
    assert p.w.phase(r) is Phase.POST_RELEASE
    facts = {x["name"]: x for x in _facts(p, r)["steps"]}
    assert facts["verified"]["state"] == "done" and facts["told"]["state"] == "done"
    p.w.now += timedelta(minutes=4)
    (found,) = p.w.act(PRIYA, "incident", r, reason="payments fail").steps
    live = p.w.again(r).live_at
    assert live and found.outcome.record["after_live"] == (p.w.now - live).seconds >= 240
    assert {"rollback", "fix_forward"} <= set(project(p.w.situation(p.w.again(r)))["allowed"])
    p.w.now += timedelta(minutes=6)
    (over,) = p.w.act(OLU, "resolve", r, incident=1, reason="the index is back").steps
    assert over.outcome.record["took"] == 360 and p.w.again(r).incidents[0].resolved_at == p.w.now
    seen = p.w.product.durations
    assert seen[past("production", "deploy", "backup")] == (7,) and past("staging", "deploy", "smoke") in seen


def _facts(p: Pipes, r: Release) -> dict[str, Any]:
    found: dict[str, Any] = project(p.w.situation(p.w.again(r)))["run"]
    return found


def test_until_a_step_changes_something_it_can_be_aborted_and_another_go_begins_from_the_start() -> None:
    p = Pipes(fails={"backup": ("failed", "disk full")})
    r = p.in_deployment()
    p.go_on()
    assert p.run(r.id).state is RunState.WAITING and not p.run(r.id).changed
    with pytest.raises(Refused):
        p.w.act(OLU, "rollback", r, reason="payments fail", severity=BAD)
    p.w.act(PRIYA, "abort", r, reason="the disk is full")
    assert p.w.phase(r) is Phase.PREPARATION and p.words == ["end"] and p.w.environments["production"].lock is None
    p.w.act(PRIYA, "go", r)
    assert p.w.phase(r) is Phase.DEPLOYMENT and p.run(r.id).id > 1
    assert {s for n, s in p.states(r).items() if n != "announce"} == {"pending"}, "results of old runs do not count"
    p.fails = {"migrations": ("failed", "syntax error")}
    p.go_on()
    with pytest.raises(Refused) as refused:
        p.w.act(PRIYA, "abort", r, reason="not today")
    assert [b.code for b in refused.value.blockers] == ["run.changed"]


def test_a_check_that_fails_before_anything_has_changed_ends_the_deployment_by_itself() -> None:
    p = Pipes(fails={"checks": ("failed", "a test is red")})
    r = p.in_deployment()
    p.go_on()
    assert p.w.phase(r) is Phase.PREPARATION and p.w.environments["production"].lock is None
    assert p.w.said("unproven") == ["thread", f"dm:{PRIYA}"] and not p.w.said("decision")
    p.w.act(PRIYA, "go", r)
    p.fails = {"checks": ("unknown", "the bot was away")}
    p.go_on()
    assert p.w.phase(r) is Phase.DEPLOYMENT and p.run(r.id).state is RunState.WAITING, "it is not known to be red"


def test_a_run_on_staging_can_be_stopped_and_nobody_waits_for_it_when_the_release_goes_back() -> None:
    p = Pipes()
    r = minor(p.w)
    with contextlib.suppress(AssertionError):
        to_staging(p.w, r)
    p.w.act(OLU, "stop", r)
    assert p.words == ["stop"] and p.run(r.id, "staging").stop_asked
    stopped = {"run": p.run(r.id, "staging").id, "step": "backup", "state": "stopped", "reason": "stopped by a person"}
    p.w.report(r.id, "run.failed", stopped)
    p.w.act(OLU, "retry", r)
    assert p.words == ["stop"] and len(p.bodies) == 2, "nothing of it had begun, so it is begun"
    p.w.act(PRIYA, "back", r, reason="a fix is missing")
    assert p.words == ["stop", "end"]


def test_the_running_step_is_ended_at_once_unless_nobody_may_end_it_in_the_middle() -> None:
    p = Pipes()
    r = p.in_deployment()
    run = p.run(r.id)
    runs = {"run": run.id, "step": "backup", "state": "running"}
    p.w.report(r.id, "run.step", runs)
    p.w.act(OLU, "stop", r, item="now")
    assert (p.run(r.id).end_step, p.run(r.id).stop_asked, p.words) == ("backup", True, ["stop"])
    ended = {"step": "backup", "state": "failed", "reason": "it was stopped by a person"}
    p.w.report(r.id, "run.failed", {"run": run.id, **ended, "also": [ended]})
    assert p.run(r.id).state is RunState.WAITING and p.w.said("ended_now")
    p.w.act(OLU, "retry", r)
    assert p.run(r.id).end_step == ""
    p.w.report(r.id, "run.step", runs | {"state": "done", "also": [{"step": "migrations", "state": "running"}]})
    with pytest.raises(Refused) as refused:
        p.w.act(OLU, "stop", r, item="now")
    assert [b.code for b in refused.value.blockers] == ["run.never_stop"]
    p.w.act(OLU, "stop", r)
    assert p.run(r.id).stop_asked and p.run(r.id).end_step == ""


def pushing() -> Policy:
    """The shipped policy with a backend that a push of main deploys."""
    rules = shipped().deployment
    services = {**rules.services, "backend": rules.services["backend"].model_copy(update={"trigger": "push"})}
    return shipped().model_copy(update={"deployment": rules.model_copy(update={"services": services})})


def test_where_a_push_deploys_the_run_knows_what_is_still_to_push_also_after_an_abort() -> None:
    p = Pipes(w=World(policy=pushing()), fails={"backup": ("failed", "disk full")})
    r = p.in_deployment()
    git = p.bodies[-1][1]["git"]
    assert git["order"]["is"] == "Promote" and git["plan"]["commit"] == p.run(r.id).sha
    assert p.w.said("tag_out") == ["thread"] and not p.w.said("promoted")
    p.go_on()
    p.w.act(PRIYA, "abort", r, reason="the disk is full")
    p.w.act(PRIYA, "go", r)
    assert p.w.phase(r) is Phase.DEPLOYMENT and p.bodies[-1][1]["git"] == git and not p.run(r.id).changed
    p.fails = {"push-main": ("failed", "somebody else has pushed main")}
    p.go_on()
    assert p.run(r.id).changed, "main may have been pushed, and that deploys"


def test_what_a_step_found_is_kept_within_bounds() -> None:
    found = {"rows": list(range(999)), "note": "x" * 999, "deep": {"a": {"b": {"c": 1}}}, "compatible": True}
    p = Pipes(fails={"migrations": ("failed", "no")}, found={"backup": found})
    r = p.in_deployment()
    p.go_on()
    kept = next(x for x in p.run(r.id).steps if x.name == "backup").found
    assert len(kept["rows"]) == 200 and len(str(kept["note"])) == 500 and kept["compatible"] is True
    assert kept["deep"] == {"a": {"b": "{'c': 1}"}}


def test_a_failed_step_waits_for_a_person_and_goes_on_in_the_same_run() -> None:
    p = Pipes(fails={"smoke": ("failed", "2 of 12 failed")})
    r = p.in_deployment()
    p.go_on()
    run = p.run(r.id)
    assert (run.state, run.step, run.reason) == (RunState.WAITING, "smoke", "2 of 12 failed")
    assert p.w.said("decision") == ["team"] and p.states(r)["smoke"] == "failed"
    p.w.act(THEO, "retry", r)  # the policy lets the tech lead decide about this step
    assert p.words == ["retry"] and p.run(r.id).id == run.id and p.run(r.id).state is RunState.RUNNING
    assert p.states(r)["smoke"] == "pending" and p.states(r)["backup"] == "done"
    p.go_on()
    p.w.act(OLU, "flag_off", r, flag="owner-form", reason="it isolates it")
    assert p.words[-1] == "verify" and (p.states(r)["verify"], p.states(r)["smoke"]) == ("pending", "pending")
    p.go_on()
    p.w.act(OLU, "worked", r, reason="I looked at the page")
    assert p.words[-1] == "worked" and p.states(r)["smoke"] == "done"
    assert p.run(r.id).done[-1].by == OLU, "it is said who says so"
    p.go_on()
    assert p.run(r.id).state is RunState.DONE


def test_what_nobody_knows_waits_in_its_own_words_and_what_was_only_stopped_cannot_have_worked() -> None:
    p = Pipes(fails={"backend": ("unknown", "nobody can tell what it did")})
    r = p.in_deployment()
    p.go_on()
    assert p.states(r)["backend"] == "unknown" and p.run(r.id).state is RunState.WAITING and p.run(r.id).changed
    p.w.act(OLU, "worked", r, reason="the host says that it is live")
    assert "code" not in {x.name for x in p.run(r.id).done}, "the other parts are not there yet"
    p.w.act(OLU, "stop", r)
    stopped = {"run": p.run(r.id).id, "step": "monitor", "state": "stopped", "reason": "stopped by a person"}
    p.w.report(r.id, "run.failed", stopped)
    with pytest.raises(Refused) as refused:
        p.w.act(OLU, "worked", r, reason="I think so")
    assert [b.code for b in refused.value.blockers] == ["run.only_stopped"]
    p.w.act(OLU, "retry", r)
    p.fails = {}
    p.go_on()
    assert p.run(r.id).state is RunState.DONE and not p.run(r.id).stop_asked


@pytest.mark.parametrize(("compatible", "word", "first"), [
    (True, "", "backend-back"), (False, "", "database-back"), (False, "keep", "backend-back"),
    (True, "back", "database-back"),
])  # fmt: skip
def test_a_roll_back_is_a_run_of_its_own_and_takes_the_database_back_only_where_it_must(
    compatible: bool, word: str, first: str
) -> None:
    p = Pipes(fails={"smoke": ("failed", "500")}, found={"migrations": {"compatible": compatible}})
    r = p.in_deployment()
    p.go_on()
    p.w.act(OLU, "rollback", r, reason="payments fail", severity=BAD, database=word)
    body = p.bodies[-1][1]
    assert (body["kind"], body["version"], body["previous"]) == ("roll back", "1.2.2", "1.3.0")
    assert p.names()[0] == first
    p.fails = {"verify": ("failed", "still 1.3.0")}
    p.go_on()
    assert p.run(r.id).state is RunState.WAITING and p.w.said("rollback_failed") == ["thread"]
    p.fails = {}
    with pytest.raises(Refused):
        p.w.act(THEO, "retry", r)
    p.w.act(OLU, "retry", r)
    p.go_on()
    assert p.w.again(r).outcome == "rolled back" and p.w.environments["production"].version == "1.2.2"
