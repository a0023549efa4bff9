"""The arithmetic of measures: medians, nearest-rank percentiles, and intervals that say what a number may mean."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, comb, sqrt

Z = 1.959963984540054  # of a 95 % interval


def median(ordered: Sequence[float]) -> float:
    """The middle of sorted values; of an even number of them the mean of the two in the middle."""
    half, odd = divmod(len(ordered), 2)
    return float(ordered[half]) if odd else (ordered[half - 1] + ordered[half]) / 2


def percentile(ordered: Sequence[float], share: float) -> float:
    """By nearest rank: the smallest of the sorted values that at least this share of them do not exceed."""
    return float(ordered[max(1, ceil(round(share * len(ordered), 9))) - 1])


def wilson(part: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; never outside 0 to 1. `n` is at least 1."""
    p, zz = part / n, Z * Z
    middle = (p + zz / (2 * n)) / (1 + zz / n)
    half = Z / (1 + zz / n) * sqrt(p * (1 - p) / n + zz / (4 * n * n))
    low = 0.0 if part == 0 else max(0.0, middle - half)
    return low, 1.0 if part == n else min(1.0, middle + half)


def of_median(ordered: Sequence[float]) -> tuple[float, float] | None:
    """The interval of a median between two of the sorted values, at least 95 % sure whatever the distribution.

    None when even the smallest and the greatest are not enough for that, which is below six values.
    """
    rank = _rank(len(ordered))
    return (float(ordered[rank]), float(ordered[-1 - rank])) if rank is not None else None


def _rank(n: int) -> int | None:
    """How many values to leave out at each end: the greatest number with at most 2.5 % of chance on each side."""
    if n > 200:
        return max(0, int((n - Z * sqrt(n)) / 2) - 1)
    reached, below = None, 0
    for k in range(n // 2):
        below += comb(n, k)
        if below > 0.025 * 2**n:
            break
        reached = k
    return reached


def apart(one: tuple[float, float] | None, other: tuple[float, float] | None) -> int:
    """1 when the first interval lies above the second, -1 when below, 0 when they touch or one is not known."""
    if one is None or other is None:
        return 0
    return (one[0] > other[1]) - (one[1] < other[0])
