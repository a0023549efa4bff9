"""What is recorded of the environment of a run: a change shows, and no value."""

from __future__ import annotations

from bot.variables import recorded
from core.domain.package.parts import compared

BEFORE = {"DATABASE_OF_PRODUCTION": "postgresql://app:hunter22@db/app", "MODE": "blue", "PWD": "/srv", "DATA_DIR": "/d"}


def test_a_changed_value_shows_and_no_value_does() -> None:
    old = recorded(BEFORE, ["data_dir"], "key")
    assert set(old["digests"]) == {"DATABASE_OF_PRODUCTION", "MODE"} and "hunter22" not in str(old)
    new = recorded({**BEFORE, "MODE": "green", "NEW": "1", "PWD": "/other"}, ["data_dir"], "key")
    assert compared(new, old)["compared"] == {"added": ["NEW"], "removed": [], "changed": ["MODE"]}
    assert "key" in str(compared(recorded(BEFORE, [], "another"), old)["compared"])
    assert compared(old, None)["compared"] == "nothing was recorded before"
