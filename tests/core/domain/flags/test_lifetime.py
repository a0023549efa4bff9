"""How old flags are and why one is past its life; which of them a release touches by its code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.domain.flags.in_code import Place, names_in, touched
from core.domain.flags.lifetime import Seen, Used, life_of, lived, stale
from core.domain.flags.model import Constraint, Flag, Setting
from core.domain.policy_flags import FlagRules

NOW = datetime(2027, 6, 1, tzinfo=UTC)
OUT = {"1.2.0", "1.2.1", "1.3.0", "1.3.1", "1.4.0", "1.4.1", "2.0.0"}
RULES = FlagRules()


def flag(kind: Any = "release", **more: Any) -> Flag:
    return Flag("f", "f", kind, "U0DANA", "", NOW - timedelta(days=100), **more)


@pytest.mark.parametrize(
    ("more", "told"),
    [({"since": "1.3.0"}, 3), ({"since": "2.0.0"}, 1), ({"since": "2.1.0"}, 0), ({"born": "1.4.1"}, 1),
     ({"born": "2.0.0"}, 0), ({"since": "1.3.1"}, 3), ({}, 4)],
)  # fmt: skip
def test_releases_with_features_age_a_flag_and_fixes_do_not(more: dict[str, str], told: int) -> None:
    assert lived(flag(**more), OUT) == told


def why(one: Flag, setting: Setting = Setting(), days: int = 1, used: Used = Used()) -> tuple[str, ...]:  # noqa: B008
    return life_of(Seen(one, setting, NOW - timedelta(days=days), used), OUT, RULES, NOW).why


def test_what_is_past_its_life_and_why() -> None:
    old, new = flag(since="1.3.0"), flag(since="2.0.0")
    assert (why(old), why(new)) == (("releases",), ())
    assert why(replace(old, kept=1)) == (), "somebody gave it one release more"
    assert why(flag("ops", since="1.2.0"), Setting(on=True), 900, Used(None, 0, True)) == (), "an ops flag is for good"
    assert why(flag("experiment", since="1.2.0"), Setting(on=True), 900) == (), "an experiment has no age"
    assert why(flag("experiment", result="blue sold more")) == ("concluded",)
    assert why(flag(since="2.0.0", ends="on")) == ("decided",)
    for whole in (Setting(on=True), Setting(percentage=100)):
        assert why(new, whole, 13) == () and why(new, whole, 14) == ("settled",)
    assert why(new, Setting(on=True, constraints=(Constraint("plan", "IN", ("pro",)),)), 900) == ()
    assert why(new, Setting(percentage=99), 900) == ()
    assert why(new, used=Used(None, 0, False)) == (), "a product that never reports says nothing"
    assert why(new, used=Used(date(2027, 5, 1), 9, True)) == ("unused",)
    assert why(new, used=Used(date(2027, 5, 30), 9, True)) == ()
    assert why(replace(new, created_at=NOW), used=Used(None, 0, True)) == (), "it is new, so nobody can have asked"


def test_the_oldest_come_first_and_archived_ones_never() -> None:
    flags = [replace(flag(since=s), name=n) for n, s in (("b", "1.4.0"), ("a", "1.2.0"), ("c", "2.0.0"))]
    gone = replace(flag(since="1.2.0"), archived_at=NOW)
    found = stale([Seen(one) for one in (*flags, gone)], OUT, FlagRules(lifetime=1), NOW)
    assert [(life.flag.name, life.over) for life in found] == [("a", 3), ("b", 1)]


def test_what_a_release_does_to_flags_follows_from_the_lines_that_name_them() -> None:
    def at(*lines: str) -> tuple[Place, ...]:
        return tuple(Place("app.py", n, text) for n, text in enumerate(lines, 1))

    before = {"old": at("if on('old'):"), "same": at("on('same')"), "moved": at("", "on('moved')"), "more": at("a")}
    after = {"new": at("on('new')"), "same": at("on('same')"), "moved": at("on('moved')", ""), "more": at("a", "b")}
    names = ["old", "same", "moved", "new", "more", "nowhere"]
    assert touched(names, before, after) == {"old": "removed", "new": "added", "more": "changed"}


@pytest.mark.parametrize(
    ("text", "found"),
    [("is_on('new')", {"new"}), ("is_on(\"new_search\")", {"new_search"}), ("new.search", {"new.search"}),
     ("renewed anew", set()), ("It is new.", {"new"}), ("flags.new", set()), ("new-search x_new", set()),
     ("new(new_search)", {"new", "new_search"})],
)  # fmt: skip
def test_a_name_is_a_whole_word(text: str, found: set[str]) -> None:
    assert names_in(text, ("new", "new_search", "new.search")) == found
