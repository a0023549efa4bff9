"""What is wrong with a flag is said in words, all at once, before it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.flags.checks import faults_of_flag, faults_of_setting
from core.domain.flags.model import Constraint, Dependency, Payload, Setting, Variant
from core.domain.flags.reading import rules_of


def faults(setting: Setting, **more: Any) -> str:
    known = {"parents": {"f": False, "p": False, "c": True}, "segments": {1}} | more
    return "; ".join(faults_of_setting(setting, "f", **known))


def test_all_that_is_wrong_with_a_flag_is_said_at_once() -> None:
    assert faults_of_flag("enable_new_billing_system", "release", "The new one") == []
    told = faults_of_flag("new billing/1", "forever", "x" * 501)
    assert [t.split()[1] for t in told] == ["name", "kind", "description"]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (Setting(percentage=-1), "between 0 and 100, not -1"),
        (Setting(percentage=101), "between 0 and 100, not 101"),
        (Setting(percentage=12.5), "a whole number"),  # type: ignore[arg-type]
        (Setting(percentage=True), "a whole number"),
        (Setting(user_ids=("a,b",)), "'a,b' is no user id"),
        (Setting(user_ids=("",)), "is no user id"),
        (Setting(user_ids=("\ud800",)), "is no user id"),
        (Setting(user_ids=tuple(map(str, range(2_001)))), "at most 2000 people"),
        (Setting(constraints=(Constraint("", "IN", ("x",)),)), "names no field"),
        (Setting(constraints=(Constraint("p", "LIKE", ("x",)),)), "LIKE is no operator"),
        (Setting(constraints=(Constraint("p", "REGEX", value="(?=x)"),)), "no expression that RE2 reads"),
        (Setting(constraints=(Constraint("p", "REGEX"),)), "REGEX needs a value"),
        (Setting(constraints=(Constraint("p", "SEMVER_EQ", value="v1"),)), "no version like 1.2.3"),
        (Setting(segments=(9,)), "there is no segment 9"),
        (Setting(variants=(Variant("a", 1), Variant("a", 2))), "there are 2 variants a"),
        (Setting(variants=(Variant("a", 0),)), "needs a weight"),
        (Setting(variants=(Variant("a", 1_001),)), "between 0 and 1000"),
        (Setting(variants=(Variant("a", 1, Payload("xml", "")),)), "string, number, json, csv, not 'xml'"),
        (Setting(dependencies=(Dependency("f"),)), "depend on itself"),
        (Setting(dependencies=(Dependency("x"),)), "which does not exist"),
        (Setting(dependencies=(Dependency("c"),)), "depends on another flag itself"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be(setting: Setting, words: str) -> None:
    assert words in faults(setting)


def test_what_is_right_has_no_fault() -> None:
    right = Setting(
        True, ("ana", "ben@x.example"), 25, (Constraint("plan", "IN", ("pro",)),), (1,),
        (Variant("a", 1, Payload("number", "3")), Variant("b", 1)), (Dependency("p"),),
    )  # fmt: skip
    assert faults(right) == ""
    assert "child depends on it" in faults(Setting(dependencies=(Dependency("p"),)), children={"child"})


def test_rules_are_read_strictly() -> None:
    base = Setting(percentage=10)
    pro = {"contextName": "plan", "operator": "IN", "values": ["pro"]}
    read = rules_of({"constraints": [pro], "segments": [1]}, base)
    assert read == Setting(percentage=10, constraints=(Constraint("plan", "IN", ("pro",)),), segments=(1,))
    for odd in (
        [], {"percentage": 5}, {"constraints": "x"}, {"constraints": [1]}, {"constraints": [{"operator": "IN"}]},
        {"variants": [{"name": "a", "weight": "1"}]}, {"segments": ["1"]}, {"dependencies": [{"feature": 1}]},
        {"constraints": [{"contextName": "a", "operator": "IN", "values": "abc"}]},
        {"constraints": [{"contextName": "a", "operator": "IN", "inverted": "no"}]},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"rules are|list|entry"):
            rules_of(odd, base)  # type: ignore[arg-type]


def test_ten_thousand_wrong_people_are_one_fault() -> None:
    found = faults_of_setting(Setting(user_ids=tuple(f" {n}" for n in range(10_000))), "search", {}, ())
    assert len(found) == 1
