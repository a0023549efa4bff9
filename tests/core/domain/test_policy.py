"""A policy is read whole or refused with every fault named, each with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.domain.policy import PolicyFaults, parse_policy, policy_hash
from core.domain.policy_faults import can_be_signed
from core.domain.policy_parts import Approval
from core.domain.release import ReleaseType

SHIPPED = (Path(__file__).parents[3] / "release_policy.toml").read_text("utf-8")


def changed(*replacements: tuple[str, str]) -> str:
    text = SHIPPED
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def without_table(name: str) -> str:
    text, found = re.subn(rf"(?ms)^\[{re.escape(name)}\]\n.*?(?=^\[|^# ---|\Z)", "", SHIPPED)
    assert found == 1, name
    return text


def faults(text: str) -> list[str]:
    with pytest.raises(PolicyFaults) as refused:
        parse_policy(text)
    return [str(fault) for fault in refused.value.faults]


def test_the_shipped_policy_is_the_strategy_s() -> None:
    policy = parse_policy(SHIPPED)
    assert set(policy.types) == set(ReleaseType)
    assert len(policy.roles) == 7
    assert len(policy.environments) == 4
    assert [a.role for a in policy.types[ReleaseType.HOTFIX].approvals] == ["tech_lead", "devops"]
    assert (policy.trains["main"].every_weeks, policy.trains["main"].zone) == (2, "America/New_York")
    assert policy.hash == policy_hash(SHIPPED)


def test_a_comment_is_a_change_too() -> None:
    assert parse_policy(SHIPPED + "# reviewed\n").hash != parse_policy(SHIPPED).hash


def test_every_fault_is_named_in_one_go_and_with_its_line() -> None:
    text = changed(
        ('people = ["theo"]', 'people = ["nobody"]'),
        ('weekday = "wednesday"', 'weekday = "friday"'),
        ('start = ["release_manager"]', "start = []"),
    )
    found = faults(text)
    assert any("'nobody' is not among [people]" in fault for fault in found)
    assert any("is a Wednesday, not a Friday" in fault for fault in found)
    assert any("permissions.start: names no role" in fault for fault in found)
    line = text.splitlines().index('people = ["nobody"]') + 1
    assert any(fault.startswith(f"line {line}, roles.tech_lead.people: ") for fault in found)


def test_an_unknown_key_is_refused_with_its_line() -> None:
    text = changed(("prepare_days = 2", "prepare_days = 2\nprepare_hours = 3"))
    [fault] = faults(text)
    line = text.splitlines().index("prepare_hours = 3") + 1
    assert fault == f"line {line}, trains.main.prepare_hours: is not a known key"


def test_a_key_given_twice_is_refused() -> None:
    [fault] = faults(changed(("serial = 2", "serial = 2\nserial = 3")))
    assert "this is not TOML" in fault
    assert fault.startswith("line ")


@pytest.mark.parametrize("kind", ["patch", "minor", "major", "hotfix"])
def test_a_missing_type_is_named(kind: str) -> None:
    assert any(f"types.{kind}: is missing" in fault for fault in faults(without_table(f"types.{kind}")))


@pytest.mark.parametrize("role", ["release_manager", "qa", "support", "executive"])
def test_a_missing_role_is_named(role: str) -> None:
    assert any(f"roles.{role}: is missing" in fault for fault in faults(without_table(f"roles.{role}")))


def test_an_environment_left_out_is_named() -> None:
    assert any("environments.staging: is missing" in fault for fault in faults(without_table("environments.staging")))


def test_one_address_for_two_people_is_refused() -> None:
    found = faults(changed(("theo@asset-anchor.example", "PRIYA@asset-anchor.example")))
    assert any("priya@asset-anchor.example belongs to priya already" in fault for fault in found)


def test_who_says_go_and_may_not_deploy_to_production_is_refused() -> None:
    found = faults(changed(('deploy = ["release_manager", "tech_lead", "devops"]', 'deploy = ["tech_lead", "devops"]')))
    assert any("types.minor.go: release manager says go and may not deploy to production" in fault for fault in found)


def test_an_approval_that_nobody_could_give_is_refused() -> None:
    """Erika is the only executive; when only she may start a release, nobody is left to sign a major."""
    found = faults(changed(('start = ["release_manager"]', 'start = ["executive"]')))
    assert any("types.major.approvals: nobody could satisfy this" in fault for fault in found)


def test_two_seats_of_one_person_are_refused() -> None:
    found = faults(changed(('people = ["olu"]', 'people = ["theo"]')))
    assert any("types.hotfix.approvals: nobody could satisfy this" in fault for fault in found)


def test_seats_are_filled_by_a_plan_and_not_greedily() -> None:
    """Theo is a tech lead and the only DevOps: the tech lead's seat must go to Priya."""
    policy = parse_policy(SHIPPED)
    seats = (Approval(role="tech_lead"), Approval(role="devops"))
    members: dict[str, tuple[str, ...]] = {"tech_lead": ("U0THEO", "U0PRIYA"), "devops": ("U0THEO",)}
    assert can_be_signed(policy, seats, members=members)
    assert not can_be_signed(policy, seats, members=members, without=("U0PRIYA",))
