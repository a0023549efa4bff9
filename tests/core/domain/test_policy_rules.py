"""Two policies side by side, and a release that is moved from one to the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.engine import Decided, decide
from core.domain.policy import Policy, parse_policy
from core.domain.policy_rules import differing
from core.domain.release import Phase, Release
from core.domain.situation import Act
from core.errors import Refused
from tests.core.domain.test_engine import codes, minor, to_preparation
from tests.core.domain.world import DANA, ERIKA, MIRA, PRIYA, QADIR, THEO, World
from tests.policies import simulated_text

TEXT = simulated_text()
OLD = parse_policy(TEXT)
SEAT = '{ role = "product_manager" }'
WHY = "the auditors asked for it"


def changed(*pairs: tuple[str, str]) -> Policy:
    text = TEXT.replace("serial = 2", "serial = 3")
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after, 1)
    return parse_policy(text)


def adopt(w: World, r: Release, policy: Policy, who: str = PRIYA, /, **words: Any) -> Decided:
    members = {role: policy.static_members(role) for role in policy.roles}
    members |= {role: w.groups.get(g, ()) for role, g in policy.groups().items()}
    s = replace(w.situation(w.again(r)), adopted=(policy, members))
    decided = decide(s, Act(who, "adopt_policy", {"reason": WHY} | words))
    w.policy = policy
    return w._keep(decided)


@pytest.mark.parametrize(("before", "after", "told"), [
    (SEAT, f'{SEAT}, {{ role = "qa" }}',
     ("a minor release: approved by", "product manager", "product manager and QA lead")),
    ('cancel = ["release_manager"]', 'cancel = ["release_manager", "executive"]',
     ("who may cancel", "release manager", "release manager, executive")),
    ('people = ["qadir"]', 'people = ["qadir", "dana"]', ("the role QA lead", "Qadir", "Qadir, Dana")),
    ("window_minutes = 120", "window_minutes = 60", ("the train main window minutes", "120", "60")),
    ("hours = 24", "hours = 12", ("break-glass, hours", "24", "12")),
])  # fmt: skip
def test_a_difference_is_told_by_rule_and_in_words(before, after, told):
    (only,) = differing(OLD, changed((before, after)))
    assert (only.rule, only.before, only.after) == told


def test_an_item_that_comes_or_goes_is_one_rule_and_a_comment_is_none():
    new = changed(('[signoffs."accessibility"]', '[signoffs."inclusion"]'))
    found = [(c.path[1], bool(c.before), bool(c.after)) for c in differing(OLD, new)]
    assert found == [("inclusion", False, True), ("accessibility", True, False)]
    assert {c.rule for c in differing(OLD, new)} == {"the item “Accessibility review completed”"}
    assert differing(OLD, changed(("# --- break-glass", "# +++ break-glass"))) == ()


def test_approvals_that_still_suffice_stay_and_who_is_new_is_asked():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.act(MIRA, "approve", r)
    before = w.again(r).policy_hash
    new = changed((SEAT, f'{SEAT}, {{ role = "qa" }}'))
    step = adopt(w, r, new).steps[0]
    assert w.again(r).policy_hash == new.hash != before
    assert [d.person for d in w.situation(w.again(r)).approvals("product_manager")] == [MIRA]
    assert QADIR in w.again(r).asked and MIRA not in [e.body.get("person") for e in step.outcome.effects]
    assert (step.outcome.record["before"], step.outcome.record["after"]) == (before, new.hash)
    assert step.outcome.record["voided"] == [] and step.outcome.notes["new_dates"] == {}


def test_what_no_longer_suffices_is_void_and_named():
    w = World()
    r = minor(w)
    to_preparation(w, r)
    w.sign_all("go", r)
    w.act(MIRA, "approve", r)
    plan = 'title = "Deployment plan reviewed"\nrole = '
    new = changed((SEAT, '{ role = "tech_lead" }'), (f'{plan}"devops"', f'{plan}"tech_lead"'))
    told = adopt(w, r, new).notes
    assert told["lost"] == [{"person": MIRA, "role": "product manager"}]
    assert {"person": "U0OLU", "title": "Deployment plan reviewed"} in told["fallen"]
    assert w.situation(w.again(r)).approvals("product_manager") == ()
    w.act(THEO, "approve", r)
    assert w.situation(w.again(r)).on_staging


def test_dates_are_made_anew_only_where_the_train_has_changed():
    w = World()
    r = w.start("minor")
    before = w.again(r)
    told = adopt(w, r, changed(("expire_days = 7", "expire_days = 9"))).notes
    assert told["new_dates"] == {} and w.again(r).window_ends_at == before.window_ends_at
    told = adopt(w, r, changed(("window_minutes = 120", "window_minutes = 60"))).notes
    assert list(told["new_dates"]) == ["window_ends_at"] and before.window_ends_at
    assert w.again(r).window_ends_at == before.window_ends_at - timedelta(minutes=60)


def test_it_is_refused_to_strangers_without_a_reason_and_when_nothing_is_new():
    w = World()
    r = w.start("minor")
    new = changed(("expire_days = 7", "expire_days = 9"))
    for who, policy, words, code in ((DANA, new, {}, "permission"), (PRIYA, new, {"reason": ""}, "reason"),
                                     (PRIYA, OLD, {}, "policy.same"), (ERIKA, new, {"policy": "x"}, "policy.other")):
        with pytest.raises(Refused) as error:
            adopt(w, r, policy, who, **words)
        assert codes(error) == [code]
    with pytest.raises(Refused) as unknown:
        w.act(PRIYA, "adopt_policy", r, reason=WHY)
    assert codes(unknown) == ["policy.same"] and w.phase(r) is Phase.PLANNING
