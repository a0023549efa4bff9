"""What the hour brings: told beforehand, and done at that very instant and not a second earlier."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.due import dues, next_wake
from core.domain.release import Phase
from tests.core.domain.test_engine import approve, minor, to_preparation
from tests.core.domain.world import PRIYA, World

SECOND = timedelta(seconds=1)


def developing(w: World) -> int:
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    return r.id


def prepared(w: World) -> int:
    r = minor(w)
    to_preparation(w, r)
    approve(w, r)
    return r.id


def held(w: World) -> int:
    number = developing(w)
    w.act(PRIYA, "hold", number, reason="waits for the bank", until=(w.now + timedelta(hours=3)).isoformat())
    return number


def whats(w: World, number: int) -> list[str]:
    return [d.what for d in sorted(dues(w.releases[number]), key=lambda d: d.at)]


def test_each_phase_has_its_hours():
    w = World()
    assert whats(w, developing(w)) == ["freeze", "missed"]
    w = World()
    assert whats(w, held(w)) == ["hold_over", "freeze", "missed"]
    w = World()
    assert whats(w, prepared(w)) == ["coming", "go_hour", "missed"]
    w = World()
    fix = w.start("patch")
    assert whats(w, fix.id) == [] and next_wake(w.again(fix), w.now) is None


@pytest.mark.parametrize("story", [developing, held, prepared])
def test_at_each_hour_something_happens_and_not_a_second_before(story):
    w = World()
    number = story(w)
    seen = 0
    while (at := next_wake(w.releases[number], w.now)) is not None:
        before = len(w.steps)
        if at - SECOND > w.now:
            w.at(at - SECOND)
            assert len(w.steps) == before, (at, w.steps[-1].verb)
        w.at(at)
        assert len(w.steps) > before or w.releases[number].hold, at  # what is held waits for the resume
        seen += 1
        assert seen < 9
    assert seen >= 2


def test_what_was_done_is_not_told_as_coming_again():
    w = World()
    number = prepared(w)
    coming = w.releases[number].coming_at
    assert coming is not None
    w.at(coming)
    assert "coming" not in whats(w, number)


def test_an_ended_release_sleeps():
    w = World()
    number = developing(w)
    w.act(PRIYA, "cancel", number, reason="the scope fell apart")
    assert w.phase(number) is Phase.CANCELLED and next_wake(w.releases[number], w.now) is None
