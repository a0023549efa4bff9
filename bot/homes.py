"""App Home: published when it is opened, and kept true for those who opened it lately."""

from __future__ import annotations

from dataclasses import dataclass

from bot.drawing import hash_of
from bot.integrations.slack import Slack
from bot.logging import log
from bot.pace import HOME, NoSlot, Pace
from bot.rounds import Rounds
from core.errors import IntegrationError
from core.store import living
from core.store.unit_of_work import Unit
from core.usecases import look
from core.usecases.context import Context
from handlers.request import Block, Message
from handlers.views.home import home

POLL = 1.0
_log = log("bot.homes")


@dataclass(slots=True)
class Homes:
    """One per process."""

    ctx: Context
    slack: Slack
    pace: Pace

    async def publish(self, person: str) -> None:
        """Draw a person's Home now: somebody waits for it, so no slot is taken."""
        blocks = await self._draw(person)
        await self.slack.publish_home(person, blocks)

        async def work(unit: Unit) -> None:
            await living.home_opened(unit, person, _hash(blocks))

        await self.ctx.store.unit(work, verb="home.opened", interactive=False)

    async def run(self) -> None:
        """For the life of the process: Homes that were opened lately follow what happens."""
        await Rounds("homes", POLL).run(self.once)

    async def once(self) -> int:
        """Look at the Homes whose turn it is; returns how many were published."""
        async with self.ctx.store.database.reader.connect() as conn:
            if not await living.any_home(conn):
                return 0
        published = 0
        for person, shown in await living.claim_homes(self.ctx.store):
            blocks = await self._draw(person)
            if _hash(blocks) == shown:
                continue
            try:
                await self.pace.slot("views.publish", HOME)
                await self.slack.publish_home(person, blocks)
            except NoSlot:
                return published
            except IntegrationError as error:
                await self.pace.limited("views.publish", error)
                _log.warning("home_not_published", person=person, why=str(error))
            else:
                await living.home_shown(self.ctx.store, person, _hash(blocks))
                published += 1
        return published

    async def _draw(self, person: str) -> list[Block]:
        return home(await look.home(self.ctx, person), person, self.ctx.clock.now())


def _hash(blocks: list[Block]) -> str:
    return hash_of(Message("", blocks))
