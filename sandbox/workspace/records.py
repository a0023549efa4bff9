"""The things a workspace is made of: members, channels, messages, groups, views and the permissions to answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass
class Member:
    """A person or the bot; `cast` marks the eight people that the page offers to be."""

    id: str
    name: str
    email: str = ""
    zone: str = "America/New_York"
    title: str = ""
    is_bot: bool = False
    guest: bool = False
    deleted: bool = False
    cast: bool = False

    @property
    def handle(self) -> str:
        """The name after an @ sign."""
        return self.name.lower().replace(" ", ".")


@dataclass
class Group:
    """A user group such as @product-managers."""

    id: str
    handle: str
    name: str
    members: list[str]
    enabled: bool = True


@dataclass
class Channel:
    """A channel, or the direct messages between the bot and one person (`partner`)."""

    id: str
    name: str
    members: set[str]
    partner: str = ""
    topic: str = ""
    archived: bool = False
    private: bool = False
    pins: list[str] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)

    @property
    def is_dm(self) -> bool:
        """True for the direct messages with the bot."""
        return bool(self.partner)


@dataclass
class Message:
    """A message as it is shown now; `only_for` holds the reader of a private (ephemeral) one.

    `at` is release time, `ts` is Slack's own (real) time: the page shows the first, the protocol uses the second.
    `seq` is the revision of its last change.
    """

    channel: str
    ts: str
    user: str
    at: datetime
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str = ""
    only_for: str = ""
    broadcast: bool = False
    metadata: Json | None = None
    edited_ts: str = ""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    subtype: str = ""
    seq: int = 0

    @property
    def is_reply(self) -> bool:
        """True when it stands in a thread below another message."""
        return bool(self.thread_ts) and self.thread_ts != self.ts


@dataclass
class View:
    """A form (modal) or a Home of one person; `drafts` is what was typed, `errors` what stands at the fields."""

    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str = ""
    drafts: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    seq: int = 0

    @property
    def type(self) -> str:
        """`modal` or `home`."""
        return str(self.body["type"])

    @property
    def blocks(self) -> list[Json]:
        """Its blocks as they were sent."""
        blocks: list[Json] = self.body["blocks"]
        return blocks


@dataclass
class Trigger:
    """The right to open one form within three seconds of what a person did; `view_id` when it was done in a form."""

    id: str
    user: str
    issued: float
    view_id: str = ""
    used: bool = False


@dataclass
class ResponseUrl:
    """The right to answer where a person acted: five times within thirty minutes."""

    secret: str
    user: str
    channel: str
    issued: float
    uses: int = 0
    message: Message | None = None
    thread_ts: str = ""
