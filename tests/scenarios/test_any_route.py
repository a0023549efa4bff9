"""Whatever anybody does by any route, nothing ships unsigned, nothing moves illegally, and the record tells it all."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.scenarios.driver import POLICY, Frozen, Team, team
from tests.scenarios.oracle import Oracle, Policy
from tests.scenarios.wandering import Walk

SEEDS = [int(seed) for seed in os.environ.get("ANY_ROUTE_SEEDS", "14").split()]
MANY = int(os.environ.get("ANY_ROUTE_MANY", "12"))
QUICK, LONG = 35, 150


def judge(play: Team, known: frozenset[str]) -> Oracle:
    database = Path(play.app.settings.database.removeprefix("sqlite:///"))
    return Oracle(Policy.read(POLICY), database, play.product, known)


async def wander(place: Path, seed: int, steps: int, after: Frozen | None = None) -> int:
    """Walk and be judged on the way; returns how many releases were shipped."""
    async with team(place, after) as play:
        known = frozenset(play.product.refs())
        play.watch.expect("views.update refused: not_found")  # one hand closes the form that the other works on
        walk, oracle = Walk(play, random.Random(seed)), judge(play, known)
        for number in range(steps):
            await walk.step()
            if number % 10 == 9 or number == steps - 1:
                faults = oracle.faults()
                assert not faults, "\n".join([f"seed {seed}", *faults, "what was done:", *walk.trace])
        print(f"seed {seed}, {steps} steps:", *walk.trace, sep="\n")
        return len([r for r in play.product.refs() if r not in known and r.startswith("refs/tags/") and "rc" not in r])


@pytest.mark.parametrize("seed", SEEDS)
async def test_anybody_may_do_anything_and_nothing_ships_unsigned(
    minor_asked: Frozen, tmp_path: Path, seed: int
) -> None:
    """A short walk begins where the signatures are asked for, so that something ships."""
    assert await wander(tmp_path, seed, QUICK, minor_asked), (
        "this seed ships something; a walk that ships nothing shows nothing"
    )


@pytest.mark.torture
@pytest.mark.parametrize("number", range(MANY))
async def test_anybody_may_do_anything_for_long(
    minor_asked: Frozen, tmp_path: Path, dice: int, tells: Callable[..., None], number: int
) -> None:
    """Every second walk begins on the first morning, the others where the signatures are asked for."""
    seed = dice + number
    shipped = await wander(tmp_path, seed, LONG, minor_asked if number % 2 else None)
    tells(seed=seed, steps=LONG, shipped=shipped)


# --- and the judge is no fool -----------------------------------------------------------------------------------------


@pytest.mark.proof
async def test_the_oracle_notices_what_was_done_past_the_bot(minor_asked: Frozen, tmp_path: Path) -> None:
    async with team(tmp_path, minor_asked) as play:
        oracle = judge(play, frozenset(play.product.refs()))
        assert oracle.faults() == []
        play.product.git("tag", "v1.3.0", "refs/tags/v1.3.0-rc.1")
        assert oracle.faults() == ["v1.3.0 is on the remote and nobody said go"]
        play.product.git("tag", "-d", "v1.3.0")
        await play.mira.clicks("Approve (last signature)", within="dm")
        await play.settles()
        await play.ships("1.3.0")
        assert oracle.faults() == []
        play.product.git("tag", "-f", "v1.3.0", "refs/tags/v1.2.2")
        assert oracle.faults() == ["v1.3.0 is not the tree of its candidate"]


@pytest.mark.proof
@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ('approvals = [{ role = "product_manager" }, { role = "executive" }]', "without the approval of executive"),
        ('approvals = [{ role = "tech_lead" }]', "without the approval of tech_lead"),
        ('approvals = [{ role = "product_manager" }]\ngo = ["executive"]', "go was said by"),
    ],
)
async def test_the_oracle_judges_by_the_policy_file(
    minor_asked: Frozen, tmp_path: Path, policy: str, fault: str
) -> None:
    """Judged by a stricter policy than the one it was played by, the same release is unsigned."""
    stricter = tmp_path / "stricter.toml"
    stricter.write_text(POLICY.read_text().replace('approvals = [{ role = "product_manager" }]', policy))
    async with team(tmp_path, minor_asked) as play:
        oracle = judge(play, frozenset(play.product.refs()))
        await play.mira.clicks("Approve (last signature)", within="dm")
        await play.settles()
        await play.ships("1.3.0")
        oracle.policy = Policy.read(stricter)
        assert any(fault in found for found in oracle.faults()), oracle.faults()
