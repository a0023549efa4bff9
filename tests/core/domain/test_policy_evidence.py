"""Who may report what, as the policy says it."""

from __future__ import annotations

import pytest

from core.domain.policy import PolicyFaults, parse_policy
from tests.core.domain.world import ROOT

TEXT = (ROOT / "release_policy.toml").read_text()


def test_without_the_table_every_source_may_report_everything() -> None:
    rules = parse_policy(TEXT).evidence
    assert rules.allows("anybody", "security") and rules.machines_only == ()
    assert (rules.thresholds.coverage, rules.thresholds.findings) == (0, "error")


def test_with_sources_only_those_and_only_their_kinds() -> None:
    more = '\n[evidence]\ncoverage = 80\nfindings = "warning"\n[evidence.sources.ci]\nkinds = ["regression"]\n'
    rules = parse_policy(TEXT + more).evidence
    assert rules.allows("ci", "regression")
    assert not rules.allows("ci", "security") and not rules.allows("perf", "regression")
    assert (rules.kinds_of("ci"), rules.kinds_of("perf")) == (("regression",), ())
    assert (rules.thresholds.coverage, rules.thresholds.findings) == (80, "warning")


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ('[evidence.sources.person]\nkinds = ["uat"]', "the bot calls others so"),
        ('[evidence.sources.ci]\nkinds = ["magic"]', "magic"),
        ("[evidence.sources.ci]\nkinds = []", "must not be empty"),
        ("[evidence]\ncoverage = 101", "at most 100"),
    ],
)
def test_a_table_that_says_nothing_is_refused(more: str, fault: str) -> None:
    with pytest.raises(PolicyFaults) as refused:
        parse_policy(f"{TEXT}\n{more}\n")
    assert fault in str(refused.value)
