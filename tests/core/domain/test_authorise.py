"""Who may do what, in which role somebody signs, what is said twice, and what a button is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.authorise import current, refusal, resolve, said_before
from core.domain.lifecycle import BY_EVENT, TABLE
from core.domain.situation import Act
from core.errors import Refused, Stale
from tests.core.domain.test_engine import codes, minor, to_preparation, to_staging
from tests.core.domain.world import DANA, ERIKA, MIRA, OLU, PRIYA, QADIR, SANA, THEO, World

PEOPLE = (PRIYA, THEO, QADIR, MIRA, OLU, SANA, ERIKA, DANA)


@pytest.fixture
def prepared():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    return w, r


def hotfix(w: World):
    h = w.start("hotfix")
    w.commit(h.branch, "fix")
    w.look()
    w.act(PRIYA, "candidate", h)
    to_preparation(w, h)
    return h


@pytest.mark.parametrize("row", [r for r in TABLE if r.act and r.sources and r.event != "go"], ids=lambda r: r.event)
def test_an_event_is_for_the_roles_that_the_policy_names_and_for_nobody_else(row, prepared):
    w, r = prepared
    s = w.situation(w.again(r))
    may = s.holders(*w.policy.permissions[row.act])
    for person in PEOPLE:
        found = refusal(s, row, Act(person, row.event))
        assert (found is None) == (person in may), person
        if found:
            assert found.code == "permission" and found.who == may


def test_go_is_for_the_roles_of_the_type():
    w = World()
    r = minor(w)
    s = w.situation(w.again(r))
    assert refusal(s, BY_EVENT["go"], Act(PRIYA, "go")) is None
    assert refusal(s, BY_EVENT["go"], Act(OLU, "go")).who == (PRIYA,)
    h = w.start("hotfix")
    s = w.situation(w.again(h))
    assert refusal(s, BY_EVENT["go"], Act(OLU, "go")) is None and refusal(s, BY_EVENT["go"], Act(PRIYA, "go"))


def test_a_role_that_lost_its_people_lets_nobody_in(prepared):
    w, r = prepared
    w.groups = {"S0PM": ()}
    found = refusal(w.situation(w.again(r)), BY_EVENT["approve"], Act(MIRA, "approve", {"role": "product_manager"}))
    assert found and found.code == "not_holder" and found.who == ()


def test_who_signed_and_left_is_told_so_and_may_still_take_it_back(prepared):
    w, r = prepared
    w.act(MIRA, "approve", r)
    w.groups = {"S0PM": (SANA,)}
    with pytest.raises(Refused) as left:
        w.act(MIRA, "reject", r, reason="not any more")
    assert codes(left) == ["left_role"]
    w.act(MIRA, "withdraw", r, reason="I left")
    assert not w.situation(w.again(r)).signed("approval", w.again(r).digest)


def test_with_two_seats_the_open_one_is_taken_and_nobody_takes_both():
    w = World(groups={"S0PM": (MIRA,)})
    h = hotfix(w)
    s = w.situation(w.again(h))
    both = replace(s, members={**s.members, "devops": (THEO, OLU)})
    assert resolve(both, Act(THEO, "approve")).text("role") == "tech_lead"
    assert resolve(both, Act(THEO, "approve", {"role": "devops"})).text("role") == "devops"
    assert resolve(s, Act(OLU, "approve")).text("role") == "devops"
    w.act(THEO, "approve", h)
    with pytest.raises(Refused) as twice:
        w.act(THEO, "approve", h, role="devops")
    assert codes(twice) == ["not_holder"]


def test_approve_of_qa_after_staging_is_its_sign_off(prepared):
    w, r = prepared
    assert resolve(w.situation(w.again(r)), Act(QADIR, "approve")).text("item") == "staging.qa"
    with pytest.raises(Refused) as early:
        w.act(QADIR, "approve", r)
    assert codes(early) == ["signoff.later"]
    w.act(MIRA, "approve", r)
    with pytest.raises(Stale):
        w.act(QADIR, "approve", r, subject="f" * 16)  # a button that showed other content signs nothing of this one
    w.act(QADIR, "approve", r, subject=w.again(r).digest[:16])
    s = w.situation(w.again(r))
    assert s.signoff_done("staging.qa", w.policy.signoffs["staging.qa"]).person == QADIR


def test_tick_without_an_item_is_the_one_that_waits_for_this_person_if_it_is_one():
    w = World()
    r = w.start("minor")
    s = w.situation(w.again(r))
    assert resolve(s, Act(MIRA, "tick")).text("item") == "scope.final"
    assert resolve(s, Act(DANA, "tick")).text("item") == ""
    w2 = World()
    r2 = minor(w2)
    w2.sign_all("ready", r2)
    w2.act(PRIYA, "ready", r2)
    assert resolve(w2.situation(w2.again(r2)), Act(THEO, "tick")).text("item") == ""  # several wait for him


def test_a_checklist_item_is_signed_and_taken_back_by_its_role_alone():
    w = World()
    r = minor(w)
    for who in PEOPLE:
        if who != THEO:
            with pytest.raises(Refused) as no:
                w.act(who, "tick", r, item="schema.back")
            assert codes(no) == ["not_holder"] and no.value.blockers[0].who == (THEO,)
    w.act(THEO, "tick", r, item="schema.back")
    with pytest.raises(Refused):
        w.act(PRIYA, "untick", r, item="schema.back", reason="I do not believe it")
    w.act(THEO, "untick", r, item="schema.back", reason="a column was dropped")


def test_the_starter_does_not_approve_even_when_the_role_is_theirs(prepared):
    w, r = prepared
    w.groups = {"S0PM": (MIRA, PRIYA)}
    with pytest.raises(Refused) as own:
        w.act(PRIYA, "approve", r)
    assert codes(own) == ["not_self"] and own.value.blockers[0].who == (MIRA,)


def test_the_author_of_a_commit_does_not_approve_a_patch_but_a_minor():
    w = World(groups={"S0PM": (DANA,)})
    r = minor(w)
    to_preparation(w, r)
    w.act(DANA, "approve", r)
    w2 = World().with_policy(roles={**World().policy.roles, "tech_lead": World().policy.roles["tech_lead"].model_copy(
        update={"people": ("theo", "dana")})})  # fmt: skip
    h = hotfix(w2)
    with pytest.raises(Refused) as own:
        w2.act(DANA, "approve", h)
    assert codes(own) == ["not_author"] and own.value.blockers[0].who == (THEO,)


def test_a_button_is_about_content_for_signatures_and_about_the_epoch_for_moves(prepared):
    w, r = prepared
    s = w.situation(w.again(r))
    assert current(s, Act(MIRA, "approve", {}, s.release.digest[:16])) and current(s, Act(MIRA, "approve"))
    assert not current(s, Act(MIRA, "approve", {}, "0" * 16)) and not current(s, Act(MIRA, "approve", {}, ""))
    assert current(s, Act(PRIYA, "go", {}, str(s.release.epoch)))
    assert not current(s, Act(PRIYA, "go", {}, str(s.release.epoch - 1)))
    assert current(s, Act(QADIR, "tick", {}, "tests.regression"))


def test_only_the_same_answer_about_the_same_thing_is_said_twice(prepared):
    w, r = prepared
    w.act(MIRA, "approve", r)
    s = w.situation(w.again(r))
    role = {"role": "product_manager"}
    assert said_before(s, Act(MIRA, "approve", role)) and not said_before(s, Act(MIRA, "reject", role))
    assert not said_before(s, Act(SANA, "approve", role))


def test_go_of_a_major_is_said_once_by_each():
    w = World()
    r = minor(w)
    to_staging(w, r)
    assert said_before(w.situation(w.again(r)), Act(PRIYA, "go")) is None


def test_an_item_about_the_content_is_signed_for_the_candidate_that_was_shown(prepared):
    w, r = prepared
    s = w.situation(w.again(r))
    about = [n for n, i in s.policy.signoffs.items() if i.subject == "content" and s.by_hand(i)]
    whole = [n for n, i in s.policy.signoffs.items() if i.subject != "content"]
    assert about and whole
    for name in about:
        item = {"item": name}
        assert current(s, Act(QADIR, "tick", item, f"{name}@1")), name
        assert not current(s, Act(QADIR, "tick", item, f"{name}@7")), "a form that was open while rc.7 became another"
        assert current(s, Act(QADIR, "tick", item, name)), "a button of before"
    assert current(s, Act(QADIR, "tick", {"item": whole[0]}, f"{whole[0]}@7"))
