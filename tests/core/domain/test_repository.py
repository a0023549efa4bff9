"""Plain facts about a repository: how old a look is."""

from __future__ import annotations

from core.domain.repository import RemoteState


def test_the_age_of_a_look_never_runs_backwards():
    state = RemoteState({}, {}, seen_at=100.0)
    assert state.age(160.5) == 60.5
    assert state.age(90.0) == 0.0
