"""Medians, percentiles and intervals against what others publish, and on random input."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.metrics.numbers import apart, median, of_median, percentile, wilson

VALUES = st.lists(st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=60).map(sorted)


@pytest.mark.parametrize(
    ("part", "n", "low", "high"),
    [(0, 3, 0, 56), (1, 10, 2, 40), (2, 26, 2, 24), (0, 26, 0, 13), (5, 6, 44, 97), (3, 3, 44, 100)],
)
def test_wilson_says_what_is_published(part: int, n: int, low: int, high: int) -> None:
    assert [round(100 * x) for x in wilson(part, n)] == [low, high]


def test_the_median_of_two_lies_between_them_and_percentiles_are_values_that_were_there() -> None:
    assert median([1, 100]) == 50.5 and median([1, 2, 100]) == 2
    assert [percentile(range(1, 11), share) for share in (0.1, 0.5, 0.9, 0.91, 1)] == [1, 5, 9, 10, 10]
    assert percentile(range(1, 6), 0.9) == 5 and percentile(range(1, 21), 0.9) == 18


def test_the_interval_of_a_median_by_order_statistics() -> None:
    assert of_median(range(5)) is None  # even the whole span is only 93.75 % sure
    assert of_median(range(1, 7)) == (1, 6)
    assert of_median(range(1, 11)) == (2, 9)  # the table of every book
    assert of_median(range(1, 101)) == (40, 61)
    low, high = of_median(range(1, 10_001)) or (0, 0)
    assert 4900 <= low <= 4905 and 5096 <= high <= 5102


def test_a_change_is_one_only_when_the_intervals_are_apart() -> None:
    assert apart((0.5, 0.6), (0.1, 0.4)) == 1 and apart((0.1, 0.4), (0.5, 0.6)) == -1
    assert apart((0.1, 0.5), (0.5, 0.6)) == 0 and apart(None, (0, 1)) == 0


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=60, deadline=None)
def test_a_share_lies_in_its_interval_and_both_between_0_and_1(case: tuple[int, int]) -> None:
    low, high = wilson(*case)
    assert 0 <= low <= case[0] / case[1] <= high <= 1


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_a_median_lies_in_its_interval_and_below_the_ninth_tenth(values: list[float]) -> None:
    middle = median(values)
    assert values[0] <= middle <= values[-1]
    assert percentile(values, 0.9) in values and sum(v <= percentile(values, 0.9) for v in values) >= 0.9 * len(values)
    if sure := of_median(values):
        assert sure[0] <= middle <= sure[1]
