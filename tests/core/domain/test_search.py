"""From every state that a release can reach, some sequence of steps ends it: nothing hangs for ever."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pytest

from core.domain.release import Phase
from tests.core.domain.search import Found, search

LARGE = {"patch": 30_000, "hotfix": 30_000, "minor": 10_000, "major": 10_000}  # states
EARLY = (Phase.PLANNING, Phase.DEVELOPMENT, Phase.STABILIZATION, Phase.PREPARATION)


def shown(states: list[Hashable]) -> str:
    return "\n".join(map(str, states[:5]))


def ends_well(found: Found, kind: str, tells: Callable[..., None], far: bool = True) -> None:
    """`far`: so many states were followed that every phase was come to."""
    steps = sum(map(len, found.after.values()))
    tells(type=kind, states=len(found.after), steps=steps, seen_and_not_followed=len(found.unjudged))
    assert not far or {state[1] for state in found.after} >= set(Phase) - {Phase.PLANNING}  # type: ignore[index]
    assert not found.dead(), shown(found.dead())


def unpublished(state: Hashable) -> bool:
    """Before deployment and with nothing of it on main yet: such a release can still ship under its number."""
    return state[1] in EARLY and not (state[1] is not Phase.PLANNING and _branch(state)[5])  # type: ignore[index]


def _branch(state: Hashable) -> tuple[bool, ...]:
    lately = state[4]  # type: ignore[index]
    return lately if state[1] is Phase.DEVELOPMENT else lately[0]  # type: ignore[index,no-any-return]


@pytest.fixture(scope="module")
def patch() -> Found:
    return search("patch", large=False)


def test_every_state_of_a_patch_ends_in_closed_or_cancelled(patch, tells):
    assert patch.whole
    ends_well(patch, "patch", tells)


def test_cancel_is_not_the_only_way_out_of_a_patch_that_has_published_nothing(patch):
    """Else a fault that blocks go for ever would hide behind `cancel`."""
    stuck = patch.dead(ends=lambda state: state[1] is Phase.CLOSED and not state[2])  # type: ignore[index]
    lost = [state for state in stuck if unpublished(state)]
    assert not lost, shown(lost)


def test_a_minor_on_the_straight_way_and_with_failures_ends_too(tells):
    aside = ("move", "reject", "freeze_early", "stop", "abort", "worked", "flag_off", "nogo", "untick")
    found = search("minor", large=False, without=aside)
    assert found.whole
    ends_well(found, "minor", tells)


@pytest.mark.proof
def test_the_search_finds_a_dead_end(patch):
    """The same states without the steps that end a release must be found dead, or the search sees nothing."""
    ending = ("cancel", "sign close", "rollback")
    after = {
        state: {to: step for to, step in steps.items() if step not in ending} for state, steps in patch.after.items()
    }
    assert {to for steps in patch.after.values() for to in steps.values()} >= {*ending}
    dead = Found(after, patch.ended).dead()
    assert any(state[1] is Phase.POST_RELEASE for state in dead)  # type: ignore[index]


@pytest.mark.torture
@pytest.mark.parametrize("kind", ["patch", "hotfix", "minor", "major"])
def test_every_state_of_every_type_with_holds_concerns_and_incidents(kind, tells):
    """As many as some minutes allow for all four types; what lies beyond is counted and not judged. A minor and a major
    have so many dates that these few states lie before production; the straight way of a minor is searched whole."""
    ends_well(search(kind, large=True, most=LARGE[kind]), kind, tells, far=kind in ("patch", "hotfix"))
