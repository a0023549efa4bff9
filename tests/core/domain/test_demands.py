"""Random policies, rosters and clicks: nothing reaches production without exactly what its policy demands.

The judge is `auditor.py`, which reads the policy's text and shares no code with the gates. It is asked at each go, and
in preparation after each step whether the refusals name exactly what it finds missing: not less, and not more.
With one gate taken out at a time, something goes to production that must not, and the auditor says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import seed

from core.domain import authorise, engine, gates
from core.domain.gates import shipping
from core.domain.results import judge
from core.domain.situation import Situation
from core.errors import Blocker
from tests.core.domain.demanding import POOL, Team, wander
from tests.core.domain.random_policies import drawn
from tests.core.domain.test_machine import play

STORIES, LONG_STORIES = 90, 800
MOST = 300  # stories until a broken gate must have shown


@pytest.fixture(autouse=True)
def refusals_without_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals carry all facts of the release for who draws them; nobody does here, and they took most of the time."""
    monkeypatch.setattr(engine, "project", lambda s: {})


def test_nothing_goes_without_exactly_what_its_policy_demands() -> None:
    told = Counter(what for n in range(STORIES) for what in ended(wander(n, Team, POOL, 8)))
    assert all(told[f"went {kind}"] >= 4 for kind in ("patch", "minor", "major", "hotfix")), told
    assert told["stayed"] >= 20 and told["by override"] >= 1, told


def ended(m: Team) -> list[str]:
    """What became of a story."""
    if not m.w.releases:
        return ["nobody could start it"]
    return [f"went {m.r.type}" if m.went else "stayed", *(["by override"] if m.went and m.over else [])]


def test_hypothesis_finds_no_story_either() -> None:
    """Looked for by what finds the shortest story of a fault."""
    play(25, 12, fixed=True, team=Team)


@pytest.mark.torture
@pytest.mark.parametrize("part", range(2))
def test_the_same_for_policies_that_nobody_has_seen(part: int, dice: int, tells: Callable[..., None]) -> None:
    class Another(Team):
        """Other policies, and a class of its own, because hypothesis keeps the seed on it."""

        policies = staticmethod(lambda number: drawn((dice + part) * 1000 + number))

    tells(seed=dice + part, stories=LONG_STORIES)
    for number in range(LONG_STORIES):
        wander(number, Another, 500, 12)
    play(250, 20, fixed=False, team=seed(dice + part)(Another))


# --- the property bites ---------------------------------------------------------------------------------------------


class Careless(Team):
    """Looks only at what goes to production, not at what refusals say."""

    exact = False


def goes_wrong(team: type[Team] = Careless, likely: int = 0) -> bool:
    """Whether the auditor objects to one of the stories; the search begins where it was found last, to be quick."""
    for number in (likely, *range(MOST)):
        try:
            wander(number, team, POOL, 8)
        except AssertionError:
            return True
    return False


@pytest.mark.proof
@pytest.mark.parametrize(("name", "likely"), [
    ("approvals", 2), ("unexpired", 259), ("signoffs", 46), ("no_concern", 4), ("on_staging", 13), ("told", 26),
    ("window", 64), ("no_freeze", 29), ("not_self", 55), ("not_author", 103), ("one_role", 1), ("override_pair", 9),
    ("override_fits", 3),
])  # fmt: skip
def test_without_one_gate_something_goes_that_must_not(
    name: str, likely: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(gates.GATES, name, lambda s, act: iter(()))  # type: ignore[arg-type]
    assert goes_wrong(likely=likely)


def _nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorise, "refusal", lambda s, row, act: None)


def _who_left_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Situation, "counts", lambda s, decision: True)


def _failed_results_are_overlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "current", lambda s, kind: tuple(e for e in s.evidence_found if e.verdict == "passed"))


def _overrides_outlive_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "bound", lambda s, before, after: (after, ()))
    monkeypatch.setattr(Situation, "overridden", property(lambda s: tuple(o for o in s.release.overrides if o.second)))


def _one_person_breaks_the_glass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Situation, "overridden", property(lambda s: s.release.overrides))


def _a_hold_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "held_now", lambda s: iter(()))


def _a_pause_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "paused_now", lambda s, event: iter(()))


def _a_lock_of_a_person_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping, "kept_by_another", lambda s, act, environment: iter(()))


@pytest.mark.proof
@pytest.mark.parametrize(("broken", "likely"), [
    (_nobody_is_refused, 0), (_who_left_still_counts, 16), (_failed_results_are_overlooked, 51),
    (_overrides_outlive_the_content, 222), (_one_person_breaks_the_glass, 36), (_a_hold_stops_nothing, 4),
    (_a_pause_stops_nothing, 20), (_a_lock_of_a_person_stops_nothing, 8),
])  # fmt: skip
def test_with_one_rule_broken_something_goes_that_must_not(
    broken: Callable[[pytest.MonkeyPatch], None], likely: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)
    assert goes_wrong(likely=likely)


@pytest.mark.proof
@pytest.mark.parametrize("name", ["window", "approvals"])
def test_a_gate_that_asks_for_more_than_the_policy_is_found_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = gates.GATES[name]
    more = Blocker("approval.auditor" if name == "approvals" else "window", {})
    monkeypatch.setitem(gates.GATES, name, lambda s, act: iter((*asks(s, act), more)))  # type: ignore[arg-type]
    assert goes_wrong(Team)
