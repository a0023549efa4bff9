"""Draws the messages of the outbox: which text, where it goes, and what a living message shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot import drawing_runs, stuck
from bot.integrations.slack import Posted, Slack
from core.domain.people import MUTABLE, Colleague
from core.domain.rehearsals import channel_of
from core.errors import IntegrationError
from core.store import living, people, releases
from core.store.outbox import Claimed
from core.store.unit import Unit
from core.usecases.ahead import holding
from core.usecases.context import Context
from core.usecases.stuck import KIND as STUCK
from handlers.request import Message
from handlers.views import once
from handlers.views.approval import ask, asked_anew
from handlers.views.card import card
from handlers.views.checklist import in_thread
from handlers.views.direct import due_items
from handlers.views.posts import render_post
from handlers.views.rehearsal import rehearsed

LIVING = {  # effect -> living kind
    "slack.card": "card", "slack.ask": "dm", "slack.turn": "turn", "slack.list": "list", "slack.run": "run",
}  # fmt: skip
FILE = "slack.file"
SLACK_KINDS = frozenset({"slack.post", *LIVING, STUCK, FILE})
LONG = frozenset({FILE})  # of these what may outlive a lease


Addresses = Mapping[str, Callable[[int], str]]  # moment -> its address by number: a secret, so it lies in no row
ONCE = "once."  # begins the kind of what somebody is asked once: edited until it is answered, by whomever
OURS = ("team", "thread")  # places that the team reads; what goes anywhere else names for whom it is


class NotWanted(Exception):
    """The effect need not happen any more."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A message to be sent: where to, what, and the state it was drawn from.

    `kind` and `person` are those of the living message that a post is from then on, `broadcast` shows a reply in the
    channel too.
    """

    channel: str
    message: Message
    thread_ts: str = ""
    seq: int = 0
    floor: str = ""  # a Slack time that is surely older than the message
    kind: str = ""
    person: str = ""
    broadcast: bool = False


def hash_of(message: Message) -> str:
    """What a living message shows, as one short text to compare."""
    return hashlib.sha256(json.dumps([message.blocks, message.text], sort_keys=True).encode()).hexdigest()


def release_of(row: Claimed) -> int | None:
    """The release that an effect is about."""
    kind, _, number = row.cause_chain.partition(":")
    return int(number) if kind == "release" and number.isdigit() else None


def role_asked(facts: Mapping[str, Any], person: str) -> str:
    """The role in which somebody is asked for an approval or has answered; "" when it is none any more."""
    for need in facts.get("approvals") or ():
        answered = [one["person"] for one in (*need["given"], *need["rejected"])]
        if person in need["asked"] or person in answered:
            return str(need["role"])
    return ""


def living_kind(row: Claimed) -> tuple[str, str]:
    """Kind and person of the living message that an effect posts first; each gate and each checklist has its own."""
    kind, gate = LIVING[row.kind], str(row.body.get("gate") or row.body.get("list") or row.body.get("run") or "")
    return f"{kind}.{gate}" if gate else kind, str(row.body.get("person") or "")


def first_post(kind: str, release_id: int, person: str) -> tuple[str, str, dict[str, Any]]:
    """Lane, effect and body that post a living message (anew)."""
    family, _, gate = kind.partition(".")
    if family == "decide":
        return decision_post(kind, release_id, person)
    if kind.startswith(ONCE):
        asked = {"release": release_id, "place": f"dm:{person}", "moment": "", "data": {"again": kind}}
        return f"dm:{person}", "slack.post", asked
    effect = next(e for e, k in LIVING.items() if k == family)
    lane = f"release:{release_id}:team" if family in ("card", "list", "run") else f"dm:{person}"
    about = {family if family in ("list", "run") else "gate": gate} if gate else {}
    body = {"release": release_id} | ({"person": person} if person else {}) | about
    return lane, effect, body


def decision_post(kind: str, release_id: int, person: str) -> tuple[str, str, dict[str, Any]]:
    """The same for what asks how to go on from a failure: it is told again as it was told first, with the same kind."""
    lane, place = (f"dm:{person}", f"dm:{person}") if person else (f"release:{release_id}:team", "team")
    moment = "failure" if person else "decision"
    return lane, "slack.post", {"release": release_id, "place": place, "moment": moment, "data": {"again": kind}}


def draw(kind: str, facts: Mapping[str, Any], person: str, now: datetime) -> Message:
    """A living message as it should stand now."""
    drawn = _draw(kind, facts, person, now)
    return rehearsed(drawn) if facts.get("rehearsal") else drawn


def _draw(kind: str, facts: Mapping[str, Any], person: str, now: datetime) -> Message:
    if kind == "card":
        return card(facts, now)
    if kind.startswith(living.RETIRED):
        return asked_anew(facts)
    if drawing_runs.of_a_run(kind):
        return drawing_runs.drawn(kind, facts, now)
    if kind.startswith("list."):
        return in_thread(facts, kind.removeprefix("list."))
    if kind.startswith(ONCE):
        return once.drawn(kind.removeprefix(ONCE), facts, person)
    if kind.startswith("turn."):
        return render_post(f"dm:{person}", "your_turn", {"facts": facts, "gate": kind.removeprefix("turn.")})
    return ask(facts, person, role_asked(facts, person), now)


def wanted(kind: str, facts: Mapping[str, Any], person: str) -> bool:
    """Whether there still is a reason to post it."""
    if kind == "card" or kind.startswith(("list.", "run.")):
        return True
    if kind.startswith("turn."):
        return bool(due_items(facts, person, kind.removeprefix("turn.")))
    return bool(role_asked(facts, person)) and facts["phase"] == "preparation"


async def with_beside(
    ctx: Context, slack: Slack, kind: str, facts: Mapping[str, Any], person: str
) -> Mapping[str, Any]:
    """The facts with what this message shows beside them."""
    if drawing_runs.of_a_run(kind):
        return await drawing_runs.beside(ctx, kind, facts)
    return await _with_thread(ctx, slack, int(facts["id"]), facts, person)


async def _with_thread(
    ctx: Context, slack: Slack, release_id: int, facts: Mapping[str, Any], person: str
) -> Mapping[str, Any]:
    """The facts with the address of the release's thread, for somebody who has asked something there."""
    if not person or all(q["by"] != person for q in facts.get("questions") or ()):
        return facts
    async with ctx.store.database.reader.connect() as conn:
        first = await living.load(conn, release_id, "card")
    try:
        return {**facts, "thread": await slack.address(Posted(first.channel, first.ts))} if first else facts
    except IntegrationError:
        return facts  # the words say where the thread is, too


async def lives(unit: Unit, *, release_id: int, of: tuple[str, str], spot: Spot, where: Posted) -> None:
    """A message stands that is edited from now on; `of` are its kind and person."""
    kind, person = of
    if not drawing_runs.of_a_run(kind):
        await living.retire(unit, release_id, kind, person)
    row_id = await living.begin(unit, release_id, kind, channel=where.channel, person=person)
    await living.posted(
        unit, row_id, channel=where.channel, ts=where.ts, seq=spot.seq, blocks_hash=hash_of(spot.message)
    )
    unit.want(release_id)


@dataclass(frozen=True, slots=True)
class Drawing:
    """From an outbox row to a message in its place."""

    ctx: Context
    slack: Slack
    addresses: Addresses = field(default_factory=dict)

    async def spot(self, row: Claimed) -> Spot:
        """Raises NotWanted when the reason for the message is gone."""
        if row.kind == "slack.post":
            return await self._post(row)
        if row.kind == FILE:
            said = Message(str(row.body["text"]), [])
            return await self._placed(row, str(row.body["place"]), rehearsed(said) if self._room else said)
        if row.kind == STUCK:
            return Spot(await self.slack.dm(str(row.body["person"])), stuck.asked(row.body))
        release_id = release_of(row)
        if release_id is None:
            raise NotWanted("it is about no release")
        async with self.ctx.store.database.reader.connect() as conn:
            facts, seq = await releases.facts_of(conn, release_id)
        kind, person = living_kind(row)
        if not wanted(kind, facts, person):
            raise NotWanted("nothing waits for this person any more")
        facts = await with_beside(self.ctx, self.slack, kind, facts, person)
        if kind.startswith(("list.", "run.")):
            return await self._reply(release_id, draw(kind, facts, "", self.ctx.clock.now()), seq)
        channel = await (self._channel("team", release_id) if kind == "card" else self.slack.dm(person))
        return Spot(channel, draw(kind, facts, person, self.ctx.clock.now()), seq=seq)

    async def _reply(self, release_id: int, message: Message, seq: int) -> Spot:
        """A checklist or a run stands in the thread of the card; without a card there is no such place."""
        async with self.ctx.store.database.reader.connect() as conn:
            first = await living.load(conn, release_id, "card")
        if first is None or not first.ts:
            raise NotWanted("the card is not there")
        return Spot(first.channel, message, thread_ts=first.ts, seq=seq, floor=first.ts)

    async def _post(self, row: Claimed) -> Spot:
        place, moment = str(row.body["place"]), str(row.body["moment"])
        if moment in MUTABLE and moment in (await self._row(place.removeprefix("dm:"))).mutes:
            raise NotWanted("the person has turned these off")
        data = await holding(self.ctx, place, moment, row.body["data"])
        if data is None:
            raise NotWanted("nothing of it holds any more")
        if (found := await self._once(row, place, moment, data)) is not None:
            return found
        if kind := await drawing_runs.kind_of(self.ctx, moment, data, row.cause_seq):
            return await self._failure(row, kind, place)
        if moment in self.addresses:
            data = {**data, "address": self.addresses[moment](int(data["number"]))}
        message = render_post(place, moment, data)
        message = rehearsed(message, "" if place.startswith(("dm:", *OURS)) else place) if self._room else message
        return await self._placed(row, place, message)

    async def _placed(self, row: Claimed, place: str, message: Message) -> Spot:
        """Where a post or a file belongs."""
        if place.startswith("dm:"):
            return Spot(await self.slack.dm(place.removeprefix("dm:")), message)
        if place.startswith("channel:"):
            return Spot(place.removeprefix("channel:"), message)
        release_id = release_of(row)
        beside = bool(self._room) and place != "team"  # what others would read is in the thread of a rehearsal's card
        if (place == "thread" or row.body.get("in_thread") or beside) and release_id is not None:
            async with self.ctx.store.database.reader.connect() as conn:
                first = await living.load(conn, release_id, "card")
            if first is not None and first.ts:
                return Spot(first.channel, message, thread_ts=first.ts, floor=first.ts)
        # the card was skipped by a person: the line is not lost
        return Spot(await self._channel("team" if place == "thread" else place, release_id), message)

    async def _once(self, row: Claimed, place: str, moment: str, data: Mapping[str, Any]) -> Spot | None:
        """What asks one person something about a release: drawn from what is known now, and edited until it is over."""
        asked, release_id = once.kind_of(moment, data), release_of(row)
        kind = str(data.get("again") or "") or (ONCE + asked if asked else "")
        if not kind.startswith(ONCE) or release_id is None or not place.startswith("dm:"):
            return None
        async with self.ctx.store.database.reader.connect() as conn:
            facts, seq = await releases.facts_of(conn, release_id)
        person = place.removeprefix("dm:")
        message = draw(kind, facts, person, self.ctx.clock.now())
        return Spot(await self.slack.dm(person), message, seq=seq, kind=kind, person=person)

    async def _failure(self, row: Claimed, kind: str, place: str) -> Spot:
        """What asks how to go on: from its first post drawn from what is known now, and edited until it is decided."""
        release_id = release_of(row)
        assert release_id is not None  # its data hold a run of it
        async with self.ctx.store.database.reader.connect() as conn:
            facts, seq = await releases.facts_of(conn, release_id)
            first = await living.load(conn, release_id, "card")
        facts = await drawing_runs.beside(self.ctx, kind, facts)
        message = draw(kind, facts, "", self.ctx.clock.now())
        if place.startswith("dm:"):
            person = place.removeprefix("dm:")
            return Spot(await self.slack.dm(person), message, seq=seq, kind=kind, person=person)
        if first is None or not first.ts:
            return Spot(await self._channel("team", release_id), message, seq=seq, kind=kind)
        loud = not row.body.get("in_thread")
        return Spot(first.channel, message, first.ts, seq, first.ts, kind, broadcast=loud)

    @property
    def _room(self) -> str:
        """The one channel of a rehearsal; "" when this is none."""
        return channel_of(self.ctx.product) or ""

    async def _row(self, person: str) -> Colleague:
        async with self.ctx.store.database.reader.connect() as conn:
            return await people.load(conn, person)

    async def _channel(self, audience: str, release_id: int | None) -> str:
        """By the policy that the release is pinned to; a rehearsal has one channel for all."""
        if self._room:
            return self._room
        if release_id is None:
            policy = await self.ctx.policy()
        else:
            async with self.ctx.store.database.reader.connect() as conn:
                policy = await self.ctx.pinned_policy(conn, await releases.policy_hash(conn, release_id))
        return await self.slack.channel_id(str(getattr(policy.channels, audience)))
