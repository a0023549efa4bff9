"""What the workspace holds and who can see what; every change raises `seq`, which pages and tests wait for."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime

from sandbox.workspace import seed
from sandbox.workspace.clock import TransportClock
from sandbox.workspace.errors import NotThere, SlackError
from sandbox.workspace.records import Channel, Group, Member, Message, View

TOMBSTONE = "tombstone"


class State:
    """The whole workspace in memory; all of it is touched from one event loop."""

    def __init__(self, transport: TransportClock, release_now: Callable[[], datetime]) -> None:
        self.transport = transport
        self.release_now = release_now
        self.seq = 0
        self._last_ts = 0
        self._turned = asyncio.Event()
        self._closed = False
        self.clear()

    def clear(self) -> None:
        """Begin again with the seeded people, channels and groups, and nothing said."""
        self.members: dict[str, Member] = {m.id: m for m in seed.members()}
        self.channels: dict[str, Channel] = {c.id: c for c in seed.channels()}
        self.groups: dict[str, Group] = {g.id: g for g in seed.groups()}
        self.messages: dict[str, list[Message]] = {}
        self.forms: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.read: dict[tuple[str, str], int] = {}
        self._by_ts: dict[tuple[str, str], Message] = {}
        self._threads: dict[tuple[str, str], list[Message]] = {}
        self.touch()

    def close(self) -> None:
        """Let everybody go who waits for a change."""
        self._closed = True
        self._turned.set()

    # -- changes ---------------------------------------------------------------------------------------------------

    def touch(self, thing: Message | View | None = None) -> None:
        """Note that something changed and wake everybody who waits for it."""
        self.seq += 1
        if thing is not None:
            thing.seq = self.seq
        self._turned.set()
        self._turned = asyncio.Event()

    async def changed_since(self, known: int, timeout: float) -> int:
        """Wait until `seq` is beyond `known`, at most `timeout` seconds; returns the present `seq`."""
        if self.seq <= known and not self._closed:
            turned = self._turned
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(turned.wait(), timeout)
        return self.seq

    def new_ts(self) -> str:
        """A message time that is unique and rising, as Slack's are."""
        micros = max(int(self.transport.now() * 1_000_000), self._last_ts + 1)
        self._last_ts = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def new_id(self, letter: str) -> str:
        """A fresh id such as V0A1B2C3D4E."""
        return f"{letter}0{secrets.token_hex(5).upper()}"

    # -- people, channels, groups ------------------------------------------------------------------------------------

    def member(self, name: str) -> Member:
        """The member with this id, name or handle; a leading @ is allowed."""
        wanted = name.removeprefix("@").casefold()
        for member in self.members.values():
            if wanted in (member.id.casefold(), member.name.casefold(), member.handle):
                return member
        raise NotThere(f"nobody here is called {name!r}")

    def channel(self, name: str) -> Channel:
        """The channel with this id or name; a leading # is allowed."""
        wanted = name.removeprefix("#").casefold()
        for channel in self.channels.values():
            if wanted in (channel.id.casefold(), channel.name.casefold()):
                return channel
        raise NotThere(f"there is no channel {name!r}")

    def channel_of_call(self, channel_id: str | None) -> Channel:
        """The channel that a call names, or Slack's refusal."""
        channel = self.channels.get(channel_id or "")
        if channel is None:
            raise SlackError("channel_not_found")
        return channel

    def dm_with(self, user_id: str) -> Channel:
        """The direct messages between the bot and this person, opened when they do not exist yet."""
        dm_id = f"D0{user_id.removeprefix('U0')}"
        if dm_id not in self.channels:
            self.channels[dm_id] = Channel(dm_id, dm_id, {seed.BOT_USER, user_id}, partner=user_id)
            self.touch()
        return self.channels[dm_id]

    def group(self, name: str) -> Group:
        """The user group with this id or handle."""
        wanted = name.removeprefix("@").casefold()
        for group in self.groups.values():
            if wanted in (group.id.casefold(), group.handle.casefold()):
                return group
        raise NotThere(f"there is no user group {name!r}")

    # -- messages --------------------------------------------------------------------------------------------------

    def add(self, message: Message) -> Message:
        """Put a message into its channel."""
        self.messages.setdefault(message.channel, []).append(message)
        self._by_ts[(message.channel, message.ts)] = message
        if message.is_reply:
            self._threads.setdefault((message.channel, message.thread_ts), []).append(message)
        self.touch(message)
        return message

    def find(self, channel_id: str, ts: str | None, private: bool = False) -> Message | None:
        """The message with this time; private ones only when asked for, deleted ones never."""
        message = self._by_ts.get((channel_id, ts or ""))
        if message is None or message.subtype == TOMBSTONE or (message.only_for and not private):
            return None
        return message

    def thread_head(self, channel_id: str, ts: str) -> Message | None:
        """The first message of the thread that `ts` stands in, also when only its tombstone is left."""
        message = self._by_ts.get((channel_id, ts))
        if message is None or message.only_for:
            return None
        return self._by_ts.get((channel_id, message.thread_ts)) if message.is_reply else message

    def remove(self, message: Message) -> None:
        """Take a message away for everybody; the head of a thread leaves a tombstone, as in Slack."""
        if self.replies(message.channel, message.ts):
            message.subtype, message.text = TOMBSTONE, "This message was deleted."
            message.blocks, message.attachments, message.files, message.metadata = [], [], [], None
        else:
            self.messages[message.channel].remove(message)
            del self._by_ts[(message.channel, message.ts)]
            if message.is_reply:
                self._threads[(message.channel, message.thread_ts)].remove(message)
        self.touch(message)

    def replies(self, channel_id: str, thread_ts: str) -> list[Message]:
        """The replies in a thread, oldest first, without its first message and without private ones."""
        return [m for m in self._threads.get((channel_id, thread_ts), []) if not m.only_for]

    def newer(self, known: int) -> list[Message]:
        """The messages that came or changed after revision `known`, in that order."""
        every = (m for messages in self.messages.values() for m in messages if m.seq > known)
        return sorted(every, key=lambda m: m.seq)

    # -- who can see what ------------------------------------------------------------------------------------------

    def places(self, user_id: str) -> list[Channel]:
        """The channels and direct messages that this person can open, channels first."""
        mine = [c for c in self.channels.values() if user_id in c.members]
        return sorted(mine, key=lambda c: (c.is_dm, list(self.channels).index(c.id)))

    def can_see(self, user_id: str, message: Message) -> bool:
        """True when Slack would show this message to this person."""
        channel = self.channels[message.channel]
        return user_id in channel.members and message.only_for in ("", user_id)

    def visible(self, user_id: str, channel_id: str, thread_ts: str = "") -> list[Message]:
        """What this person sees in a channel (threads folded), or with `thread_ts` in one thread, its head first."""
        seen = [m for m in self.messages.get(channel_id, []) if self.can_see(user_id, m)]
        if thread_ts:
            return [m for m in seen if thread_ts in (m.ts, m.thread_ts)]
        return [m for m in seen if not m.is_reply or m.broadcast]

    def all_visible(self, user_id: str) -> Iterator[Message]:
        """Everything this person can see anywhere, the newest first."""
        mine = [m for c in self.places(user_id) for m in self.messages.get(c.id, []) if self.can_see(user_id, m)]
        return iter(sorted(mine, key=lambda m: m.ts, reverse=True))

    def form(self, user_id: str) -> View | None:
        """The form on top of this person's screen."""
        stack = self.forms.get(user_id)
        return stack[-1] if stack else None

    def view(self, view_id: str) -> View | None:
        """An open form or a Home by its id."""
        for stack in self.forms.values():
            for view in stack:
                if view.id == view_id:
                    return view
        return next((home for home in self.homes.values() if home.id == view_id), None)

    # -- what is new -----------------------------------------------------------------------------------------------

    def unread(self, user_id: str, channel_id: str) -> int:
        """How many messages came (not: changed) since this person last read the channel, threads included."""
        mark = self.read.get((user_id, channel_id), 0)
        seen = [m for m in self.messages.get(channel_id, []) if self.can_see(user_id, m) and m.user != user_id]
        return sum(1 for m in seen if int(m.ts.replace(".", "")) > mark)

    def mark_read(self, user_id: str, channel_id: str) -> None:
        """This person has seen everything in the channel."""
        mine = [m for m in self.messages.get(channel_id, []) if self.can_see(user_id, m)]
        if mine:
            self.read[(user_id, channel_id)] = max(int(m.ts.replace(".", "")) for m in mine)
