"""Hundreds of Approve clicks at once, through HTTP, several processes and PostgreSQL: one effect per decision.

What protects a decision? Three walls, one behind the other: the lock on the release's chain (`SELECT ... FOR
UPDATE`: whoever comes second sees what the first has written), the numbers of the audit trail (two entries cannot have
the same place), and the unique key `uq_decision_standing`. With the first two in place, dropping the key alone changes
nothing, and `test_the_lock_suffices` says so. So the tests show each wall by itself: the lock without the key, the key
without lock and numbers, and with all three gone the same check goes red.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import asyncpg
import pytest

from tests.clicks import mix
from tests.clicks.model import check_answers, check_decisions, check_messages, check_trail
from tests.clicks.stage import SMALL, TWENTY, Cast, Waiting, policy, prepare
from tests.clicks.storm import Click, Storm
from tests.torture.fleet import Fleet, fleet
from tests.torture.world import World, world

pytestmark = pytest.mark.postgres
CLICKS = 10_000
KEY = "uq_decision_standing"
RACE = "unit.locked=sleep:0.02"  # a pause where the lock was taken makes every race happen that can
Tells = Callable[..., None]


@asynccontextmanager
async def waiting(
    tmp_path: Path, url: str, nursery: Path, releases: int, cast: Cast = SMALL
) -> AsyncIterator[tuple[World, list[Waiting]]]:
    settings = {"RELEASE_POLICY": str(policy(tmp_path))}
    async with world(tmp_path / "world", url, nursery, settings) as made:
        yield made, await prepare(made, releases, cast)


async def storm(made: World, bots: Fleet, sockets: int, clicks: Sequence[Click]) -> None:
    await Storm(made, [one.url for one in bots.living], sockets).rage(clicks)
    await made.settles()


async def whole_storm(
    made: World, releases: Sequence[Waiting], dice: Random, *, count: int, processes: int, sockets: int
) -> list[Click]:
    clicks = mix.clicks(count, releases, dice)
    async with fleet(made, processes) as bots:
        await storm(made, bots, sockets, clicks)
        after = mix.last_words(releases)
        await storm(made, bots, sockets, after)
    assert bots.unexpected == [] and made.complaints() == []
    everything = [*clicks, *after]
    await whole(made, releases, everything)
    return everything


async def whole(made: World, releases: Sequence[Waiting], everything: Sequence[Click], cast: Cast = SMALL) -> None:
    """Every click was answered, every decision stands once, and the trail says the same."""
    check_answers(made, everything)
    await check_decisions(made, releases, cast)
    await check_messages(made)
    await check_trail(made)


def _told(clicks: Sequence[Click]) -> dict[str, object]:
    taken = sorted(d.seconds for c in clicks for d in c.deliveries)
    return {"clicks": len(clicks), "requests": len(taken), "median": f"{taken[len(taken) // 2] * 1e3:.0f} ms",
            "slowest": f"{taken[-1] * 1e3:.0f} ms", "kinds": dict(Counter(c.kind for c in clicks))}  # fmt: skip


async def test_clicks_at_once(tmp_path: Path, postgres_url: str, nursery: Path, dice: int, tells: Tells) -> None:
    async with waiting(tmp_path, postgres_url, nursery, releases=2) as (made, releases):
        clicks = await whole_storm(made, releases, Random(dice), count=120, processes=2, sockets=8)
    tells(seed=dice, processes=2, sockets=8, **_told(clicks))


@pytest.mark.torture
async def test_a_thousand_clicks(tmp_path: Path, postgres_url: str, nursery: Path, dice: int, tells: Tells) -> None:
    async with waiting(tmp_path, postgres_url, nursery, releases=6) as (made, releases):
        clicks = await whole_storm(made, releases, Random(dice), count=1000, processes=4, sockets=20)
    tells(seed=dice, processes=4, sockets=20, **_told(clicks))


@pytest.mark.torture
async def test_ten_thousand_clicks_of_twenty_people_on_ten_releases(
    tmp_path: Path, postgres_url: str, nursery: Path, dice: int, tells: Tells
) -> None:
    """Everybody has one click under way, and waits for what they see; all of them interleave."""
    async with waiting(tmp_path, postgres_url, nursery, releases=10, cast=TWENTY) as (made, releases):
        clicks = [*mix.clicks(CLICKS, releases, Random(dice), TWENTY), *mix.last_words(releases, TWENTY)]
        async with fleet(made, 4) as bots:
            await Storm(made, [one.url for one in bots.living], 0).in_turn(clicks)
            await made.settles(patience=120)
        assert bots.unexpected == [] and made.complaints() == []
        assert len({c.person for c in clicks}) == len(TWENTY.people) == 20 and len(clicks) >= CLICKS
        await whole(made, releases, clicks, TWENTY)
    seen = sorted(c.seen_after for c in clicks)
    times = {"seen, median": f"{seen[len(seen) // 2] * 1e3:.0f} ms", "seen, slowest": f"{seen[-1] * 1e3:.0f} ms"}
    tells(seed=dice, processes=4, people=20, releases=10, **_told(clicks), **times)


# --- what the walls do, one by one ----------------------------------------------------------------------------------


async def drop_key(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"DROP INDEX {KEY}")
    await connection.close()


async def double_clicks(made: World, releases: Sequence[Waiting], without: Sequence[str]) -> None:
    """Each seat is pressed eight times at once."""
    async with fleet(made, 2, everywhere=RACE, without=without) as bots:
        for release in releases:
            for person, role in SMALL.seats:
                await storm(made, bots, 8, [Click("approve", person, release, role) for _ in range(8)])


@pytest.mark.torture
async def test_the_lock_suffices(tmp_path: Path, postgres_url: str, nursery: Path) -> None:
    """Without the unique key nothing is doubled as long as the chain is locked."""
    async with waiting(tmp_path, postgres_url, nursery, releases=1) as (made, releases):
        await drop_key(postgres_url)
        await double_clicks(made, releases, without=())
        await check_decisions(made, releases)
        await check_trail(made)


@pytest.mark.torture
async def test_the_key_suffices(tmp_path: Path, postgres_url: str, nursery: Path) -> None:
    """Without lock and numbers the unique key refuses the second, and that unit begins again and sees the first."""
    async with waiting(tmp_path, postgres_url, nursery, releases=1) as (made, releases):
        await double_clicks(made, releases, without=("lock", "numbers"))
        await check_decisions(made, releases)
        await check_messages(made)


@pytest.mark.proof
@pytest.mark.torture
async def test_without_lock_and_key_the_check_goes_red(tmp_path: Path, postgres_url: str, nursery: Path) -> None:
    async with waiting(tmp_path, postgres_url, nursery, releases=1) as (made, releases):
        await drop_key(postgres_url)
        await double_clicks(made, releases, without=("lock", "numbers"))
        with pytest.raises(AssertionError, match="decisions stand twice"):
            await check_decisions(made, releases)
