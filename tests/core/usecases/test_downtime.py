"""Nobody ran for a while: what still matters comes late and once, what does not is dropped with a trace.

Real use cases, store and words on a clock that is set by hand (`bot/simulate`); while nobody runs it is moved without
a tick. What is expected is written down by hand from the table of docs/reminders.md.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.simulate.people import Ci, Developers, Team
from bot.simulate.world import World, world
from core.domain.policy import parse_policy
from core.store.tables import audit
from tests.policies import simulated_text

START = datetime(2026, 12, 1, 14, tzinfo=UTC)  # Tuesday, 9:00 Eastern
TEN = datetime(2026, 12, 2, 15, tzinfo=UTC)  # the train of 16 December is asked about
FREE = ("U0PRIYA", "The train of 16 Dec 2026, 10:00 Eastern is free.")
TRAIN = datetime(2026, 12, 16, 15, tzinfo=UTC)


def asked(w: World, since: int) -> list[tuple[str, str]]:
    """Whom reminders reached, with their first sentence."""
    return [(one.person, one.text.partition(". ")[0] + ".") for one in w.sent[since:] if one.moment == "ahead"]


async def away(w: World, until: datetime) -> int:
    """Nobody runs until then; returns how much had been said before."""
    said = len(w.sent)
    w.lives.clear()
    w.clock.move_to(until)
    await w.settle()
    return said


@pytest.mark.parametrize(
    ("until", "at", "found"),
    [
        (TEN + timedelta(seconds=1), TEN + timedelta(seconds=1), [FREE]),  # three seconds
        (TEN + timedelta(hours=2), TEN + timedelta(hours=2), [FREE]),  # three hours
        (TEN + timedelta(days=3), datetime(2026, 12, 7, 14, tzinfo=UTC), [FREE]),  # a Saturday: on Monday at nine
        (TEN + timedelta(days=8, seconds=1), TEN + timedelta(days=9), []),  # its freeze has come: too late
    ],
)
async def test_what_was_due_meanwhile_comes_late_and_once(
    until: datetime, at: datetime, found: list[tuple[str, str]]
) -> None:
    async with world(parse_policy(simulated_text()), START) as w:
        await w.until(TEN - timedelta(seconds=2) if until - TEN < timedelta(hours=1) else TEN - timedelta(hours=1))
        said = await away(w, until)
        await w.until(at)
        assert asked(w, said) == found
        assert {one.at for one in w.sent[said:] if one.moment == "ahead"} <= {at}
        await w.until(at + timedelta(hours=3))
        assert asked(w, said) == found, "it was said twice"
        async with w.ctx.store.database.reader.connect() as conn:
            dropped = list(await conn.execute(select(audit.c.verb).where(audit.c.verb == "reminder_dropped")))
        assert bool(dropped) == (not found), "what is not said any more is noted"


async def test_three_days_without_the_bot_over_a_departure() -> None:
    """Down from two hours before the departure of 16 December to the 18th: the window is over. Nobody hears that it
    leaves today, nobody outside that it comes; its lead is asked how to go on, authors hear why it did not leave."""
    async with world(parse_policy(simulated_text()), START, lives=[Team(), Developers(), Ci()]) as w:
        await w.until(TRAIN - timedelta(hours=25))
        back = TRAIN + timedelta(days=2)
        said = await away(w, back)
        moments = Counter((one.place or one.person, one.moment) for one in w.sent[said:])
        assert asked(w, said) == [
            ("U0PRIYA", "The train of 30 Dec 2026, 10:00 Eastern with v1.4.0 leaves 2 days before New Year's Day.")
        ]
        assert moments["U0PRIYA", "missed"] == 1 and ("#support", "coming") not in moments
        assert {moment for _, moment in moments} == {"ahead", "missed", "missed_author"}
        assert set(moments.values()) == {1}
        told = len(w.sent)
        await w.until(back + timedelta(minutes=30))
        assert w.sent[told:] == []


@pytest.mark.parametrize("how", ["", "move", "hold", "cancel"])
async def test_what_was_moved_held_or_ended_reminds_of_nothing_that_no_longer_holds(how: str) -> None:
    """On the release day at 8:30 its lead hears that it leaves today, and at ten that go is asked; not any more."""
    async with world(parse_policy(simulated_text()), START, lives=[Team(), Developers(), Ci()]) as w:
        await w.until(TRAIN - timedelta(hours=18))
        w.lives.clear()
        later = {"to": (TRAIN + timedelta(days=28)).isoformat()} if how == "move" else {}
        if how:
            await w.acts("priya", how, "1.3.0", reason="the bank is closed", **later)
        said = len(w.sent)
        await w.until(TRAIN + timedelta(hours=4))
        about = [one.text for one in w.sent[said:] if "1.3.0" in one.text]
        wrong = {word for word in ("leaves today", "Go or no-go", "missed") if any(word in text for text in about)}
        assert wrong == (set() if how else {"leaves today", "Go or no-go", "missed"}), about


async def test_a_clock_that_goes_back_says_nothing_again() -> None:
    """The machine's clock is set back by a day: each occurrence was claimed by its name, and not by the hour."""
    async with world(parse_policy(simulated_text()), START) as w:
        await w.until(TEN)
        said = len(w.sent)
        assert asked(w, 0) == [FREE]
        object.__setattr__(w.clock, "_now", TEN - timedelta(days=1))
        await w.settle()
        await w.until(TEN + timedelta(hours=3))
        assert asked(w, said) == []
