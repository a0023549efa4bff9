"""One person in front of the workspace, for tests, demos and the page: `await mira.clicks("Approve")`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.workspace.deliver import Delivery
from sandbox.workspace.errors import NotThere
from sandbox.workspace.find import Surface, find_field, find_spot, spots, typed_value
from sandbox.workspace.form_values import KEYS
from sandbox.workspace.hands import Hands, keep_draft
from sandbox.workspace.payloads import Spot
from sandbox.workspace.plain import Reader
from sandbox.workspace.records import Channel, Json, Member, Message, View
from sandbox.workspace.state import State

Where = Message | View | str | None


@dataclass(frozen=True)
class Sight:
    """What a person sees, as plain words by place."""

    channels: dict[str, list[str]]
    dm: list[str]
    private: list[str]
    home: str
    form: str

    def everything(self) -> str:
        """All of it in one text."""
        said = [text for texts in self.channels.values() for text in texts]
        return "\n".join([*said, *self.dm, *self.private, self.home, self.form])


@dataclass(frozen=True)
class Pressed:
    """What came of a press: whether it was sent at all, and how the bot took it."""

    label: str
    sent: bool
    dialog: str = ""
    delivery: Delivery | None = None

    @property
    def ok(self) -> bool:
        """True when it was sent and the bot answered in time."""
        return self.delivery is not None and self.delivery.ok


@dataclass
class Person:
    """A member with hands and eyes."""

    member: Member
    hands: Hands
    last_dialog: str = field(default="", init=False)

    @property
    def id(self) -> str:
        """The Slack id."""
        return self.member.id

    @property
    def name(self) -> str:
        """The name."""
        return self.member.name

    @property
    def _state(self) -> State:
        return self.hands.state

    @property
    def reader(self) -> Reader:
        """Renders as this person sees it."""
        return Reader(self._state, self.member.zone)

    # -- doing -----------------------------------------------------------------------------------------------------

    async def types(self, text: str, channel: str = "releases", thread: Message | None = None) -> Delivery | None:
        """Write something; with a slash it is a command, whose delivery comes back. `channel="dm"` is the bot's."""
        place = self._channel(channel)
        if text.startswith("/") and thread is None:
            return await self.hands.run_command(self.id, place, text)
        trouble = await self.hands.say(self.id, place.id, text, thread.ts if thread else "")
        await self.hands.heard()
        if trouble:
            raise NotThere(trouble)
        return None

    async def clicks(self, label: str, within: Where = None, confirm: bool = True) -> Pressed:
        """Press the newest thing with this label that this person can see; `confirm=False` backs out of the dialog."""
        spot = find_spot(self._surfaces(within), label)
        dialog = spot.confirm
        self.last_dialog = "\n".join(dialog[key]["text"] for key in ("title", "text")) if dialog else ""
        if dialog and not confirm:
            return Pressed(label, sent=False, dialog=self.last_dialog)
        value = self._chosen(spot.surface, spot.block, spot.element, spot.option)
        if isinstance(spot.surface, View) and spot.block["type"] == "input" and not spot.block.get("dispatch_action"):
            keep_draft(spot.surface.drafts, spot.block["block_id"], spot.element, value)
            return Pressed(label, sent=False)
        delivery = await self.hands.press(self.id, spot, value)
        return Pressed(label, sent=True, dialog=self.last_dialog, delivery=delivery)

    async def chooses(self, wanted: str, value: Any, within: Where = None) -> Pressed:
        """Choose in a menu or picker outside a form's input fields, found by placeholder, action or block id."""
        for surface in self._surfaces(within):
            try:
                block, element = find_field(surface.blocks, wanted)
            except NotThere:
                continue
            from_payload = typed_value(self._state, element, value)
            spot = Spot(surface, block, element)
            return Pressed(wanted, True, delivery=await self.hands.press(self.id, spot, from_payload))
        raise NotThere(f"{wanted!r} is not there to choose in")

    async def fills(self, fields: Mapping[str, Any]) -> None:
        """Fill fields of the open form, named by label, block id or action id; some report the change at once."""
        for wanted, given in fields.items():
            view = await self.waits_for_form()
            block, element = find_field(view.blocks, wanted)
            value = typed_value(self._state, element, given)
            if block["type"] != "input" or block.get("dispatch_action"):
                await self.hands.press(self.id, Spot(view, block, element), value)
            else:
                keep_draft(view.drafts, block["block_id"], element, value)
                self._state.touch(view)

    async def submits(self, fields: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Send the open form; the errors at its fields come back, none when it was taken."""
        view = await self.waits_for_form()
        await self.fills(fields or {})
        trouble, errors = await self.hands.submit(self.id, (self.form or view).id, {})
        if trouble:
            raise NotThere(trouble)
        return errors

    async def waits_for_form(self, patience: float = 3.0) -> View:
        """The form on top; bots open forms a moment after they have answered, so this waits a little."""
        known = self._state.seq
        while self.form is None and patience > 0:
            before, known = known, await self._state.changed_since(known, patience)
            if known == before:
                break
        return self._open_form()

    async def closes(self, everything: bool = False) -> None:
        """Close the open form."""
        await self.hands.close(self.id, self._open_form().id, everything)

    async def opens_home(self) -> None:
        """Open the bot's Home."""
        await self.hands.home(self.id)
        await self.hands.heard()

    async def shortcut(self, callback_id: str, on: Message | None = None) -> Delivery:
        """Use a global shortcut, or one on a message."""
        place: Json = {"message": {"channel": on.channel, "ts": on.ts}} if on else {}
        return await self.hands.run_shortcut(self.id, callback_id, place)

    # -- seeing ----------------------------------------------------------------------------------------------------

    @property
    def form(self) -> View | None:
        """The form on top, if one is open."""
        return self._state.form(self.id)

    @property
    def home(self) -> View | None:
        """This person's Home, if it was published."""
        return self._state.homes.get(self.id)

    def messages(self, channel: str = "releases", thread: Message | None = None) -> list[Message]:
        """What this person sees in a channel, private answers included; or in a thread."""
        return self._state.visible(self.id, self._channel(channel).id, thread.ts if thread else "")

    def dm(self) -> list[Message]:
        """The direct messages with the bot."""
        return self.messages("dm")

    def newest(self, channel: str = "releases") -> Message:
        """The newest message that everybody in the channel sees."""
        seen = [message for message in self.messages(channel) if not message.only_for]
        if not seen:
            raise NotThere(f"{self.name} sees nothing in {channel}")
        return seen[-1]

    def private_message(self) -> Message | None:
        """The newest answer that only this person sees."""
        return next((m for m in self._state.all_visible(self.id) if m.only_for == self.id), None)

    def private(self) -> str:
        """The words of the newest private answer; empty when there is none."""
        message = self.private_message()
        return self.reader.message(message) if message else ""

    def reads(self, thing: Message | View | None) -> str:
        """A message, form or Home in plain words."""
        if thing is None:
            return ""
        return self.reader.view(thing) if isinstance(thing, View) else self.reader.message(thing)

    def sees(self) -> Sight:
        """Everything, by place."""
        here = self._state.places(self.id)
        rest = {c.name: [m for m in self._state.visible(self.id, c.id) if not m.only_for] for c in here if not c.is_dm}
        mine = [m for m in self._state.all_visible(self.id) if m.only_for == self.id]
        return Sight(
            channels={name: [self.reads(m) for m in messages] for name, messages in rest.items()},
            dm=[self.reads(m) for m in self.dm() if not m.only_for],
            private=[self.reads(m) for m in reversed(mine)],
            home=self.reads(self.home),
            form=self.reads(self.form),
        )

    def buttons(self, within: Where = None) -> list[str]:
        """The labels of everything this person could press."""
        return [label for surface in self._surfaces(within) for label, _ in spots(surface)]

    # -- finding ---------------------------------------------------------------------------------------------------

    def _channel(self, name: str) -> Channel:
        return self._state.dm_with(self.id) if name == "dm" else self._state.channel(name)

    def _open_form(self) -> View:
        if self.form is None:
            raise NotThere(f"no form is open for {self.name}")
        return self.form

    def _surfaces(self, within: Where) -> Iterable[Surface]:
        """Where to look: what was named, else the open form alone, else all messages, the newest first, and Home."""
        if isinstance(within, (Message, View)):
            return [within]
        if within == "form":
            return [self._open_form()]
        home: list[Surface] = [self.home] if self.home else []
        if within == "home":
            return home
        if isinstance(within, str):
            place = self._channel(within).id
            mine = [m for m in self._state.all_visible(self.id) if m.channel == place]
            return list(mine)
        if self.form is not None:
            return [self.form]
        return [*self._state.all_visible(self.id), *home]

    def _chosen(self, surface: Surface, block: Json, element: Json, option: Json | None) -> Any:
        """What an element holds after its option was pressed."""
        if element["type"] not in KEYS:
            return None
        if KEYS[element["type"]][0] != "selected_options":
            return option
        drafts = surface.drafts if isinstance(surface, View) else {}
        held = drafts.get(block["block_id"], {}).get(element["action_id"], {}).get("selected_options")
        before: list[Any] = held if held is not None else list(element.get("initial_options") or [])
        return [one for one in before if one != option] if option in before else [*before, option]
