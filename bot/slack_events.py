"""What Slack tells without being asked: groups, channels, deleted messages, an opened Home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.inbound import event_key
from bot.integrations.slack import Slack
from bot.logging import log
from core.errors import IntegrationError
from core.store import inbox
from core.store.unit_of_work import Store, Unit

GROUPS = frozenset({"subteam_members_changed", "subteam_updated", "subteam_created"})
PLACES = frozenset(
    {
        "channel_archive",
        "channel_unarchive",
        "channel_rename",
        "channel_left",
        "channel_deleted",
        "group_archive",
        "group_unarchive",
        "group_rename",
        "group_left",
        "group_deleted",
        "member_joined_channel",
    }
)

_log = log("bot.events")


@dataclass(slots=True)
class SlackEvents:
    """`publish_home` draws a Home; `read_groups` reads the user groups afresh and stores them."""

    store: Store
    slack: Slack
    publish_home: Callable[[str], Awaitable[None]]
    read_groups: Callable[[], Awaitable[object]]

    async def was_seen(self, key: str) -> bool:
        """Whether an event was dealt with to the end; Slack repeats what was not answered in time."""
        async with self.store.database.reader.connect() as conn:
            return await inbox.known(conn, key)

    async def seen(self, key: str) -> None:
        """It was dealt with to the end."""

        async def work(unit: Unit) -> None:
            """The key is all that is kept."""

        await self.store.unit(work, verb="event.seen", key=key, interactive=False)

    async def home_opened(self, person: str) -> None:
        await self.publish_home(person)

    async def take(self, body: dict[str, Any]) -> None:
        """Take an event in. Repeating it is harmless: each only makes us look again."""
        event = body.get("event") or {}
        kind = str(event.get("type", ""))
        if kind in GROUPS:
            await self._groups(event_key(body))
        elif kind in PLACES:
            self.slack.forget_channels()
            _log.info("channel_changed", type=kind, channel=str(event.get("channel", "")))

    async def _groups(self, key: str) -> None:
        try:
            await self.read_groups()
        except IntegrationError as error:  # the sweep reads them again in a few minutes
            _log.warning("groups_not_read", key=key, why=str(error))
