"""A run that stands: what came there meanwhile, what nobody told, and what was said before it went on."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest

from core.domain.facts import project
from core.domain.notes.model import Finding
from core.domain.release import RunState
from core.domain.way_back import before_fits
from core.errors import Refused, Stale
from handlers.views.pressing import subject_of
from tests.core.domain.pipeline.test_stories import BAD, Pipes
from tests.core.domain.test_engine import minor, to_staging
from tests.core.domain.world import OLU, PRIYA


@pytest.mark.parametrize(("effects", "found", "first"), [
    (("takes",), {}, "database-back"), (("adds",), {}, "backend-back"),
    (("takes",), {"applied": False}, "backend-back"), (("takes",), {"compatible": True}, "backend-back"),
])  # fmt: skip
def test_migrations_that_told_nothing_are_judged_by_their_files_on_the_way_back(
    effects: tuple[Any, ...], found: dict[str, Any], first: str
) -> None:
    p = Pipes(fails={"migrations": ("unknown", "the bot was killed")})
    r = p.in_deployment()
    p.go_on()
    run = p.run(r.id)
    told = tuple(replace(x, found=found) if x.uses == "migrate" else x for x in run.steps)
    p.w.releases[r.id] = replace(p.w.again(r), runs=(*p.w.again(r).runs[:-1], replace(run, steps=told)))
    migration = Finding("migration", "migrations/0002.py", "drops `owner`", effects=effects, reversible=True)
    p.w.drafts[r.id] = replace(p.w.drafts[r.id], findings=(migration,))
    p.w.act(OLU, "rollback", r, reason="payments fail", severity=BAD)
    assert p.names()[0] == first


def test_who_deploys_again_on_staging_waits_for_the_release_that_came_there_meanwhile() -> None:
    p = Pipes()
    r = minor(p.w)
    with contextlib.suppress(AssertionError):
        to_staging(p.w, r)
    broken = {"run": p.run(r.id, "staging").id, "step": "backup", "state": "failed", "reason": "disk full"}
    p.w.report(r.id, "run.failed", broken)
    fix = p.w.start("hotfix", PRIYA)
    p.w.commit(fix.branch, "fix")
    p.w.look()
    p.w.act(PRIYA, "candidate", fix)
    with contextlib.suppress(AssertionError):
        to_staging(p.w, fix)
    assert p.run(fix.id, "staging").state is RunState.RUNNING
    with pytest.raises(Refused) as refused:
        p.w.act(OLU, "retry", r)
    assert [b.code for b in refused.value.blockers] == ["staging.running"]
    p.go_on()
    with pytest.raises(Refused) as refused:
        p.w.act(OLU, "retry", r)
    assert [b.code for b in refused.value.blockers] == ["staging.busy"]


def test_what_one_person_recorded_counts_no_more_when_the_run_goes_on() -> None:
    p = Pipes(fails={"smoke": ("failed", "500")})
    r = p.in_deployment()
    p.go_on()
    p.w.act(OLU, "record", r, runs="1.2.2", reason="taken back by hand")
    p.w.act(OLU, "retry", r)
    p.go_on()
    p.w.act(PRIYA, "record", r, runs="1.2.2", reason="I see it too")
    assert p.run(r.id).state is RunState.WAITING, "she is the first who says it of how production is now"
    p.w.act(OLU, "record", r, runs="1.2.2", reason="taken back by hand")
    assert p.run(r.id).state is RunState.DONE


def test_a_repair_that_is_rolled_back_takes_back_what_the_broken_release_has_migrated() -> None:
    told = {"migrations": {"compatible": False, "applied": True}, "backup": {"point": "/backups/broken.json"}}
    p = Pipes(fails={"smoke": ("failed", "500")}, found=told)
    w, r = p.w, p.in_deployment()
    p.go_on()
    w.act(OLU, "fix_forward", r, reason="payments fail")
    fix = w.start("hotfix", PRIYA, base=r.version, fixes=r.id)
    w.commit(fix.branch, "hot", *w.ancestors[w.heads["main"]])
    w.look()
    w.act(PRIYA, "candidate", fix)
    w.fails["deploy"] = p._at_once
    to_staging(w, fix)
    w.fails["deploy"] = p._deploy
    w.sign_all("go", fix)
    w.at(w.now)
    w.act(OLU, "go", fix)
    p.found = {"migrations": {"applied": False}, "backup": {"point": "/backups/repair.json"}}
    p.go_on()
    assert before_fits(w.situation(w.again(fix))) == ("no", "structure")
    w.act(OLU, "rollback", fix, reason="payments still fail", severity=BAD)
    assert (p.bodies[-1][1]["version"], p.names()[0]) == ("1.2.2", "database-back")
    assert p.bodies[-1][1]["point"] == "/backups/broken.json"


def test_what_was_said_of_one_failure_is_not_taken_for_the_next() -> None:
    p = Pipes(fails={"backend": ("unknown", "the host is away")})
    r = p.in_deployment()
    p.go_on()
    button = subject_of(project(p.w.situation(p.w.again(r))), "worked")
    p.w.act(OLU, "retry", r)
    p.fails = {"smoke": ("failed", "500")}
    p.go_on()
    with pytest.raises(Stale):
        p.w.act(OLU, "worked", r, subject=button, reason="the host serves it")
    shown = subject_of(project(p.w.situation(p.w.again(r))), "worked")
    p.w.act(OLU, "worked", r, subject=shown, reason="I looked at the page")
    assert p.states(r)["smoke"] == "done"
