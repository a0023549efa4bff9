"""Plays some weeks under a policy with people who do what is asked of them, and keeps what everybody was told."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.simulate.listing import Played
from bot.simulate.people import Ci, Developers, Team
from bot.simulate.present import Present, unread
from bot.simulate.world import world
from core.domain.policy import Policy
from handlers.views.reasons import reason


async def played(policy: Policy, begins: datetime, weeks: int, now: Present) -> Played:
    """Nothing outside of this process is touched or told."""
    team = Team()
    async with world(policy, begins, lives=[Developers(), Ci(), team], now=now) as w:
        await w.until(begins + timedelta(weeks=weeks))
        found = await w.in_flight()
    names = policy.names
    refused = [(at, f"{names.get(t.person, t.person)}, {t.event}", why) for at, t, why in team.refused]
    still = [(f["version"], f["phase"], tuple(reason(b, f).title for b in f["blockers"])) for f in found]
    return Played(policy, begins, weeks, w.sent, now, unread(policy, now), tuple(refused), tuple(still))
