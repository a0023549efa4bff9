"""A panel is empty when nothing was measured; a zero was measured."""

from __future__ import annotations

from core.domain.picture import BARS, LINE, Panel, Series


def test_no_data_is_empty_and_a_zero_is_not() -> None:
    gap, zero = Series("median", (None, None)), Series("well", (0.0, None))
    assert Panel("Lead time", "days", LINE, ("v1", "v2"), (gap,), (0, 0)).empty
    assert Panel("Deployments", "", BARS, (), ()).empty
    assert not Panel("Deployments", "", BARS, ("1 Jul", "8 Jul"), (gap, zero)).empty
