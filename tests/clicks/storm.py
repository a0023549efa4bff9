"""Clicks as Slack sends them, signed, from many sockets to many processes at once; each remembers what it met."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from sandbox.workspace import payloads
from sandbox.workspace.deliver import Delivery
from sandbox.workspace.form_rules import complaints
from sandbox.workspace.hands import keep_draft
from sandbox.workspace.payloads import Spot
from sandbox.workspace.records import Json, Message, View
from tests.clicks.stage import Waiting
from tests.torture.world import World

Kind = Literal["approve", "reject", "withdraw"]
FORM_WAIT = 3.0
GIVEN_UP = 10.0


@dataclass(slots=True)
class Click:
    """What somebody presses; several of one `burst` that `repeat` are the same request, sent again."""

    kind: Kind
    person: str
    release: Waiting
    role: str
    stale: bool = False
    repeat: dict[str, Json] | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    silent: bool = False
    seen_after: float = 0.0  # seconds from the press until its person sees something, where they wait for that


@dataclass(slots=True)
class Storm:
    """Some sockets, each kept open to one process, empty one queue of clicks."""

    world: World
    urls: Sequence[str]
    sockets: int
    _sessions: list[aiohttp.ClientSession] = field(default_factory=list)
    _hands: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def rage(self, clicks: Sequence[Click]) -> None:
        """All clicks, in their order as far as the sockets allow."""
        left = deque(clicks)
        await self._with_sockets(*(self._socket(number, left) for number in range(self.sockets)))

    async def _with_sockets(self, *hands: Awaitable[None]) -> None:
        async with AsyncExitStack() as stack:
            self._sessions = [
                await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)))
                for _ in range(self.sockets)
            ]
            await asyncio.gather(*hands)

    async def in_turn(self, clicks: Sequence[Click]) -> None:
        """Everybody has one click under way: each person waits for what they see before they press again."""
        people: dict[str, deque[Click]] = {}
        for click in clicks:
            people.setdefault(click.person, deque()).append(click)
        self.sockets = len(people)
        await self._with_sockets(*(self._person(n, left) for n, left in enumerate(people.values())))

    async def _person(self, socket: int, left: deque[Click]) -> None:
        while left:
            click = left.popleft()
            began = asyncio.get_running_loop().time()
            await self._click(socket, click)
            click.seen_after = await self._until_seen(click, began)

    async def _until_seen(self, click: Click, began: float) -> float:
        """The seconds until the person sees a form or words; a click that nothing comes of is given up."""
        first, *form = click.deliveries
        while True:
            took = asyncio.get_running_loop().time() - began
            if form or opened(self.world, first) or uses(self.world, first) or took > GIVEN_UP:
                return took
            await asyncio.sleep(0.01)

    async def _socket(self, number: int, left: deque[Click]) -> None:
        while left:
            await self._click(number, left.popleft())

    async def _click(self, socket: int, click: Click) -> None:
        if click.kind != "approve":
            async with self._hands.setdefault(click.person, asyncio.Lock()):  # one form at a time on one screen
                await self._by_form(socket, click)
            return
        payload = self._pressed(click)
        if click.repeat is not None:
            payload = click.repeat.setdefault("payload", payload)
        await self._send(socket, click, payload)

    def _pressed(self, click: Click) -> Json:
        digest = "0" * 16 if click.stale else click.release.digest[:16]
        element = {
            "type": "button",
            "action_id": click.kind,
            "text": {"type": "plain_text", "text": click.kind.capitalize()},
            "value": f"{click.release.id}|{click.role}|{digest}",
        }
        surface = self._message(click)
        member = self.world.slack.state.members[click.person]
        return payloads.block_actions(
            self.world.slack.desk, member, Spot(surface, {"block_id": "decide"}, element), None, {}
        )

    def _message(self, click: Click) -> Message:
        """The request in their direct messages; for those who were asked nothing, the card."""
        state = self.world.slack.state
        tag = f"v{click.release.version}"
        mine = [m for m in state.messages.get(state.dm_with(click.person).id, []) if tag in m.text]
        cards = [m for m in state.messages["C0RELEASES"] if tag in m.text and not m.is_reply and not m.only_for]
        return (mine or cards)[0]

    async def _send(self, socket: int, click: Click, payload: Json) -> Delivery:
        """One signed request on this socket."""
        delivery = Delivery(payload["type"], click.kind, click.person, payload)
        body = urlencode({"payload": json.dumps(payload)}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        headers = self.world.slack.courier.signed(body) | kind
        url = f"{self.urls[socket % len(self.urls)]}/slack/events"
        began = asyncio.get_running_loop().time()
        try:
            async with self._sessions[socket].post(url, data=body, headers=headers) as answer:
                delivery.status, delivery.body = answer.status, await answer.text()
        except aiohttp.ClientError as error:
            delivery.error = str(error)
        delivery.seconds = asyncio.get_running_loop().time() - began
        click.deliveries.append(delivery)
        return delivery

    async def _by_form(self, socket: int, click: Click) -> None:
        """Reject and take back ask for a reason: the click opens a form, which is sent as a request of its own."""
        state = self.world.slack.state
        state.forms.pop(click.person, None)
        pressed = await self._send(socket, click, self._pressed(click))
        view = await self._form(click.person, pressed)
        if view is None:
            return  # refused before a form was worth opening; that answer is counted like any other
        for block in view.blocks:
            if block["type"] == "input" and block["element"]["type"] == "plain_text_input":
                keep_draft(view.drafts, block["block_id"], block["element"], "the numbers are wrong")
        assert complaints(view) == {}, f"the form {view.body['callback_id']} wants more than a reason"
        sent = await self._send(
            socket, click, payloads.view_submission(self.world.slack.desk, state.members[click.person], view)
        )
        self.world.slack.answers.to_form(sent, view)
        click.silent = bool(view.trouble)

    async def _form(self, person: str, pressed: Delivery) -> View | None:
        """The form that this press has opened; None when an answer in words came instead."""
        end = asyncio.get_running_loop().time() + FORM_WAIT
        while asyncio.get_running_loop().time() < end:
            view = self.world.slack.state.form(person)
            if view is not None:
                return view
            if uses(self.world, pressed):
                return None
            await asyncio.sleep(0.01)
        return None


def uses(world: World, delivery: Delivery) -> int:
    """How often the bot has answered at the address that came with this click."""
    secret = str(delivery.payload.get("response_url", "")).rpartition("/")[2]
    address: Any = world.slack.permits._addresses.get(secret)
    return int(address.uses) if address else 0


def opened(world: World, delivery: Delivery) -> bool:
    """Whether the click opened a form."""
    trigger = world.slack.permits._triggers.get(str(delivery.payload.get("trigger_id")))
    return bool(trigger and trigger.used)
