"""How long evidence is kept, and the role that only looks."""

from __future__ import annotations

import pytest

from core.domain.authorise import only_looks
from core.domain.policy import PolicyFaults, parse_policy
from tests.policies import simulated

TEXT = simulated().read_text("utf-8")
AUDITOR = '\n[people.ada]\nslack = "U0ADA"\nname = "Ada"\n\n[roles.auditor]\ntitle = "auditor"\npeople = ["ada"]\n'


def faults(text: str) -> str:
    with pytest.raises(PolicyFaults) as found:
        parse_policy(text)
    return str(found.value)


def test_an_auditor_may_be_given_packages_and_nothing_else() -> None:
    policy = parse_policy(TEXT.replace('package = ["release_manager"]', 'package = ["auditor"]') + AUDITOR)
    assert policy.static_members("auditor") == ("U0ADA",)
    assert "only looks" in faults(TEXT.replace('cancel = ["', 'cancel = ["auditor", "') + AUDITOR)
    assert "their own work" in faults(TEXT + AUDITOR.replace('["ada"]', '["ada", "priya"]'))
    assert "is not among" in faults(TEXT + AUDITOR.replace('["ada"]', '["eve"]'))


def test_what_an_auditor_presses_changes_nothing() -> None:
    members = {"auditor": ("U0ADA",), "qa": ("U0QADIR",), "release_manager": ("U0PRIYA",)}
    found = only_looks(members, "U0ADA", "concern")
    assert found is not None and (found.code, found.who) == ("auditor", ("U0PRIYA",))
    assert only_looks(members, "U0QADIR", "concern") is None and only_looks(members, "", "hour") is None
    assert only_looks({**members, "qa": ("U0ADA",)}, "U0ADA", "concern") is None, "by a group they may hold both"


def test_logs_are_not_kept_longer_than_their_package() -> None:
    assert "logs_months" in faults(TEXT.replace("logs_months = 12", "logs_months = 36"))
    assert parse_policy(TEXT).retention.packages_months == 24
