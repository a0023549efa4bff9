"""Rules that meet items by themselves: what each one sees in the record, and what a person says in its place."""

from __future__ import annotations

from core.domain.checklist_rules import RULES, STEP_RULES, rule_words
from core.domain.parts import STEPS
from core.domain.policy_parts import RULE_NAMES
from core.domain.release import Phase, RunState
from tests.core.domain.test_checklist import refused, row, stands
from tests.core.domain.test_engine import minor
from tests.core.domain.test_shipping import at_go
from tests.core.domain.world import DANA, OLU, PRIYA, SANA, World


def test_a_policy_can_name_every_rule_and_each_says_in_a_sentence_when_it_is_met() -> None:
    assert set(RULES) == set(RULE_NAMES) and set(STEP_RULES.values()) == set(STEPS)
    assert all(rule_words(name).endswith(".") and len(rule_words(name)) < 120 for name in RULES)


def test_automatic_items_tick_themselves_and_say_what_they_saw() -> None:
    w = World()
    r = w.start("minor")
    assert stands(w, r, "branch.created") == stands(w, r, "version.updated") == "later"
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    w.act(PRIYA, "freeze_early", r, reason="all is merged")
    for name in ("features.merged", "branch.created", "version.updated", "notes.drafted"):
        assert stands(w, r, name) == "met", name
    told = row(w, r, "branch.created")
    assert (told["met"], told["state"], told["by"], told["due"]) == ("automatic", "met", "", False)
    assert told["at"] and told["facts"]["branch"] == "release/1.3.0"


def test_a_deployment_that_did_not_report_a_step_waits_for_a_person() -> None:
    w = World()
    r = minor(w)
    at_go(w, r)
    w.fails["deploy"] = lambda e: ("run.done", {"run": e.body["run"], "steps": ["backup", "migrations", "code"]})
    w.act(PRIYA, "go", r)
    run = w.again(r).run()
    assert run is not None and run.state is RunState.WAITING and run.reason == "the host did not report: smoke tests"
    assert stands(w, r, "day.backup") == "met" and stands(w, r, "day.smoke") == "open"
    w.act(OLU, "worked", r, reason="I ran them by hand")
    told = row(w, r, "day.smoke")
    assert (told["state"], told["by"], told["why"]) == ("met", OLU, "said")
    w.sign_all("deployed", r)
    assert w.phase(r) is Phase.POST_RELEASE


def test_evidence_is_about_one_commit_and_a_new_candidate_asks_anew() -> None:
    w = World()
    r = minor(w)
    w.sign_all("ready", r)
    w.commit(r.branch, "fix-1")
    w.look()
    w.act(PRIYA, "candidate", r)
    assert stands(w, r, "tests.automated") == "open"
    w.ci_reports(r, "automated", sha=w.again(r).candidates[0].sha)
    assert stands(w, r, "tests.automated") == "open", "a late result for the candidate before"


def test_post_release_items_by_the_record_and_by_people() -> None:
    w = World()
    r = minor(w)
    at_go(w, r)
    w.act(PRIYA, "go", r)
    w.sign_all("deployed", r)
    assert stands(w, r, "post.notes") == stands(w, r, "post.metrics") == stands(w, r, "post.bugs") == "met"
    w.act(DANA, "incident", r, reason="payments fail")
    assert stands(w, r, "post.bugs") == "open"
    codes = [b.code for b in refused(w, PRIYA, "close", r).blockers]
    assert "incident" in codes and "item.post.bugs" not in codes, "said once, where somebody can help"
    w.act(OLU, "resolve", r, incident=1, reason="the bank is back")
    for who, item in ((SANA, "post.knowledge"), (SANA, "post.support"), (PRIYA, "retro")):
        assert w.phase(r) is Phase.POST_RELEASE
        w.act(who, "tick", r, item=item)
    assert w.phase(r) is Phase.CLOSED
