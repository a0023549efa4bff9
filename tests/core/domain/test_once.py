"""What is worked out of frozen facts once, and anew of other facts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from core.domain.once import once


@dataclass(frozen=True)
class Facts:
    size: int
    known: dict[Any, Any] = field(default_factory=dict, init=False, compare=False)


def test_a_rule_is_worked_out_once_for_the_same_words_and_facts() -> None:
    asked = []

    @once
    def times(facts: Facts, by: int) -> int:
        asked.append((facts.size, by))
        return facts.size * by

    small = Facts(2)
    assert [times(small, 3), times(small, 3), times(small, 4), times(replace(small, size=5), 3)] == [6, 6, 8, 15]
    assert asked == [(2, 3), (2, 4), (5, 3)]
