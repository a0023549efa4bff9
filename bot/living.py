"""Keeps cards and approval messages true: compares what stands with what should, edits only the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.drawing import ONCE, draw, first_post, hash_of, with_beside
from bot.drawing_runs import AGAIN, goes_on, has_ended, of_a_run
from bot.integrations.slack import Posted, Slack
from bot.logging import log
from bot.pace import LONGEST_WAIT, UPDATE, NoSlot, Pace
from bot.rounds import Rounds
from bot.unbroken import Unbroken
from core.domain.effects import CLICK
from core.errors import IntegrationError
from core.failpoints import failpoint
from core.store import living, releases
from core.store.living import AFTER_EDIT, Living, Unchanged
from core.store.unit import release_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.rehearsing import of_release
from handlers.views import once

POLL = 0.5
WAIT_AFTER_FAULT = 60.0
ENDED = frozenset({"closed", "cancelled"})
KEY = "chat.update"
GIVES_WAY = 0.5  # seconds that the progress of a run waits for its turn: decisions and cards go first
LEAST_PAUSE = 0.3  # between two looks at a run, however fast a test is

_log = log("bot.living")


@dataclass(slots=True)
class LivingMessages:
    """One per process; `wake` makes the loop look at once."""

    ctx: Context
    slack: Slack
    pace: Pace
    _rounds: Rounds = field(default_factory=lambda: Rounds("living", POLL))
    _unbroken: Unbroken = field(default_factory=Unbroken)

    def wake(self) -> None:
        self._rounds.wake()

    async def run(self) -> None:
        """For the life of the process."""
        await self._rounds.run(self.once)

    async def once(self) -> int:
        """Bring up to five messages up to date; returns how many were looked at."""
        return await self._unbroken.run(self._once())

    async def drain(self, seconds: float) -> None:
        """Wait for the edits that are under way."""
        await self._unbroken.drain(seconds)

    async def _once(self) -> int:
        async with self.ctx.store.database.reader.connect() as conn:
            if not await living.any_behind(conn):
                return 0
        rows = await living.claim(self.ctx.store)
        same = await self._unchanged(rows)
        for row in rows:
            if row.id not in same:
                await self._show(row)
        return len(rows)

    async def _unchanged(self, rows: Sequence[Living]) -> set[int]:
        """Note those that need no edit, in one unit: most of what happens changes one of a release's messages."""
        async with self.ctx.store.database.reader.connect() as conn:
            facts = {number: await releases.facts_of(conn, number) for number in {row.release_id for row in rows}}
        same = []
        for row in rows:
            shows, seq = facts[row.release_id]
            if of_a_run(row.kind):  # what it shows lies beside the facts, too
                continue
            now = (await of_release(self.ctx, row.release_id)).clock.now()
            if hash_of(draw(row.kind, shows, row.person, now)) == row.shown_hash:
                same.append(Unchanged(row, seq, _over(row, shows)))
        await living.unchanged(self.ctx.store, same)
        return {one.row.id for one in same}

    async def _show(self, row: Living) -> None:
        async with self.ctx.store.database.reader.connect() as conn:
            facts, seq = await releases.facts_of(conn, row.release_id)
        facts = await with_beside(self.ctx, self.slack, row.kind, facts, row.person)
        now = (await of_release(self.ctx, row.release_id)).clock.now()
        message = draw(row.kind, facts, row.person, now)
        await failpoint("living.rendered")
        shown = hash_of(message)
        over = _over(row, facts)
        more = goes_on(row.kind, facts)  # then it stays behind: the clock alone changes it
        seq = min(seq, row.wanted - 1) if more else seq
        pause = max(AGAIN * self.pace.scale, LEAST_PAUSE) if more else AFTER_EDIT * self.pace.scale
        if shown == row.shown_hash:
            await living.unchanged(self.ctx.store, [Unchanged(row, seq, over, pause if more else 0.0)])
            return
        try:
            await self.pace.slot(KEY, UPDATE, most=GIVES_WAY if more else LONGEST_WAIT)
            await self.slack.update(Posted(row.channel, row.ts), message.text, message.blocks)
        except NoSlot as far:
            await living.later(self.ctx.store, row, far.seconds)
        except IntegrationError as error:
            await self._failed(row, error)
        else:
            await living.shown(self.ctx.store, row, seq=seq, blocks_hash=shown, close=over, pause=pause)

    async def _failed(self, row: Living, error: IntegrationError) -> None:
        code = str(error.facts.get("code", ""))
        _log.warning("edit_failed", living=row.id, kind=row.kind, code=code)
        if code == "ratelimited":
            await self.pace.limited(KEY, error)
        if code == "message_not_found" and row.kind.startswith(living.RETIRED):
            await living.shown(self.ctx.store, row, seq=row.wanted, blocks_hash="", close=True)
        elif code == "message_not_found":
            await self._post_anew(row)
        elif error.retryable:
            await living.later(self.ctx.store, row, max(error.retry_after, 1.0))
        else:
            await living.later(self.ctx.store, row, WAIT_AFTER_FAULT)

    async def _post_anew(self, row: Living) -> None:
        """A person deleted it: the same unit forgets the message and orders a new one."""
        lane, kind, body = first_post(row.kind, row.release_id, row.person)
        chain = release_chain(row.release_id)

        async def work(unit: Unit) -> None:
            await living.gone(unit, row.id)
            await unit.outbox(lane, kind, body, cause=chain, rank=CLICK)

        await self.ctx.store.unit(work, verb="living.gone", chains=[chain], interactive=False)


def _over(row: Living, facts: Mapping[str, Any]) -> bool:
    """Whether this edit is the last one."""
    if of_a_run(row.kind):
        return has_ended(row.kind, facts) or str(facts.get("phase")) in ENDED
    if row.kind.startswith(ONCE):
        return not once.asks(row.kind.removeprefix(ONCE), facts)
    return str(facts.get("phase")) in ENDED or row.kind.startswith(living.RETIRED)
