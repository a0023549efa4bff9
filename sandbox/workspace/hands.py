"""What a person does on screen: type, press, send, close; each becomes the signed request that Slack would send."""

from __future__ import annotations

import html
import re
from typing import Any

from sandbox.workspace import payloads, seed
from sandbox.workspace.answers import TROUBLE, Answers
from sandbox.workspace.api.desk import Desk
from sandbox.workspace.deliver import Courier, Delivery
from sandbox.workspace.errors import NotThere, SlackError
from sandbox.workspace.form_rules import complaints
from sandbox.workspace.form_values import KEYS
from sandbox.workspace.payloads import Spot
from sandbox.workspace.people_do import PeopleDo
from sandbox.workspace.records import Channel, Json, Message, View
from sandbox.workspace.state import State

Drafts = dict[str, dict[str, Json]]


class Hands:
    """All acts of people on screen; the texts that come back say what went wrong, in Slack's words."""

    def __init__(self, desk: Desk, courier: Courier, answers: Answers, people: PeopleDo) -> None:
        self._desk = desk
        self._courier = courier
        self._answers = answers
        self._people = people
        self._drafts: dict[tuple[str, str], Drafts] = {}

    @property
    def state(self) -> State:
        """The workspace."""
        return self._desk.state

    # -- words -----------------------------------------------------------------------------------------------------

    async def command(self, user: str, channel: str, text: str) -> str:
        """A slash command typed in a channel."""
        delivery = await self.run_command(user, self.state.channel(channel), text)
        return self._trouble(delivery)

    async def run_command(self, user: str, channel: Channel, text: str) -> Delivery:
        """Send a slash command and show its answer."""
        if user not in channel.members:
            raise SlackError("not_in_channel")
        word, _, rest = text.strip().partition(" ")
        form = payloads.command(self._desk, self.state.members[user], channel, word, self.escaped(rest.strip()))
        address = self._desk.permits.address(user, channel.id)
        form["response_url"] = f"{self._desk.base_url()}/response/{address.secret}"
        delivery = await self._courier.command(form)
        self._answers.to_command(delivery)
        return delivery

    def escaped(self, text: str) -> str:
        """Typed text as Slack sends it: & < > escaped; @people, @groups and #channels as ids."""

        def mention(match: re.Match[str]) -> str:
            sign, name = match.group(1), match.group(2)
            try:
                if sign == "#":
                    channel = self.state.channel(name)
                    return f"<#{channel.id}|{channel.name}>"
                member = next((m for m in self.state.members.values() if m.handle == name.casefold()), None)
                if member is not None:
                    return f"<@{member.id}|{member.handle}>"
                group = self.state.group(name)
                return f"<!subteam^{group.id}|@{group.handle}>"
            except NotThere:
                return match.group(0)

        return re.sub(r"(?<![\w&<])([@#])([\w.-]*\w)", mention, html.escape(text, quote=False))

    async def say(self, user: str, channel: str, text: str, thread_ts: str = "") -> str:
        """Something written in a channel, a thread or the direct messages with the bot."""
        if text.startswith("/"):
            if thread_ts:
                return f"{text.split()[0]} is not supported in threads. Sorry!"
            return await self.command(user, channel, text)
        words = re.sub(r"<@(\w+)\|[^>]*>", r"<@\1>", self.escaped(text.replace(f"@{seed.BOT_NAME}", "@release.bot")))
        self._people.say(user, self.state.channel(channel), words, thread_ts)
        return ""

    # -- presses ---------------------------------------------------------------------------------------------------

    async def click(self, user: str, place: Json, action: Json, values: Drafts) -> str:
        """A press or choice as the page reports it: where, which ids, what was chosen, what else the form holds."""
        surface = self.surface(user, place)
        for block in surface.blocks:
            for element in _all_elements(block):
                if (block.get("block_id"), element.get("action_id")) == (action["block_id"], action["action_id"]):
                    spot = Spot(surface, block, element, action.get("selected_option"))
                    if isinstance(surface, View):
                        self._keep(surface, values)
                    key = KEYS.get(element["type"], ("",))[0]
                    return self._trouble(await self.press(user, spot, action.get(key)))
        raise NotThere("this button is not there any more")

    async def press(self, user: str, spot: Spot, value: Any = None) -> Delivery:
        """Use one element; a field keeps what was chosen."""
        surface, element = spot.surface, spot.element
        drafts = surface.drafts if isinstance(surface, View) else self._drafts.setdefault((user, surface.ts), {})
        if element["type"] in KEYS:
            keep_draft(drafts, spot.block["block_id"], element, value)
        payload = payloads.block_actions(self._desk, self.state.members[user], spot, value, drafts)
        delivery = await self._courier.interaction(payload)
        if delivery.error and isinstance(surface, View):
            surface.trouble = TROUBLE
            self.state.touch(surface)
        elif delivery.error and isinstance(surface, Message):
            self._answers.failed(delivery, surface.channel)
        return delivery

    def surface(self, user: str, place: Json) -> Message | View:
        """The message or view that the page names, if this person sees it."""
        if "message" in place:
            ref = place["message"]
            message = self.state.find(ref["channel"], ref["ts"], private=True)
            if message is None or not self.state.can_see(user, message):
                raise NotThere("this message is not there any more")
            return message
        view = self.state.view(str(place.get("view")))
        if view is None or view.user != user:
            raise NotThere("this view is not there any more")
        return view

    # -- forms -----------------------------------------------------------------------------------------------------

    async def submit(self, user: str, view_id: str, values: Drafts) -> tuple[str, dict[str, str]]:
        """Send a form with these values; what comes back is trouble in words, and the errors at its fields."""
        view = self._form(user, view_id)
        self._keep(view, values)
        view.errors, view.trouble = complaints(view), ""
        self.state.touch(view)
        if view.errors:
            return "", dict(view.errors)
        delivery = await self._courier.interaction(payloads.view_submission(self._desk, self.state.members[user], view))
        self._answers.to_form(delivery, view)
        return view.trouble, dict(view.errors)

    async def close(self, user: str, view_id: str, everything: bool = False) -> str:
        """Close a form; the bot hears of it when it asked to."""
        view = self._form(user, view_id)
        stack = self.state.forms[user]
        if everything or view.body.get("clear_on_close"):
            gone = list(reversed(stack))
            stack.clear()
        else:
            gone = [view]
            stack.remove(view)
        self.state.touch()
        for one in gone:
            if one.body.get("notify_on_close"):
                payload = payloads.view_closed(self.state.members[user], one, cleared=len(gone) > 1)
                await self._courier.interaction(payload)
        return ""

    def _form(self, user: str, view_id: str) -> View:
        for view in self.state.forms.get(user, []):
            if view.id == view_id:
                return view
        raise NotThere("this form is not open any more")

    def _keep(self, view: View, values: Drafts) -> None:
        for block_id, actions in values.items():
            view.drafts.setdefault(block_id, {}).update(actions)

    # -- Home and shortcuts ----------------------------------------------------------------------------------------

    async def home(self, user: str) -> str:
        """Open the bot's Home; the bot publishes it when it has heard."""
        self._people.open_home(user)
        return ""

    async def shortcut(self, user: str, callback_id: str, place: Json) -> str:
        """A global shortcut, or one on a message when the place names one."""
        return self._trouble(await self.run_shortcut(user, callback_id, place))

    async def run_shortcut(self, user: str, callback_id: str, place: Json) -> Delivery:
        """Send a shortcut."""
        member = self.state.members[user]
        if "message" in place:
            surface = self.surface(user, place)
            assert isinstance(surface, Message)
            payload = payloads.message_shortcut(self._desk, member, surface, callback_id)
        else:
            payload = payloads.shortcut(self._desk, member, callback_id)
        return await self._courier.interaction(payload)

    async def heard(self) -> None:
        """Wait until the bot has heard, once, of what people did."""
        await self._courier.heard()

    def _trouble(self, delivery: Delivery) -> str:
        if not delivery.error:
            return ""
        return f'{seed.BOT_NAME} did not answer: "{delivery.error}"'


def keep_draft(drafts: Drafts, block_id: str, element: Json, value: Any) -> None:
    """Note what a field holds now."""
    key, _ = KEYS[element["type"]]
    drafts.setdefault(block_id, {})[element["action_id"]] = {"type": element["type"], key: value}


def _all_elements(block: Json) -> list[Json]:
    found = [block.get("accessory"), block.get("element")]
    if block["type"] == "actions":
        found += block["elements"]
    return [element for element in found if isinstance(element, dict)]
