"""What people do to the workspace itself (write, leave, archive, rename, delete, change groups) and its events."""

from __future__ import annotations

from sandbox.workspace import seed
from sandbox.workspace.api.desk import Desk
from sandbox.workspace.deliver import Courier
from sandbox.workspace.errors import SlackError
from sandbox.workspace.records import Channel, Json, Message

ALL_EVENTS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "channel_archive",
        "channel_left",
        "channel_rename",
        "channel_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "message.channels",
        "message.im",
        "subteam_members_changed",
        "subteam_updated",
        "user_change",
    }
)

# What an app hears that did not ask for every message.
USUAL_EVENTS = ALL_EVENTS - {"message.channels", "message.im", "user_change"}


class PeopleDo:
    """Acts of people that change what the bot relies on; only subscribed events are sent."""

    def __init__(self, desk: Desk, courier: Courier, events: frozenset[str] = USUAL_EVENTS) -> None:
        self._desk = desk
        self._state = desk.state
        self._courier = courier
        self._events = events

    def _tell(self, event: Json, subscription: str = "") -> None:
        if (subscription or event["type"]) in self._events:
            self._courier.event(event)

    def _in_channel(self, channel: Channel) -> bool:
        return seed.BOT_USER in channel.members

    # -- writing ---------------------------------------------------------------------------------------------------

    def say(self, user: str, channel: Channel, text: str, thread_ts: str = "") -> Message:
        """A person writes; the bot hears mentions, direct messages, and what is said where it is."""
        if user not in channel.members:
            raise SlackError("not_in_channel")
        if channel.archived:
            raise SlackError("is_archived")
        head = self._state.thread_head(channel.id, thread_ts) if thread_ts else None
        message = Message(
            channel=channel.id,
            ts=self._state.new_ts(),
            user=user,
            at=self._state.release_now(),
            text=text,
            thread_ts=head.ts if head else "",
        )
        self._state.add(message)
        if self._in_channel(channel):
            self._heard(message, channel)
        return message

    def _heard(self, message: Message, channel: Channel) -> None:
        event = self._desk.message_json(message) | {"channel": channel.id, "event_ts": message.ts}
        event["channel_type"] = "im" if channel.is_dm else "channel"
        self._tell(event, "message.im" if channel.is_dm else "message.channels")
        if f"<@{seed.BOT_USER}>" in message.text and not channel.is_dm:
            self._tell({key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"})

    def delete(self, message: Message) -> None:
        """A person takes a message away (an admin may take the bot's)."""
        channel = self._state.channels[message.channel]
        shown = self._desk.message_json(message)
        self._state.remove(message)
        now = f"{self._desk.state.transport.now():.6f}"
        event: Json = {
            "type": "message",
            "subtype": "message_deleted",
            "channel": channel.id,
            "channel_type": "im" if channel.is_dm else "channel",
            "deleted_ts": message.ts,
            "previous_message": shown,
            "hidden": True,
            "ts": now,
            "event_ts": now,
        }
        if self._in_channel(channel):
            self._tell(event, "message.im" if channel.is_dm else "message.channels")

    # -- channels --------------------------------------------------------------------------------------------------

    def archive(self, channel: Channel, user: str = "U0PRIYA") -> None:
        """A person archives a channel."""
        self._set_archived(channel, True, user)

    def unarchive(self, channel: Channel, user: str = "U0PRIYA") -> None:
        """A person brings an archived channel back."""
        self._set_archived(channel, False, user)

    def _set_archived(self, channel: Channel, archived: bool, user: str) -> None:
        channel.archived = archived
        self._state.touch()
        kind = "channel_archive" if archived else "channel_unarchive"
        self._tell({"type": kind, "channel": channel.id, "user": user, "event_ts": self._state.new_ts()})

    def rename(self, channel: Channel, name: str) -> None:
        """A person gives a channel another name; its id stays."""
        channel.name = name
        self._state.touch()
        renamed = {"id": channel.id, "name": name, "created": 1_700_000_000}
        self._tell({"type": "channel_rename", "channel": renamed, "event_ts": self._state.new_ts()})

    def join(self, channel: Channel, user: str) -> None:
        """A person, or the bot, comes into a channel."""
        channel.members.add(user)
        self._state.touch()
        if self._in_channel(channel):
            self._tell(self._member_event("member_joined_channel", channel, user))

    def leave(self, channel: Channel, user: str) -> None:
        """A person leaves, or the bot is removed (which the bot hears as `channel_left`)."""
        channel.members.discard(user)
        self._state.touch()
        if user == seed.BOT_USER:
            self._tell({"type": "channel_left", "channel": channel.id, "event_ts": self._state.new_ts()})
        elif self._in_channel(channel):
            self._tell(self._member_event("member_left_channel", channel, user))

    def _member_event(self, kind: str, channel: Channel, user: str) -> Json:
        return {
            "type": kind,
            "user": user,
            "channel": channel.id,
            "channel_type": "C",
            "team": seed.TEAM_ID,
            "event_ts": self._state.new_ts(),
        }

    # -- groups and people -----------------------------------------------------------------------------------------

    def set_group(self, group_id: str, users: list[str], silently: bool = False) -> None:
        """An admin changes who is in a user group; `silently` keeps the event back, as when it is lost."""
        group = self._state.group(group_id)
        before = list(group.members)
        group.members = list(users)
        self._state.touch()
        if silently:
            return
        added = [user for user in users if user not in before]
        removed = [user for user in before if user not in users]
        self._tell(
            {
                "type": "subteam_members_changed",
                "subteam_id": group.id,
                "team_id": seed.TEAM_ID,
                "date_previous_update": int(self._desk.state.transport.now()) - 60,
                "date_update": int(self._desk.state.transport.now()),
                "added_users": added,
                "added_users_count": len(added),
                "removed_users": removed,
                "removed_users_count": len(removed),
                "event_ts": self._state.new_ts(),
            }
        )

    def deactivate(self, user: str) -> None:
        """An admin closes a person's account."""
        member = self._state.members[user]
        member.deleted = True
        for group in self._state.groups.values():
            if user in group.members:
                self.set_group(group.id, [one for one in group.members if one != user])
        self._state.touch()
        shown = {"id": user, "deleted": True, "name": member.handle, "tz": member.zone}
        self._tell({"type": "user_change", "user": shown, "event_ts": self._state.new_ts()})

    def open_home(self, user: str) -> None:
        """A person opens the bot's Home."""
        home = self._state.homes.get(user)
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": self._state.dm_with(user).id,
            "tab": "home",
            "event_ts": self._state.new_ts(),
        }
        if home is not None:
            event["view"] = {"id": home.id, "type": "home", "hash": home.hash}
        self._tell(event)
