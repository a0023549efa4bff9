"""What Slack tells without being asked: groups, channels, deleted messages, an opened Home."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.inbound import event_key
from bot.integrations.slack import Slack
from bot.logging import log
from core.errors import IntegrationError
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

    async def is_new(self, key: str) -> bool:
        """Whether this delivery of an event is the first; Slack repeats what was not answered in time."""
        mine = secrets.token_hex(8)

        async def work(unit: Unit) -> str:
            return mine

        return bool(await self.store.unit(work, verb="event.seen", key=key) == mine)

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
