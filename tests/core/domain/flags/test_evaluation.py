"""Whom a flag is on for: the strategy's order, shares that only grow, and answers to whatever is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from core.domain.flags.constraints import check_of
from core.domain.flags.context import LONGEST_VALUE, context_of
from core.domain.flags.evaluation import Decision, Flags
from core.domain.flags.model import Constraint, Dependency, Flag, Segment, Setting, Variant
from core.domain.flags.serving import feature_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
EVERYONE = [f"user-{n}" for n in range(5_000)]


def flag(name: str, kind: Any = "release", key: str = "") -> Flag:
    return Flag(key or name, name, kind, "U0DANA", "", NOW)


def flags(segments: tuple[Segment, ...] = (), **settings: Setting) -> Flags:
    return Flags([feature_of(flag(name), s) for name, s in settings.items()], segments, lambda: NOW)


def share(found: Flags, name: str) -> set[str]:
    return {user for user in EVERYONE if found.is_feature_enabled(name, user)}


def test_the_order_of_the_strategy() -> None:
    f = flags(all=Setting(on=True), some=Setting(user_ids=("ana",), percentage=10), off=Setting())
    assert not f.is_feature_enabled("unheard-of", "ana") and not f.is_feature_enabled("off", "ana")
    assert f.is_feature_enabled("all") and f.is_feature_enabled("all", SimpleNamespace(id="x"))
    assert f.is_feature_enabled("some", SimpleNamespace(id="ana"))
    assert 400 < len(share(f, "some")) < 600
    reasons = [f.decide(n, {"userId": "ana"}).reason for n in ("all", "some", "off", "unheard-of")]
    assert reasons == ["STATIC", "TARGETING_MATCH", "DISABLED", "DISABLED"]
    assert {f.decide("some", {"userId": u}).reason for u in EVERYONE[:99]} == {"SPLIT", "DEFAULT"}


@pytest.mark.parametrize(
    "user", [None, "", "\ud800", True, 1.5, [], {}, b"x", object(), SimpleNamespace(id=None), SimpleNamespace(id=[])],
    ids=lambda user: ascii(user) if type(user) is not object else "an object",  # every worker has to name it alike
)  # fmt: skip
def test_without_an_id_that_can_be_hashed_no_share_counts(user: object) -> None:
    narrowed = Setting(percentage=100, constraints=(Constraint("plan", "NOT_IN", ("free",)),))
    f = flags(all=Setting(percentage=100), narrowed=narrowed)
    assert f.is_feature_enabled("all", "somebody") and f.is_feature_enabled("narrowed", "somebody")
    assert not f.is_feature_enabled("all", user) and not f.is_feature_enabled("narrowed", user)


def test_a_number_is_an_id_as_others_write_it() -> None:
    f = flags(some=Setting(percentage=50))
    assert [f.is_feature_enabled("some", n) for n in range(50)] == [
        f.enabled("some", context_of({"targetingKey": str(n)})) for n in range(50)
    ]


def test_a_rollout_only_grows_and_its_ends_are_nobody_and_everybody() -> None:
    before: set[str] = set()
    for percentage in (0, 1, 10, 25, 50, 99, 100):
        now = share(flags(f=Setting(percentage=percentage)), "f")
        assert before <= now and abs(len(now) / len(EVERYONE) - percentage / 100) < 0.025
        before = now
    assert len(before) == len(EVERYONE) and not share(flags(f=Setting()), "f")


def test_two_flags_do_not_pick_the_same_people() -> None:
    f = flags(one=Setting(percentage=50), two=Setting(percentage=50), ten=Setting(percentage=10))
    one, two, ten = (share(f, name) for name in ("one", "two", "ten"))
    for a, b, expected in ((one, two, 0.25), (one, ten, 0.05), (two, ten, 0.05)):
        assert abs(len(a & b) / len(EVERYONE) - expected) < 0.02  # three standard deviations and more


def test_a_rename_moves_nobody_and_a_new_flag_of_the_old_name_picks_others() -> None:
    arms = (Variant("a", 1), Variant("b", 1))
    setting = Setting(percentage=30, variants=arms)
    old = Flags([feature_of(flag("old"), setting)], (), lambda: NOW)
    new = old.with_changes([feature_of(flag("new", key="old"), setting)], gone=["old"])
    assert share(new, "new") == share(old, "old") and "old" not in new
    asked = [{"userId": u} for u in EVERYONE[:500]]
    assert [new.decide("new", c) for c in asked] == [old.decide("old", c) for c in asked]
    again = new.with_changes([feature_of(flag("old", key="old.2"), setting)])
    assert share(again, "old") != share(old, "old")


def test_conditions_narrow_all_and_shares_but_not_people_who_are_named() -> None:
    plan = (Constraint("plan", "IN", ("pro",)),)
    f = flags(
        (Segment(3, "pro", plan),), on=Setting(on=True, constraints=plan, user_ids=("ana",)),
        seg=Setting(on=True, segments=(3,)), lost=Setting(on=True, segments=(4,)),
    )  # fmt: skip
    assert [f.enabled("on", c) for c in ({}, {"plan": "pro"}, {"userId": "ana"})] == [False, True, True]
    assert [f.enabled("seg", c) for c in ({}, {"plan": "pro"})] == [False, True] and not f.enabled("lost", {})


def test_a_flag_follows_another() -> None:
    on = Setting(on=True)
    f = flags(
        parent=on, child=replace(on, dependencies=(Dependency("parent"),)),
        grandchild=replace(on, dependencies=(Dependency("child"),)),
        orphan=replace(on, dependencies=(Dependency("x"),)),
    )  # fmt: skip
    assert [f.enabled(n, {}) for n in ("child", "grandchild", "orphan")] == [True, False, False]
    changed = f.with_changes([feature_of(flag("parent"), Setting())])
    assert not changed.enabled("child", {}) and f.enabled("child", {}), "what was read before does not change"


def test_variants_follow_their_weights_and_need_somebody() -> None:
    f = flags(x=Setting(on=True, variants=(Variant("a", 100), Variant("b", 300), Variant("none", 0))))
    told = [f.decide("x", {"userId": u}).variant for u in EVERYONE]
    names = [v.name for v in told if v]
    assert len(names) == len(EVERYONE) and 0.22 < names.count("a") / len(names) < 0.28 and "none" not in names
    assert f.decide("x", {}) == Decision(True, "STATIC", None)
    split = flags(x=Setting(percentage=50, variants=(Variant("a", 1), Variant("b", 1))))
    inside = [f.decide("x", {"userId": u}).variant for f in (split,) for u in EVERYONE if f.is_feature_enabled("x", u)]
    assert abs([v.name for v in inside if v].count("a") / len(inside) - 0.5) < 0.04, "being in says nothing of the arm"


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("REGEX", "("), ("REGEX", r"(a)\1"), ("REGEX", "(?=a)a"), ("REGEX", "\ud800"), ("REGEX", "((a{99}){99}){99}"),
        ("NUM_EQ", "x"), ("NUM_EQ", "nan"), ("NUM_LT", "inf"), ("DATE_AFTER", "soon"), ("SEMVER_EQ", "1.2"),
        ("NO_SUCH", "x"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_read_never_holds_not_even_turned_round(operator: str, value: str) -> None:
    for inverted in (False, True):
        holds = check_of(Constraint("f", operator, value=value, inverted=inverted), lambda: NOW)
        assert not holds({"f": "1"}) and not holds({})


@pytest.mark.parametrize(
    "value", ["", "x" * 1_900, "\ud800", "nan", "1e999", "9" * 400, "0x1", "\x00", "٣", "1.2.3", "[::1]"]
)
def test_no_value_breaks_an_operator(value: str) -> None:
    for operator, wanted in (
        ("IN", ""), ("STR_CONTAINS", ""), ("NUM_GT", "1"), ("DATE_BEFORE", "2026-01-01"), ("SEMVER_LT", "9.9.9"),
        ("REGEX", "^(x+x+)+y$"), ("IN_CIDR", ""),
    ):  # fmt: skip
        assert check_of(Constraint("f", operator, ("10.0.0.0/8",), wanted), lambda: NOW)({"f": value}) in (True, False)


def test_odd_contexts_become_flat_text() -> None:
    odd = {
        "targetingKey": "ana", "age": 42, "half": 1.5, "whole": 3.0, "yes": True, "none": None, "nan": float("nan"),
        "list": [1], "deep": {"a": 1}, "long": "x" * (LONGEST_VALUE + 1), "huge": 10**400, "empty": "",
        "properties": {"plan": "pro", "age": 1},
    }  # fmt: skip
    assert context_of(odd) == {
        "userId": "ana", "age": "42", "half": "1.5", "whole": "3", "yes": "true", "plan": "pro",
    }  # fmt: skip
    assert len(context_of({f"f{n}": "x" for n in range(10_000)})) == 200
    many = {"userId": 7, "properties": {f"f{n}": "x" for n in range(10_000)}}
    assert context_of(many)["userId"] == "7" and len(context_of(many)) == 200
