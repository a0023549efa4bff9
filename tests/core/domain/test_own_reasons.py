"""The lists of reasons that are the asker's own do not contradict each other, nor what a release waits for."""

from __future__ import annotations

from core.domain.facts import project
from core.domain.own_reasons import BY_ASKER, NO_FACT, NOT_GIVEN, ONES_OWN, WRONGLY_GIVEN
from tests.core.domain.test_engine import minor, to_preparation
from tests.core.domain.world import World


def test_each_reason_stands_in_one_list() -> None:
    assert not NOT_GIVEN & BY_ASKER and not NOT_GIVEN & WRONGLY_GIVEN and not BY_ASKER & WRONGLY_GIVEN


def test_no_release_is_said_to_wait_for_what_only_an_asker_can_give() -> None:
    w = World()
    r = minor(w)
    for step in (lambda: None, lambda: to_preparation(w, r)):
        step()
        codes = {b["code"] for b in project(w.situation(w.again(r)))["blockers"]}
        assert codes and not codes & (NO_FACT | ONES_OWN)
