"""What is signed of a release's flags, and which of them wait for a decision before it closes."""

from __future__ import annotations

from dataclasses import replace

from core.domain.flag_rows import FlagRow, signed


def test_what_is_signed_and_what_is_to_be_decided() -> None:
    told = (("b", "release", "added"), ("a", "ops", "changed"), ("c", "release", "old"))
    rows = [FlagRow(name, kind, what, "") for name, kind, what in told]  # type: ignore[arg-type]
    assert signed(rows) == ("a: changed", "b: added")
    assert [row.undecided for row in rows] == [True, False, True]
    assert not replace(rows[0], decided="keep").undecided and not replace(rows[0], what="removed").undecided
    assert not FlagRow("e", "experiment", "added", "").undecided and FlagRow("e", "experiment", "old", "").undecided
