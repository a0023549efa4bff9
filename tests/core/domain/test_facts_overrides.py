"""What readers see of break-glass: how each override stands, who reviews it, and what could still be passed."""

from __future__ import annotations

from dataclasses import replace

from core.domain.facts import project
from core.domain.facts_overrides import could_pass, passed_codes
from core.domain.policy_override import OverrideRules
from core.errors import Blocker
from tests.core.domain.test_overrides import CODE, WHY, untested
from tests.core.domain.world import ERIKA, MIRA, OLU, PRIYA, THEO, World


def test_each_override_says_how_it_stands():
    w = World()
    r = untested(w)
    w.act(THEO, "override", r, item=CODE, reason=WHY)
    facts = project(w.situation(w.again(r)))
    assert [o["state"] for o in facts["overrides"]] == ["waits"] and not passed_codes(facts)
    w.act(OLU, "override", r, item=CODE)
    facts = project(w.situation(w.again(r)))
    row = facts["overrides"][0]
    assert (row["state"], row["first"], row["second"], row["reviewers"]) == ("stands", THEO, OLU, [ERIKA, MIRA])
    assert passed_codes(facts) == {CODE} and CODE not in [b["code"] for b in facts["blockers"]]
    w.act(PRIYA, "hold", r, reason="waits for the bank")
    facts = project(w.situation(w.again(r)))
    assert [(o["state"], o["void"]) for o in facts["overrides"]] == [("void", "hold")] and not passed_codes(facts)


def test_what_could_be_passed_follows_from_the_policy_of_the_release():
    w = World()
    facts = project(w.situation(untested(w)))
    stops = [Blocker(CODE), Blocker("staging.other"), Blocker("approval.executive"),
             Blocker("item.version.updated", {"rule": "version_written"})]  # fmt: skip
    assert [b.code for b in could_pass(facts, stops)] == [CODE]
    without = replace(w, policy=w.policy.model_copy(update={"override": OverrideRules()}))
    none = project(without.situation(w.releases[1]))
    assert could_pass(none, stops) == []
