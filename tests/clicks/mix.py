"""Which clicks: bursts of double clicks by those who may, between people who may not, old buttons and changed minds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from tests.clicks.stage import BOTH, SMALL, STARTER, STRANGERS, Cast, Waiting
from tests.clicks.storm import Click

LARGEST = 5


def clicks(count: int, releases: Sequence[Waiting], dice: Random, cast: Cast = SMALL) -> list[Click]:
    """About `count` clicks in bursts; every seat of every release is pressed at least twice."""
    bursts = [_double(dice, release, *seat) for release in releases for seat in cast.seats]
    made = sum(map(len, bursts))
    while made < count:
        bursts.append(list(_burst(dice, dice.choice(list(releases)), cast)))
        made += len(bursts[-1])
    dice.shuffle(bursts)
    return [click for burst in bursts for click in burst][:max(count, sum(map(len, bursts)))]


def _double(dice: Random, release: Waiting, person: str, role: str) -> list[Click]:
    """The same button pressed some times in a row; sometimes it is one request that arrives again and again."""
    size = dice.randint(2, LARGEST)
    repeat: dict[str, dict[str, object]] | None = {} if dice.random() < 0.25 else None
    return [Click("approve", person, release, role, repeat=repeat) for _ in range(size)]


def _burst(dice: Random, release: Waiting, cast: Cast) -> Iterator[Click]:
    what = dice.random()
    if what < 0.45:
        yield from _double(dice, release, *dice.choice(cast.seats))
    elif what < 0.60:
        person = dice.choice(cast.wavering)
        for _ in range(dice.randint(1, 3)):
            yield Click(dice.choice(("approve", "reject", "withdraw")), person, release, "tech_lead")
    elif what < 0.72:
        yield from (Click("approve", dice.choice(STRANGERS), release, "tech_lead") for _ in range(2))
    elif what < 0.82:
        yield Click("approve", STARTER, release, "tech_lead")
    elif what < 0.90:
        person, role = dice.choice(cast.seats)
        yield Click("approve", person, release, role, stale=True)
    else:
        yield Click("approve", BOTH, release, "devops")


def last_words(releases: Sequence[Waiting], cast: Cast = SMALL) -> list[Click]:
    """Everybody approves in the end, so that each release has all its signatures."""
    return [Click("approve", person, release, role) for release in releases for person, role in cast.seats]
