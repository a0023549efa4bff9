"""Break-glass: one named gate, two people, one content; loud, bounded and reviewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.due import next_wake
from core.domain.facts import project, timely
from core.domain.overrides import Override, passable
from core.domain.people import Colleague, Delegation
from core.domain.policy_override import OverrideRules
from core.domain.release import Phase, Release
from core.errors import Refused
from tests.core.domain.test_engine import approve, codes, minor, to_preparation
from tests.core.domain.world import DANA, ERIKA, MIRA, OLU, PRIYA, QADIR, SANA, THEO, World

WHY = "customers cannot pay"
CODE = "evidence.tests.performance"
DAY = timedelta(hours=24)


def untested(w: World) -> Release:
    """A minor with all that ready waits for but the performance tests."""
    r = minor(w)
    w.sign_all("ready", r, ci=False)
    w.ci_reports(r, *(k for k in w.kinds_asked("ready", r.id) if k != "performance"))
    return w.again(r)


def passed(w: World, r: Release, code: str = CODE, pair: tuple[str, str] = (THEO, OLU)) -> Override:
    w.act(pair[0], "override", r, item=code, reason=WHY)
    w.act(pair[1], "override", r, item=code)
    return w.again(r).overrides[-1]


def refused(w: World, who: str, event: str, r: Release, **words: Any) -> list[str]:
    with pytest.raises(Refused) as error:
        w.act(who, event, r, **words)
    return codes(error)


def test_two_people_pass_one_named_gate_and_nothing_else():
    w = World()
    r = untested(w)
    assert refused(w, PRIYA, "ready", r) == [CODE]
    assert refused(w, PRIYA, "override", r, item=CODE) == ["reason"]
    assert refused(w, SANA, "override", r, item=CODE, reason=WHY) == ["permission"]
    w.act(THEO, "override", r, item=CODE, reason=WHY)
    assert w.said("override_asked") == ["thread", f"dm:{PRIYA}", f"dm:{OLU}"]
    assert refused(w, PRIYA, "ready", r) == [CODE], "one person alone passes nothing"
    assert refused(w, THEO, "override", r, item=CODE, reason=WHY) == ["override.second"]
    w.act(OLU, "override", r, item="1")  # the button carries its number
    assert refused(w, PRIYA, "override", r, item=CODE, reason=WHY) == ["override.stands"]
    w.act(PRIYA, "ready", r)
    assert w.phase(r) is Phase.PREPARATION
    assert refused(w, PRIYA, "go", r).count(CODE) == 0, "go asks again, and it is the same content"
    one = w.again(r).overrides[0]
    assert (one.first, one.second, one.reason, one.title) == (THEO, OLU, WHY, "Performance tests run")
    assert one.digest == w.again(r).digest


def test_it_is_loud_whatever_the_budget_says_and_stands_in_the_record():
    w = World()
    r = untested(w)
    posts = w.policy.noise.channel_posts
    w.releases[r.id] = replace(w.again(r), posts=posts)
    passed(w, r)
    assert [p for p, m, _ in w.posts if m == "overridden"] == ["team", "thread"]
    effect = next(e for s in w.steps for e in s.outcome.effects if e.body.get("moment") == "overridden")
    assert not effect.body.get("in_thread") and w.again(r).posts == posts
    told = next(data for _, m, data in w.posts if m == "overridden")
    assert (told["title"], told["why"], told["first"], told["second"]) == ("Performance tests run", WHY, THEO, OLU)
    record = next(s.outcome.record for s in reversed(w.steps) if s.verb == "override")
    assert record["people"] == [THEO, OLU] and record["code"] == CODE and record["why"] == WHY
    facts = project(w.situation(w.again(r)))
    assert [(o["state"], o["code"]) for o in facts["overrides"]] == [("stands", CODE)]


@pytest.mark.parametrize("change", ["candidate", "back", "hold", "move", "cancel"])
def test_it_is_void_when_what_it_is_bound_to_changes(change):
    w = World()
    r = untested(w)
    passed(w, r)
    if change == "candidate":
        w.commit(w.again(r).branch, "another")
        w.look()
        w.act(PRIYA, "candidate", r)
    elif change == "back":
        w.act(PRIYA, "ready", r)
        w.act(PRIYA, "back", r, reason="the export is broken")
    elif change == "hold":
        w.act(PRIYA, "hold", r, reason="waits for the bank")
        w.act(PRIYA, "resume", r)
    elif change == "move":
        w.act(PRIYA, "move", r, to=(w.again(r).departs_at + timedelta(days=14)).isoformat())
    else:
        w.act(PRIYA, "cancel", r, reason="scope fell apart")
    one = w.again(r).overrides[0]
    assert one.void and not one.stands and one.unreviewed, "it is reviewed all the same"
    assert w.said("override_void") == ["thread"]
    if change != "cancel":
        assert CODE in refused(w, PRIYA, "ready", r)


def test_what_waits_for_a_second_person_is_void_too():
    w = World()
    r = untested(w)
    w.act(THEO, "override", r, item=CODE, reason=WHY)
    w.commit(w.again(r).branch, "another")
    w.look()
    w.act(PRIYA, "candidate", r)
    assert refused(w, OLU, "override", r, item="1") == ["reason"], "it begins anew, with a reason of the new first one"
    assert w.said("override_void") == []


@pytest.mark.parametrize("code", ["rejected", "staging.other", "contains_production", "branch.ahead", "git.busy",
                                  "build.differs", "production.locked", "production.busy", "stray", "concern", "held",
                                  "not_self", "one_role", "not_author", "left_role", "rolled_back_inside",
                                  "signoff.repaired.1.2.2", "number_burnt", "has_candidate"])  # fmt: skip
def test_no_policy_lets_anybody_pass_what_says_that_it_is_this_content(code):
    assert not passable(code, ())


def test_a_policy_takes_gates_away_by_name_or_by_family():
    assert passable("approval.executive", ()) and passable("evidence.tests.security", ("evidence.tests.uat",))
    assert not passable("approval.executive", ("approval",)) and not passable("signoff.verified", ("signoff.verified",))
    assert not passable("item.version.updated", (), "version_written")
    w = World()
    r = minor(w)
    to_preparation(w, r)
    assert refused(w, THEO, "override", r, item="approval.product_manager", reason=WHY) == ["override.never"]
    assert refused(w, THEO, "override", r, item="staging.other", reason=WHY) == ["override.never"]
    assert refused(w, THEO, "override", r, item="evidence.nothing", reason=WHY) == ["override.which"]
    assert refused(w, THEO, "override", r, reason=WHY) == ["override.code"]


def test_a_policy_without_the_table_has_no_break_glass():
    w = World().with_policy(override=OverrideRules())
    r = untested(w)
    assert refused(w, THEO, "override", r, item=CODE, reason=WHY)[0] == "override.off"


def test_who_could_not_approve_does_not_pass_an_approval():
    rules = World().policy.override.model_copy(update={"never": ()})
    w = World().with_policy(override=rules)
    r = minor(w)
    to_preparation(w, r)
    assert "not_self" in refused(w, PRIYA, "override", r, item="approval.product_manager", reason=WHY)
    one = passed(w, r, "approval.product_manager")
    assert one.title == "the approval of the product manager"
    assert w.situation(w.again(r)).on_staging, "what waits for the approval alone goes on"
    assert all(d.gate != "approval" for d in w.situation(w.again(r)).decisions)


def test_who_passed_an_approval_signs_no_other_one_of_it():
    needs = [{"role": "product_manager"}, {"role": "tech_lead"}]
    w = World().with_policy(override=World().policy.override.model_copy(update={"never": ()}))
    types = dict(w.policy.types)
    minor_ = types["minor"]
    both = tuple(minor_.approvals[0].model_copy(update=n) for n in needs)
    types["minor"] = minor_.model_copy(update={"approvals": both})
    w = w.with_policy(types=types)
    r = minor(w)
    to_preparation(w, r)
    passed(w, r, "approval.product_manager")
    assert refused(w, THEO, "approve", r) == ["override.passed"]


def test_what_failed_is_another_thing_than_what_was_missing_when_it_was_passed():
    w = World()
    r = untested(w)
    passed(w, r)
    w.ci_reports(r, "performance", verdict="failed")
    assert refused(w, PRIYA, "ready", r) == [CODE]
    w.report(r.id, "evidence.taken", {"results": [w.evidence[-1].id]})
    assert (w.again(r).overrides[0].void, w.said("override_void")) == ("failed", ["thread"])
    again = passed(w, r)
    assert again.results and again.stands, "two people may pass also what failed, when they know it"
    w.ci_reports(r, "performance", verdict="failed")
    assert refused(w, PRIYA, "ready", r) == [CODE], "but no later failure"
    w.report(r.id, "evidence.taken", {"results": [w.evidence[-1].id]})
    assert w.again(r).overrides[1].void == "failed"
    passed(w, r)
    w.act(PRIYA, "ready", r)


def test_failed_checks_are_passed_as_they_are_and_no_later_one_with_them():
    item = World().policy.signoffs["tests.automated"].model_copy(update={"met": "sign-off", "by": ""})
    w = World().with_policy(signoffs={**World().policy.signoffs, "tests.automated": item})
    r = minor(w)
    w.sign_all("ready", r)

    def checked(**states: str) -> None:
        found = [{"name": name, "state": state, "url": "", "at": None} for name, state in states.items()]
        body = {"sha": w.again(r).candidate.sha, "checks": found, "milestone": None, "pulls": {}}
        w.report(r.id, "forge.read", body)

    checked(lint="failed")
    assert passed(w, r, "checks.failed").stands
    checked(lint="failed", unit="failed")
    assert w.again(r).overrides[0].void == "failed" and refused(w, PRIYA, "ready", r) == ["checks.failed"]
    passed(w, r, "checks.failed")
    checked(lint="failed", unit="passed")
    w.act(PRIYA, "ready", r)
    assert w.phase(r) is Phase.PREPARATION, "less than what was passed is passed with it"


def test_who_asked_takes_it_back_before_it_is_confirmed_and_nobody_else_does():
    w = World()
    r = untested(w)
    w.act(THEO, "override", r, item=CODE, reason=WHY)
    assert refused(w, OLU, "withdraw", r, item="1", reason="I do not agree") == ["not_holder"]
    w.act(THEO, "withdraw", r, item="1", reason="the bank is back")
    assert (w.again(r).overrides[0].void, w.said("override_back")) == ("taken", ["thread"])
    assert refused(w, OLU, "override", r, item="1") == ["reason"] and CODE in refused(w, PRIYA, "ready", r)
    passed(w, r)
    assert refused(w, THEO, "withdraw", r, item="2", reason="too late") == ["not_holder"], "what two passed stands"


def test_a_delegate_and_the_one_they_stand_in_for_are_one():
    w = World()
    r = untested(w)
    w.people[THEO] = Colleague(THEO, delegations=(Delegation(SANA, w.now - DAY, w.now + DAY),))
    assert SANA in w.situation(w.again(r)).members["tech_lead"]
    w.act(THEO, "override", r, item=CODE, reason=WHY)
    assert refused(w, SANA, "override", r, item=CODE) == ["override.second"]


def test_a_third_person_reviews_it_and_is_asked_again_every_day_until_then():
    w = World()
    r = untested(w)
    one = passed(w, r, pair=(THEO, PRIYA))
    assert w.said("review_asked") == [f"dm:{ERIKA}", f"dm:{MIRA}"]
    assert one.review_by == w.now + DAY and next_wake(w.again(r), w.now) <= one.review_by
    for day, times in enumerate((2, 2, 2, 4, 5), 1):  # Friday; what a weekend brings comes once, on Monday
        w.at(one.second_at + day * DAY)
        w.at(w.now + timedelta(hours=1))
        assert w.said("review_asked").count(f"dm:{ERIKA}") == times, f"{w.now:%A}"
    for two in (THEO, PRIYA, QADIR):
        assert refused(w, two, "review", r, right="yes", reason="it was right") == ["review.third"]
    assert refused(w, ERIKA, "review", r, reason="it was right") == ["review.right"]
    w.act(ERIKA, "review", r, right="no", reason="the tests have to be faster")
    done = w.again(r).overrides[0]
    assert (done.reviewed_by, done.right, done.follows) == (ERIKA, False, "the tests have to be faster")
    assert refused(w, MIRA, "review", r, right="yes", reason="me too") == ["review.gone"]
    w.at(w.now + 3 * DAY)
    assert w.said("review_asked").count(f"dm:{ERIKA}") == 5, "and nobody is asked after it"


def test_a_reviewer_of_the_pair_is_replaced_by_somebody_else():
    rules = OverrideRules(roles=("tech_lead", "devops", "qa"), reviewers=("tech_lead",))
    w = World().with_policy(override=rules)
    r = untested(w)
    passed(w, r, pair=(THEO, OLU))
    assert w.said("review_asked") == [f"dm:{QADIR}"]


def test_it_does_not_close_before_the_review_and_what_ended_is_reviewed_too():
    w = World()
    r = untested(w)
    passed(w, r)
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    ended = w.again(r)
    assert not ended.is_open and next_wake(ended, w.now) == ended.overrides[0].review_by
    w.now = ended.overrides[0].review_by
    w.report(r.id, "hour", {})
    assert w.said("review_due") == ["thread"] and w.said("review_asked").count(f"dm:{ERIKA}") == 2
    w.act(ERIKA, "review", r, right="yes", reason="nothing follows")
    assert next_wake(w.again(r), w.now) is None


def test_a_release_that_went_out_with_one_waits_for_its_review_before_it_closes():
    w = World()
    r = untested(w)
    one = passed(w, r)
    w.act(PRIYA, "ready", r)
    w.sign_all("rollback", r)
    approve(w, r)
    w.sign_all("go", r)
    fresh = w.again(r)
    w.at(fresh.coming_at)
    w.at(fresh.departs_at)
    w.act(PRIYA, "go", r)
    assert w.again(r).overrides[0].used_at == w.now
    w.sign_all("deployed", r)
    assert w.phase(r) is Phase.POST_RELEASE
    assert w.again(r).overrides[0].stands, "what it went out with is no longer bound to anything"
    w.sign_all("close", r)
    assert refused(w, PRIYA, "close", r) == ["review"]
    w.act(MIRA, "review", r, right="yes", reason="nothing follows", override=str(one.id))
    assert w.phase(r) is Phase.CLOSED and w.again(r).overrides[0].stands


def test_a_deployment_that_is_aborted_asks_the_gate_again():
    w = World()
    r = untested(w)
    passed(w, r)
    w.act(PRIYA, "ready", r)
    w.sign_all("rollback", r)
    approve(w, r)
    w.sign_all("go", r)
    w.at(w.again(r).coming_at)
    w.at(w.again(r).departs_at)
    w.fails["git.push"] = lambda e: ("git.refused", {"purpose": e.body["purpose"], "blockers": []})
    w.act(PRIYA, "go", r)
    if w.phase(r) is Phase.DEPLOYMENT:
        w.act(PRIYA, "abort", r, reason="wrong evening")
    assert w.phase(r) is Phase.PREPARATION and w.again(r).overrides[0].void == "back"
    assert CODE in refused(w, PRIYA, "go", r)


def test_the_hour_is_passed_like_any_other_gate():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    approve(w, r)
    w.sign_all("go", r)
    early = w.again(r)
    assert "window" in refused(w, PRIYA, "go", r)
    passed(w, r, "window")
    assert "window" not in refused(w, PRIYA, "go", r)
    assert early.departs_at and "window" not in [b.code for b in timely(project(w.situation(w.again(r))), w.now)]
    assert refused(w, DANA, "override", r, item="told.support", reason=WHY) == ["permission"]
