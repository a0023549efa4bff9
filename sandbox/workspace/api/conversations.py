"""conversations.*: which channels there are, who is in them and what was said."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.workspace import seed
from sandbox.workspace.api.args import Args
from sandbox.workspace.api.desk import Desk, page_of
from sandbox.workspace.errors import SlackError
from sandbox.workspace.records import Channel, Json, Message

_TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def family(channel: Channel) -> str:
    """The scope family of a channel: channels, groups or im."""
    if channel.is_dm:
        return "im"
    return "groups" if channel.private else "channels"


def need_scope(desk: Desk, scope: str) -> None:
    """Refuse when the token was not given this scope."""
    if scope not in desk.scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(desk.scopes)))


def _readable(desk: Desk, args: Args, right: str) -> Channel:
    channel = desk.state.channel_of_call(args.text("channel"))
    need_scope(desk, f"{family(channel)}:{right}")
    if channel.private and seed.BOT_USER not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def info(desk: Desk, args: Args) -> Json:
    """conversations.info."""
    return {"channel": desk.channel_json(_readable(desk, args, "read"))}


def list_(desk: Desk, args: Args) -> Json:
    """conversations.list: of the types asked for, public channels when none is named."""
    types = [word.strip() for word in args.text("types", "public_channel").split(",")]
    for word in types:
        if word not in _TYPES:
            raise SlackError("invalid_types")
        need_scope(desk, f"{_TYPES[word]}:read")
    wanted = {_TYPES[word] for word in types}
    found = [
        channel
        for channel in desk.state.channels.values()
        if family(channel) in wanted
        and not (channel.archived and args.flag("exclude_archived"))
        and (not channel.private or seed.BOT_USER in channel.members)
    ]
    page, cursor = page_of(found, _cursor(args), args.number("limit", 100, 1000))
    return {"channels": [desk.channel_json(c) for c in page], "response_metadata": {"next_cursor": cursor}}


def open_(desk: Desk, args: Args) -> Json:
    """conversations.open: the direct messages with one person (groups of people are not part of the sandbox)."""
    if args.text("channel"):
        channel = desk.state.channel_of_call(args.text("channel"))
        if not channel.is_dm:
            raise SlackError("method_not_supported_for_channel_type")
        return {"channel": {"id": channel.id}}
    users = [user for user in args.text("users").split(",") if user]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        need_scope(desk, "mpim:write")
        raise SlackError("too_many_users")
    need_scope(desk, "im:write")
    person = desk.state.members.get(users[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    known = f"D0{person.id.removeprefix('U0')}" in desk.state.channels
    channel = desk.state.dm_with(person.id)
    shown = desk.channel_json(channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": shown, "no_op": known, "already_open": known}


def members(desk: Desk, args: Args) -> Json:
    """conversations.members."""
    channel = _readable(desk, args, "read")
    page, cursor = page_of(sorted(channel.members), _cursor(args), args.number("limit", 100, 1000))
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def history(desk: Desk, args: Args) -> Json:
    """conversations.history: the newest first, without replies in threads, without private messages."""
    channel = _readable(desk, args, "history")
    _must_be_member(channel)
    wanted = _range(args)
    said = [m for m in desk.state.messages.get(channel.id, []) if not m.only_for and (not m.is_reply or m.broadcast)]
    return _paged(desk, args, [m for m in reversed(said) if wanted(m)])


def replies(desk: Desk, args: Args) -> Json:
    """conversations.replies: a thread, its first message first."""
    channel = _readable(desk, args, "history")
    _must_be_member(channel)
    head = desk.state.thread_head(channel.id, args.need("ts"))
    if head is None:
        raise SlackError("thread_not_found")
    wanted = _range(args)
    return _paged(desk, args, [head, *(m for m in desk.state.replies(channel.id, head.ts) if wanted(m))])


def _must_be_member(channel: Channel) -> None:
    if seed.BOT_USER not in channel.members:
        raise SlackError("not_in_channel")


def _cursor(args: Args) -> str:
    cursor = args.text("cursor")
    if cursor and not cursor.removeprefix("at:").isdigit():
        raise SlackError("invalid_cursor")
    return cursor


def _range(args: Args) -> Callable[[Message], bool]:
    """Whether a message lies between `oldest` and `latest`; the bounds are read, and refused, before any message is."""
    oldest = _moment(args.text("oldest") or "0", "invalid_ts_oldest")
    latest = _moment(args.text("latest") or "99999999999.0", "invalid_ts_latest")
    if args.flag("inclusive"):
        return lambda message: oldest <= _moment(message.ts, "") <= latest
    return lambda message: oldest < _moment(message.ts, "") < latest


def _moment(text: str, refusal: str) -> tuple[int, int]:
    seconds, _, micros = text.partition(".")
    if not seconds.isdigit() or (micros and not micros.isdigit()):
        raise SlackError(refusal)
    return int(seconds), int((micros or "0").ljust(6, "0"))


def _paged(desk: Desk, args: Args, said: list[Message]) -> Json:
    page, cursor = page_of(said, _cursor(args), args.number("limit", 100, 999))
    metadata = args.flag("include_all_metadata")
    answer: Json = {"messages": [desk.message_json(m, metadata) for m in page], "has_more": bool(cursor)}
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer
