"""The keys of rehearsals, and when one ends by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.domain.rehearsals import LASTS, Rehearsal, channel_of, desk_key, desk_of, shadow_key

AT = datetime(2026, 12, 1, tzinfo=UTC)


def test_a_shadow_names_its_channel_and_no_other_product_does() -> None:
    desk = desk_key("asset-anchor", "C0PLAY")
    shadow = shadow_key(desk, 2)
    assert desk_of(shadow) == (desk, 2)
    assert channel_of(shadow) == "C0PLAY"
    assert [channel_of(key) for key in ("asset-anchor", desk, "a~b~c", "")] == ["", "", "", ""]


def test_it_ends_by_itself_after_a_week_and_only_once() -> None:
    going_on = Rehearsal(1, "U0PRIYA", AT)
    assert not going_on.over(AT + LASTS - timedelta(seconds=1))
    assert going_on.over(AT + LASTS)
    assert not Rehearsal(1, "U0PRIYA", AT, ended=AT).over(AT + LASTS)
