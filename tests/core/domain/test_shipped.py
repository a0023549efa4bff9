"""What is out: the versions that content must hold, and the commits that main may hold."""

from __future__ import annotations

from datetime import UTC, datetime

from core.domain.contents import Stray
from core.domain.release import Environment, ProductRecord
from core.domain.shipped import MOST, known, to_hold

AT = datetime(2026, 12, 1, tzinfo=UTC)


def test_the_newest_versions_and_what_production_runs() -> None:
    product = ProductRecord("anchor", {f"1.{n}.0": f"{n:040x}" for n in range(MOST + 5)})
    held = to_hold(product, Environment("production", "1.1.0", "a" * 40))
    assert len(held) == MOST + 1 and held["1.1.0"] == "a" * 40 and "1.4.0" not in held and "1.24.0" in held
    assert to_hold(product, Environment("production")).keys() == held.keys() - {"1.1.0"}, "nothing was adopted yet"


def test_main_may_hold_what_was_out_and_what_somebody_answered_for() -> None:
    open_ = Stray("main:1", "main", "main", "b", "strange", AT, "", ("strange",))
    answered = Stray("main:2", "main", "main", "b", "head", AT, "", ("patch", "head"), "U0THEO", AT, "it was urgent")
    tag = Stray("tag:v1", "tag", "v1", "b", "elsewhere", AT, "", (), "U0THEO", AT, "it is the same")
    product = ProductRecord("anchor", {"1.0.0": "one", "1.1.0": ""}, strays={x.id: x for x in (open_, answered, tag)})
    live = Environment("production", "1.0.0", "one", previous_sha="before")
    assert known(product, live) == ["one", "before", "head", "patch"]
