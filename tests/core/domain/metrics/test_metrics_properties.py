"""What holds of every number whatever the rows are. Made by chance with a seed: drawing this many rows is slow else."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from core.domain.metrics.export import to_csv, to_json
from core.domain.metrics.model import Report
from core.domain.metrics.report import report
from core.domain.metrics.rows import Deployment, Rows, Told, Wait
from tests.core.domain.metrics.rows_by_hand import JULY, QUARTER, change, deployment, story

FAILED = ("", "", "", "", "rolled back", "fixed forward", "flag off", "incident", "not finished")


def a_deployment(chance: Random, release: int) -> Deployment:
    failed = chance.choice(FAILED)
    more = {"seen": some(chance), "recovered": chance.choice([None, some(chance)])} if failed else {}
    kind = chance.choice(["minor", "hotfix", "patch"])
    done = failed != "not finished" and (not failed or chance.random() < 0.5)
    return deployment(release, when(chance), took=some(chance), done=done, failed=failed, type=kind, **more)


def some(chance: Random) -> timedelta:
    """Sometimes the end lies before the beginning."""
    return timedelta(minutes=chance.randint(-60, 5000))


def when(chance: Random) -> datetime:
    """Sometimes beside the quarter."""
    return JULY + timedelta(minutes=chance.randint(-3000, 140_000))


def by_chance(chance: Random) -> Rows:
    made = [a_deployment(chance, i + 1) for i in range(chance.choice([0, 1, 2, 5, 9, 30]))]
    changes = [
        change(d.release, d.finished_at or JULY, chance.uniform(-2, 90), f"#{n}", seen=chance.choice([True, False]))
        for d in made for n in range(chance.randint(0, 3))
    ]  # fmt: skip
    stories = [
        story(
            d.release, live_at=d.finished_at if d.done else None, posts=chance.randint(0, 9),
            waits=tuple(Wait(chance.choice("abc"), when(chance), when(chance)) for _ in range(2)),
            told=tuple(Told(chance.choice(["bug", "feedback"]), JULY) for _ in range(chance.randint(0, 2))),
            missed=tuple(when(chance) for _ in range(chance.randint(0, 1))),
            overrides=tuple(when(chance) for _ in range(chance.randint(0, 1))),
        )
        for d in made
    ]  # fmt: skip
    return Rows(tuple(made), tuple(changes), tuple(stories))


def made(rows: Rows) -> Report:
    return report(rows, QUARTER, product="shop", zone="UTC", made_at=QUARTER.end)


def test_rates_are_shares_of_0_to_1_and_nothing_is_told_of_too_little() -> None:
    for seed in range(80):
        for m in made(by_chance(Random(seed))).measures:
            where = (seed, m)
            assert (m.n == 0) <= (m.value is None), where
            if m.unit == "share" and m.value is not None:
                low, high = m.interval or (-1, 2)
                assert 0 <= low <= m.value <= high <= 1 and 0 <= (m.part or 0) <= m.n, where
            if m.unit in ("seconds", "percent", "count"):
                assert (m.median is None) == (m.p90 is None) == (m.n < 5), where
                assert len(m.few) == (m.n if m.n < 5 else 0), where


def test_the_parts_are_the_whole() -> None:
    for seed in range(80):
        rows = by_chance(Random(seed))
        found = made(rows)
        for m in (m for m in found.measures if m.parts):
            lasting = m.unit == "seconds"
            parts = sum((p.n if lasting else p.part) or 0 for _, p in m.parts)
            assert parts == (m.n if lasting else m.part), (seed, m)
            assert sum(p.excluded for _, p in m.parts) == m.excluded, (seed, m)
        stayed, gone = found.measure("deployment_success"), found.measure("rollback_frequency")
        inside = [d for d in rows.deployments if QUARTER.holds(d.finished_at)]
        given_up = sum(not d.done and d.failed != "rolled back" for d in inside)
        assert (stayed.part or 0) + (gone.part or 0) + given_up == stayed.n == len(found.points) == len(inside), seed
        assert sum(w.deployments for w in found.weeks) == found.measure("deployment_frequency").n, seed
        assert sum(w.failed for w in found.weeks) == (found.measure("change_fail_rate").part or 0), seed
        assert sum(p.changes for p in found.points) == sum(QUARTER.holds(c.live_at) for c in rows.changes), seed


def test_the_order_of_what_happened_does_not_matter() -> None:
    for seed in range(40):
        chance = Random(seed)
        rows = by_chance(chance)
        mixed = Rows(*(tuple(chance.sample(x, len(x))) for x in (rows.deployments, rows.changes, rows.stories)))
        assert (to_json(made(mixed)), to_csv(made(mixed))) == (to_json(made(rows)), to_csv(made(rows))), seed


def test_an_unrelated_deployment_never_raises_a_recovery_time() -> None:
    for seed in range(80):
        chance = Random(seed)
        rows, other = by_chance(chance), deployment(99, when(chance))
        before, after = made(rows), made(Rows((*rows.deployments, other), rows.changes, rows.stories))
        for code in ("recovery_time", "time_to_detect", "time_to_resolve"):
            assert after.measure(code) == before.measure(code), seed
        assert (after.measure("change_fail_rate").value or 0) <= (before.measure("change_fail_rate").value or 0), seed
