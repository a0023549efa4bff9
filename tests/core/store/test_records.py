"""Frozen data becomes JSON and comes back equal, also between two versions of the code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest

from core.store.columns import instant, iso, plain, to_json
from core.store.records import decode, encode


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Leaf:
    at: datetime
    on: date | None = None
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Tree:
    name: str
    leaves: tuple[Leaf, ...] = ()
    marks: frozenset[str] = frozenset()
    by_name: dict[str, Leaf] | None = None
    height: float = 0.0
    child: Tree | None = None


AT = datetime(2026, 11, 25, 15, 0, 0, 7, tzinfo=UTC)
TREE = Tree("a", (Leaf(AT, date(2026, 1, 2)),), frozenset({"x", "y"}), {"n": Leaf(AT)}, 2.0, Tree("b"))


def test_it_comes_back_equal() -> None:
    assert decode(Tree, json.loads(json.dumps(encode(TREE)))) == TREE


def test_a_field_of_a_newer_version_is_left_out_and_a_missing_one_takes_its_default() -> None:
    data: dict[str, Any] = encode(TREE)
    data["invented_later"] = 1
    del data["height"]
    data["leaves"][0]["also"] = 2
    read = decode(Tree, data)
    assert (read.height, read.leaves) == (0.0, TREE.leaves)


def test_a_hint_that_cannot_be_read_back_is_refused() -> None:
    @dataclass(frozen=True)
    class Either:
        what: int | str

    Either.__annotations__["what"] = int | str
    with pytest.raises(TypeError, match="which of them"):
        decode(Either, {"what": 1})


def test_instants_sort_as_text_and_need_a_zone() -> None:
    east = AT.astimezone(timezone(timedelta(hours=-5)))
    assert iso(east) == iso(AT) == "2026-11-25T15:00:00.000007Z"
    assert instant(iso(AT)) == AT
    times = [AT + timedelta(microseconds=n * 999_983) for n in range(20)]
    assert sorted(map(iso, times)) == list(map(iso, times))
    with pytest.raises(ValueError, match="time zone"):
        iso(AT.replace(tzinfo=None))


def test_json_has_one_form_and_no_nan() -> None:
    assert to_json({"b": "☃", "a": [1]}) == '{"a":[1],"b":"\\u2603"}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(float("nan"))


def test_text_is_made_fit_for_both_databases() -> None:
    assert plain("a\x00b\ud800") == "ab?"
