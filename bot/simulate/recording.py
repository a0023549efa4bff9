"""Slack's place in a simulation: whatever would be posted is written down instead, in the words people would read."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.deliver import Deliveries
from bot.drawing import Spot, release_of
from bot.integrations.slack import Blocks, Identity, Posted, Profile, Slack
from core.store.outbox import Claimed

CHANNEL, PERSON = "#", "@"  # begin the name of a place


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that somebody would have got.

    `place` is "#releases", "#releases, in the thread" or "" for a message to `person` (a Slack id, "" for a channel).
    `moment` names the text in `handlers/views`; of a message that is edited later it is what it shows (card, ask,
    turn.go, list.post-release). `text` is the whole sentence, `blocks` what Slack would show.
    """

    at: datetime
    place: str
    person: str
    moment: str
    text: str
    release: int = 0
    blocks: Blocks = field(default=(), repr=False, compare=False)


class QuietSlack(Slack):
    """Knows every channel and every person that it is asked about, and shows nothing to anybody."""

    def __init__(self, groups: Mapping[str, tuple[str, ...]]) -> None:
        self.skew = 0.0
        self._groups, self._numbers = groups, itertools.count(1)

    async def post(
        self, channel: str, text: str, blocks: Blocks, *, key: str = "", thread_ts: str = "", broadcast: bool = False
    ) -> Posted:
        return Posted(channel, f"{next(self._numbers)}.000000")

    async def update(self, where: Posted, text: str, blocks: Blocks) -> None:
        return None

    async def delete(self, where: Posted) -> None:
        return None

    async def identity(self) -> Identity:
        return Identity("B0", "U0", "", frozenset())

    async def channel_id(self, name: str) -> str:
        return CHANNEL + name.removeprefix("#")

    def forget_channels(self) -> None:
        return None

    async def dm(self, person: str) -> str:
        return PERSON + person

    async def group_members(self, group: str) -> tuple[str, ...]:
        return self._groups.get(group, ())

    async def profile(self, person: str) -> Profile:
        return Profile(person, person, "member")


@dataclass(frozen=True, slots=True)
class Recording(Deliveries):
    """Deliveries whose messages are written down; everything else is done as ever."""

    sent: list[Sent] = field(default_factory=list)

    async def send(self, row: Claimed, spot: Spot) -> Posted:
        person = spot.channel.removeprefix(PERSON) if spot.channel.startswith(PERSON) else ""
        place = "" if person else spot.channel + (", in the thread" if spot.thread_ts else "")
        moment, shown = moment_of(row.kind, row.body), spot.message
        now = self.ctx.clock.now()
        self.sent.append(Sent(now, place, person, moment, shown.text, release_of(row) or 0, shown.blocks))
        return await self.slack.post(spot.channel, spot.message.text, spot.message.blocks, thread_ts=spot.thread_ts)


def moment_of(kind: str, body: Mapping[str, Any]) -> str:
    """What a message is about, by the outbox row that sends it."""
    if kind == "slack.post":
        return str(body.get("moment") or (body.get("data") or {}).get("again") or "")
    more = str(body.get("gate") or body.get("list") or body.get("make") or "")
    return f"{kind.removeprefix('slack.')}.{more}" if more else kind.removeprefix("slack.")
