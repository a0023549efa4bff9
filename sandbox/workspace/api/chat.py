"""chat.*: messages posted, edited, shown to one person, deleted and linked to."""

from __future__ import annotations

import re

from sandbox.workspace import seed
from sandbox.workspace.api.args import Args
from sandbox.workspace.api.desk import Desk, with_ids
from sandbox.workspace.checks import message as checks
from sandbox.workspace.errors import SlackError
from sandbox.workspace.records import Channel, Json, Message

LONGEST_TEXT = 40_000
LONGEST_EDIT = 4_000
_TS = re.compile(r"\d{10}\.\d{6}")


def post_message(desk: Desk, args: Args) -> Json:
    """chat.postMessage."""
    channel = postable(desk, args.text("channel"))
    content = _content(args)
    text = content.pop("text")
    message = Message(
        channel=channel.id,
        ts="",
        user=seed.BOT_USER,
        at=desk.state.release_now(),
        text=text[:LONGEST_TEXT],
        thread_ts=_thread(desk, channel, args),
        broadcast=args.flag("reply_broadcast"),
        metadata=checks.metadata(args.structure("metadata", "invalid_metadata_format")),
        **content,
    )
    wait = desk.limits.post(channel.id)
    if wait:
        raise SlackError("ratelimited", retry_after=wait)
    message.ts = desk.state.new_ts()
    desk.state.add(message)
    answer = {"channel": channel.id, "ts": message.ts, "message": desk.message_json(message, metadata=True)}
    if len(text) > LONGEST_TEXT:
        answer["response_metadata"] = {"warnings": ["message_truncated"]}
    return answer


def post_ephemeral(desk: Desk, args: Args) -> Json:
    """chat.postEphemeral: a message that only one person sees."""
    channel = postable(desk, args.text("channel"))
    user = args.need("user")
    content = _content(args)
    if len(content["text"]) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    if user not in desk.state.members or user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = Message(
        channel=channel.id,
        ts=desk.state.new_ts(),
        user=seed.BOT_USER,
        at=desk.state.release_now(),
        thread_ts=_thread(desk, channel, args),
        only_for=user,
        **content,
    )
    desk.state.add(message)
    return {"message_ts": message.ts}


def update(desk: Desk, args: Args) -> Json:
    """chat.update: text without blocks takes the blocks away; metadata stays unless given."""
    channel = desk.state.channel_of_call(args.text("channel"))
    message = _own(desk, channel, args, "cant_update_message")
    content = _content(args)
    if len(content["text"]) > LONGEST_EDIT:
        raise SlackError("msg_too_long")
    kept = message.metadata
    if args.has("metadata"):
        kept = checks.metadata(args.structure("metadata", "invalid_metadata_format"))
    _in_channel(channel)
    for key, value in content.items():
        if key != "attachments" or args.has("attachments"):
            setattr(message, key, value)
    message.metadata = kept
    message.edited_ts = f"{int(desk.state.transport.now())}.000000"
    desk.state.touch(message)
    shown = desk.message_json(message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(desk: Desk, args: Args) -> Json:
    """chat.delete: only the bot's own messages."""
    channel = desk.state.channel_of_call(args.text("channel"))
    message = _own(desk, channel, args, "cant_delete_message")
    desk.state.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(desk: Desk, args: Args) -> Json:
    """chat.getPermalink."""
    channel = desk.state.channel_of_call(args.text("channel"))
    message = desk.state.find(channel.id, args.need("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    link = f"{desk.base_url()}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def postable(desk: Desk, name: str) -> Channel:
    """The channel to write into: an id, a #name, or a person's id for the direct messages with that person."""
    state = desk.state
    person = state.members.get(name)
    if person is not None:
        if person.is_bot or person.deleted:
            raise SlackError("channel_not_found")
        return state.dm_with(name)
    by_name = next((c for c in state.channels.values() if not c.is_dm and c.name == name.removeprefix("#")), None)
    channel = by_name or state.channel_of_call(name)
    _in_channel(channel)
    return channel


def _in_channel(channel: Channel) -> None:
    if channel.archived:
        raise SlackError("is_archived")
    if seed.BOT_USER not in channel.members:
        raise SlackError("channel_not_found" if channel.private else "not_in_channel")


def _content(args: Args) -> Json:
    """Text, blocks and attachments of a message; one of them must be there."""
    blocks = checks.message_blocks(args.structure("blocks", "invalid_blocks_format"))
    attached = checks.attachments(args.structure("attachments", "invalid_attachments"))
    text = args.text("text")
    if args.has("markdown_text"):
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        text = args.text("markdown_text")
        if len(text) > checks.MOST_MARKDOWN:
            raise SlackError("msg_too_long")
    if not text.strip() and not blocks and not attached:
        raise SlackError("no_text")
    return {"text": text, "blocks": with_ids(blocks), "attachments": attached}


def _thread(desk: Desk, channel: Channel, args: Args) -> str:
    ts = args.text("thread_ts")
    if not ts:
        return ""
    if not _TS.fullmatch(ts):
        raise SlackError("invalid_thread_ts")
    head = desk.state.thread_head(channel.id, ts)
    if head is None:
        raise SlackError("cannot_reply_to_message")
    return head.ts


def _own(desk: Desk, channel: Channel, args: Args, refusal: str) -> Message:
    message = desk.state.find(channel.id, args.need("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != seed.BOT_USER:
        raise SlackError(refusal)
    return message
