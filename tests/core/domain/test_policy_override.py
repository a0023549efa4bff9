"""The policy's table about break-glass: what may be left out, and what nobody could follow."""

from __future__ import annotations

import pytest

from core.domain.policy import PolicyFaults, parse_policy
from core.domain.policy_override import OverrideRules
from tests.core.domain.world import ROOT


def test_a_policy_that_does_not_know_the_table_still_reads_and_allows_nothing():
    text = (ROOT / "release_policy.toml").read_text()
    before, _, rest = text.partition("[override]")
    old = parse_policy(before + rest[rest.index("# --- the four release types"):])
    assert old.override == OverrideRules() and old.override.roles == ()


@pytest.mark.parametrize(("written", "fault"), [
    ('reviewers = ["executive", "product_manager"]', "nobody would look"),
    ('roles = ["release_manager", "tech_lead", "devops"]', "two different people"),
    ('never = ["approval", "expired"]', "no gate that could be passed"),
])  # fmt: skip
def test_a_policy_that_nobody_could_follow_is_refused(written, fault):
    text = (ROOT / "release_policy.toml").read_text()
    other = {"reviewers": "reviewers = []", "roles": 'roles = ["tech_lead"]', "never": 'never = ["staging.other"]'}
    assert written in text
    if written.startswith("roles"):
        text = text.replace('reviewers = ["executive", "product_manager"]', 'reviewers = ["executive"]')
    with pytest.raises(PolicyFaults, match=fault):
        parse_policy(text.replace(written, other[written.split()[0]]))
