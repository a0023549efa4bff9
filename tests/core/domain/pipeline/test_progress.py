"""What a run does next: in order, one at a time, never twice what may not be done twice, and it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.domain.pipeline.model import BESIDE, OVER, Attempt, Step, StepState, Uses
from core.domain.pipeline.progress import MOST_LOST, Ended, Look, Start, following, ruled

AT = datetime(2026, 12, 2, 15, tzinfo=UTC)
BACKUP, MIGRATE = Step("backup", "Backup", "backup"), Step("migrate", "Migrate", "migrate")
SMOKE = Step("smoke", "Smoke", "smoke", retries=1, repeatable=True)
PLAN = (Step("begin", "Begin", "announce"), BACKUP, MIGRATE, SMOKE, Step("qa", "QA", "sign", item="verified"))


def tried(step: str, state: str, number: int = 1, reason: str = "") -> Attempt:
    return Attempt(step, number, StepState(state), AT, reason=reason)


BOTH = (tried("backup", "done"), tried("migrate", "skipped"))


def test_steps_go_in_their_order_without_those_that_the_release_does_itself() -> None:
    assert following(PLAN, ()) == Start(BACKUP, 1)
    running = tried("backup", "running")
    assert following(PLAN, (running,)) == Look(BACKUP, running)
    assert following(PLAN, BOTH) == Start(SMOKE, 1)
    assert following(PLAN, (*BOTH, tried("smoke", "done"))) == Ended("done")


def test_only_what_may_be_repeated_is_tried_again_and_not_without_end() -> None:
    assert following(PLAN, (tried("backup", "failed", reason="disk full"),)) == Ended("failed", "backup", "disk full")
    once, twice = tried("smoke", "failed"), tried("smoke", "failed", 2, "500")
    assert following(PLAN, (*BOTH, once)) == Start(SMOKE, 2)
    assert following(PLAN, (*BOTH, once, twice)) == Ended("failed", "smoke", "500")


def test_of_what_nobody_knows_only_the_repeatable_is_begun_again() -> None:
    assert following(PLAN, (tried("backup", "unknown"),)) == Ended("unknown", "backup")
    lost = [tried("smoke", "unknown", n + 1) for n in range(MOST_LOST + 1)]
    assert following(PLAN, (*BOTH, *lost[:-1])) == Start(SMOKE, MOST_LOST + 1)
    assert following(PLAN, (*BOTH, *lost)) == Ended("unknown", "smoke")


def test_a_stop_lets_end_what_runs_and_begins_nothing_else() -> None:
    running = tried("migrate", "running")
    assert following(PLAN, (BOTH[0], running), True) == Look(MIGRATE, running)
    assert following(PLAN, BOTH, True) == Ended("stopped", "smoke", "stopped by a person")
    failed = tried("smoke", "failed", reason="500")
    assert following(PLAN, (*BOTH, failed), True) == Ended("failed", "smoke", "500")
    assert following(PLAN, (*BOTH, tried("smoke", "done")), True) == Ended("stopped", "", "stopped by a person")


def test_a_persons_word_lets_a_run_go_on() -> None:
    stands = (*BOTH[:1], tried("migrate", "failed"))
    again = ruled(PLAN, stands, "retry").again
    assert following(PLAN, stands, False, again) == Start(MIGRATE, 2)
    assert ruled(PLAN, stands, "worked").worked == "migrate"
    assert ruled(PLAN, BOTH[:1], "worked").worked == "", "it was only stopped"
    late = (*BOTH, tried("smoke", "done"))
    assert following(PLAN, late, False, ruled(PLAN, late, "verify").again) == Start(SMOKE, 2)


# --- random plans, results, kills and stops ---------------------------------------------------------------------------

KINDS: tuple[Uses, ...] = ("announce", "backup", "migrate", "deploy", "smoke", "run", "sign")
RESULTS = st.sampled_from(["done", "done", "done", "skipped", "failed", "unknown"])


@st.composite
def plans(draw: st.DrawFn) -> tuple[Step, ...]:
    found = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.booleans(), st.integers(0, 2)), max_size=6))
    return tuple(
        Step(f"s{n}", f"S{n}", uses, repeatable=again, retries=retries if again else 0)
        for n, (uses, again, retries) in enumerate(found)
    )


@given(plans(), st.data())
def test_a_run_ends_and_does_nothing_twice_that_may_not_be(plan: tuple[Step, ...], data: st.DataObject) -> None:
    attempts: tuple[Attempt, ...] = ()
    again: dict[str, int] = {}
    stop, words = False, 0
    by_name = {step.name: step for step in plan}
    for _ in range(200):
        stop = stop or data.draw(st.integers(0, 9), "stop") == 0
        asked = following(plan, attempts, stop, again)
        assert asked == following(plan, attempts, stop, again), "a killed process asks again and hears the same"
        if isinstance(asked, Ended):
            _stands_rightly(plan, attempts, asked, stop, again)
            if asked.state == "done" or words > 2:
                break
            words, stop = words + 1, False
            rule = ruled(plan, attempts, data.draw(st.sampled_from(["retry", "worked", "verify"]), "word"), again)  # type: ignore[arg-type]
            again = dict(rule.again)
            if rule.worked:
                attempts += (tried(rule.worked, "done", 1 + max(_numbers(attempts, rule.worked))),)
        elif isinstance(asked, Look):
            ended = replace(asked.attempt, state=StepState(data.draw(RESULTS, "result")))
            attempts = tuple(ended if a == asked.attempt else a for a in attempts)
        else:
            assert not stop and asked.step.uses not in BESIDE
            assert asked.number == 1 + max(_numbers(attempts, asked.step.name))
            counted = [a for a in attempts if a.step == asked.step.name and a.number > again.get(a.step, 0)]
            assert asked.step.repeatable or not counted, "done twice"
            before = plan[: plan.index(by_name[asked.step.name])]
            assert all(_over(s, attempts) for s in before if s.uses not in BESIDE), "begun after one that stands"
            attempts += (tried(asked.step.name, "running", asked.number),)
    else:
        raise AssertionError("it never ends")


def _stands_rightly(plan: Any, attempts: Any, asked: Ended, stop: bool, again: dict[str, int]) -> None:
    if asked.state == "done":
        assert all(_over(s, attempts) for s in plan if s.uses not in BESIDE) and not stop
    elif asked.step:
        assert asked.state == "stopped" or not _over(next(s for s in plan if s.name == asked.step), attempts)


def _numbers(attempts: tuple[Attempt, ...], step: str) -> list[int]:
    return [0, *(a.number for a in attempts if a.step == step)]


def _over(step: Step, attempts: tuple[Attempt, ...]) -> bool:
    mine = [a for a in attempts if a.step == step.name]
    return bool(mine) and max(mine, key=lambda a: a.number).state in OVER
