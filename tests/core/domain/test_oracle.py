"""The second opinion must bite: a record that was tampered with, and an engine without a gate, are both found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.gates import GATES
from core.domain.release import Lock, Phase
from tests.core.domain.oracle import Oracle, Row, row_of
from tests.core.domain.test_engine import minor, ship
from tests.core.domain.test_shipping import at_go
from tests.core.domain.world import DANA, MIRA, OLU, PRIYA, World


def record_of(w: World) -> list[Row]:
    """What happened, each entry at the hour that its signature carries."""
    rows = [row_of(step, w.now, w.members(), w.evidence) for step in w.steps]
    return [replace(row, at=row.signed[0].at if row.signed else row.at) for row in rows]


def shipped() -> list[Row]:
    """The record of a minor that went out as it should."""
    w = World()
    ship(w, minor(w))
    return record_of(w)


def judged(rows: list[Row]) -> Oracle:
    oracle = Oracle(World().policy, frozenset({DANA}))
    for row in rows:
        oracle.read(row)
    return oracle


def unsigned(row: Row) -> Row:
    return replace(row, signed=())


TAMPERED: dict[str, Callable[[Row], Row]] = {
    "approve": unsigned,
    "tick": unsigned,
    "ready": lambda row: replace(row, went_to=Phase.DEPLOYMENT),
    "git.planned": lambda row: replace(row, epoch=row.epoch + 1),
    "members.read": lambda row: replace(row, withdrawn=(row.signed or ()), held=True, epoch=row.epoch + 1),
    "stage": lambda row: replace(row, production=("1.3.0", None)),
    "begin": lambda row: replace(row, via="report"),
    "freeze": lambda row: replace(row, came_from=Phase.PLANNING),
    "deployed": lambda row: replace(row, seen=row.seen - {"backup"}),
}


def test_a_record_as_it_should_be_is_accepted():
    assert judged(shipped()).production == "1.3.0"


@pytest.mark.parametrize("verb", list(TAMPERED))
def test_a_record_with_one_thing_changed_is_found_out(verb):
    rows = shipped()
    at = next(n for n, row in enumerate(rows) if row.verb == verb)
    rows[at] = TAMPERED[verb](rows[at])
    with pytest.raises(AssertionError):
        judged(rows)


def test_a_test_that_failed_meanwhile_is_found_out():
    with pytest.raises(AssertionError, match="without tests"):
        judged([replace(row, proven=row.proven - {"regression"}) if row.verb == "go" else row for row in shipped()])


@pytest.mark.parametrize("change", [
    {"person": PRIYA}, {"role": "devops"}, {"subject": "0" * 64}, {"verdict": "reject"}, {"at": None},
])  # fmt: skip
def test_a_signature_of_somebody_else_or_for_something_else_does_not_count(change):
    rows = shipped()
    at = next(n for n, row in enumerate(rows) if row.verb == "approve")
    if "at" in change:
        change = {"at": rows[at].at - timedelta(days=30)}
    rows[at] = replace(rows[at], signed=(replace(rows[at].signed[0], **change),))
    with pytest.raises(AssertionError):
        judged(rows)


def test_a_content_that_was_not_signed_is_not_published():
    rows = shipped()
    at = next(n for n, row in enumerate(rows) if row.published)
    rows[at] = replace(rows[at], published="f" * 40)
    with pytest.raises(AssertionError):
        judged(rows)


def test_an_engine_that_asks_for_no_approvals_is_found_out(monkeypatch):
    w = World()
    r = minor(w)
    at_go(w, r)
    monkeypatch.setitem(GATES, "approvals", lambda s, act: iter(()))
    w.act(MIRA, "withdraw", r, reason="not this month")
    w.act(PRIYA, "go", r)
    assert w.phase(r) is Phase.DEPLOYMENT
    with pytest.raises(AssertionError, match="without product_manager"):
        judged(record_of(w))


def test_an_engine_that_lets_two_into_production_is_found_out(monkeypatch):
    w = World()
    r = minor(w)
    at_go(w, r)
    lock = Lock(99, "1.2.9", OLU, w.now, "is going out")
    w.environments["production"] = replace(w.environments["production"], lock=lock)
    monkeypatch.setitem(GATES, "production_free", lambda s, act: iter(()))
    w.act(PRIYA, "go", r)
    oracle = Oracle(w.policy, frozenset({DANA}), lock=99)
    with pytest.raises(AssertionError, match="somebody else"):
        for row in record_of(w):
            oracle.read(row)
