"""Random results of steps and random decisions of people about a release in production: what always holds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.effects import Effect
from core.domain.pipeline.model import BESIDE, OVER
from core.domain.release import Ending, Phase, Release, Run, RunState
from core.errors import Refused, Stale
from tests.core.domain.pipeline.test_stories import shipped
from tests.core.domain.test_engine import minor, ship_until_deployment
from tests.core.domain.world import OLU, PRIYA, THEO, World

TOUCHING = ("migrate", "deploy", "migrate_back", "roll_back")
BROKEN = ("checks", "backup", "migrations", "backend", "smoke", "database-back", "backend-back")
DECISIONS = ("retry", "worked", "stop", "abort", "rollback", "flag_off", "record", "hold", "resume", "go")
MOVES = st.one_of(
    st.integers(1, 4), st.integers(1, 12),  # so many steps are done
    st.tuples(st.sampled_from(BROKEN), st.sampled_from(["failed", "unknown"])),
    st.tuples(st.sampled_from(DECISIONS), st.sampled_from([OLU, PRIYA, THEO])),
)  # fmt: skip


@cache
def begun() -> tuple[World, int]:
    """A minor release whose run in production has nothing done yet."""
    w = World(policy=shipped())
    r = minor(w)
    kept: list[Effect] = []

    def keep(e: Effect) -> tuple[str, dict[str, Any]] | None:
        if e.body["environment"] != "production":
            return None
        kept.append(e)
        return "look_again", {}

    w.fails["deploy"] = keep
    ship_until_deployment(w, r)
    w.sign_all("rollback", r)
    w.pumping, w.fails = False, {}
    w.queue.extend((r.id, e) for e in kept)
    return w, r.id


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MOVES, min_size=4, max_size=30))
def test_whatever_happens_what_is_recorded_is_what_was_done(moves: list[Any]) -> None:
    start, number = begun()
    w = start.copy()
    w.broken = {}
    for move in moves:
        before = w.releases[number]
        if isinstance(move, int):
            for _ in range(move):
                _one(w)
        elif move[0] in BROKEN:
            w.broken[move[0]] = move[1]
        else:
            _decides(w, number, *move)
        _holds(w, before, w.releases[number])
    _comes_to_an_end(w, number)


def _one(w: World) -> None:
    if w.queue:
        w._do(*w.queue.popleft())


def _decides(w: World, number: int, event: str, who: str) -> None:
    words = {"reason": "it has to be", "severity": "nobody notices", "flag": "search", "runs": "1.2.2"}
    before = w.copy()
    try:
        w.act(who, event, number, **words)
    except (Refused, Stale):
        assert w.releases == before.releases and w.environments == before.environments
        return
    while w.queue and w.queue[0][1].kind not in ("deploy", "run.word"):
        _one(w)


def _runs(r: Release) -> Iterator[Run]:
    return (x for x in r.runs if x.environment == "production")


def _holds(w: World, before: Release, after: Release) -> None:
    lock, live = w.environments["production"].lock, w.environments["production"]
    assert sum(x.state is RunState.RUNNING for x in _runs(after)) <= 1
    for run in _runs(after):
        touched = [x for x in run.steps if x.started_at and x.uses in TOUCHING]
        assert run.changed or not touched, "it says that nothing has changed, and a step has begun that changes"
        waits = [x for x in run.steps if x.uses not in BESIDE and x.state not in OVER]
        assert not waits or run.state is not RunState.DONE or after.outcome
    if after.phase is Phase.PREPARATION and before.phase is Phase.DEPLOYMENT:
        assert lock is None and live.version == "1.2.2", "it went back although production runs it"
    if after.phase is Phase.DEPLOYMENT:
        assert lock is not None and lock.release_id == after.id
    if after.outcome is Ending.ROLLED_BACK:
        assert live.version == "1.2.2" and lock is not None and lock.until_cleared


def _comes_to_an_end(w: World, number: int) -> None:
    """From wherever it stands, a team that decides gets it out of production's way."""
    w.broken = {}
    for _ in range(60):
        r = w.releases[number]
        if r.phase is not Phase.DEPLOYMENT:
            return
        _decides(w, number, "resume", PRIYA)
        if not w.queue and (run := r.run()) is not None:
            if run.state in (RunState.WAITING, RunState.FAILED):
                _decides(w, number, "retry", OLU)
            elif run.state is RunState.DONE:
                w.sign_all("deployed", number)
        _one(w)
    raise AssertionError(f"it stands for good: {w.releases[number].runs[-1]}")
