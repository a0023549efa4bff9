"""pins.*, bookmarks.*, reactions.* and files.*: what is put beside messages."""

from __future__ import annotations

import mimetypes
import re
from urllib.parse import quote

from sandbox.workspace import seed
from sandbox.workspace.api.args import Args
from sandbox.workspace.api.chat import postable
from sandbox.workspace.api.desk import Desk, Upload
from sandbox.workspace.errors import SlackError
from sandbox.workspace.records import Channel, Json, Message

MOST_PINS = 100
LARGEST_FILE = 10**9
LONGEST_ALT = 1000
_EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")


def pins_add(desk: Desk, args: Args) -> Json:
    """pins.add."""
    channel, message = _message(desk, args)
    if message.ts in channel.pins:
        raise SlackError("already_pinned")
    if len(channel.pins) >= MOST_PINS:
        raise SlackError("too_many_pins")
    channel.pins.append(message.ts)
    desk.state.touch(message)
    return {}


def bookmarks_add(desk: Desk, args: Args) -> Json:
    """bookmarks.add: links only."""
    channel = desk.state.channel_of_call(args.text("channel_id"))
    if seed.BOT_USER not in channel.members:
        raise SlackError("access_denied")
    title, link = args.need("title"), args.text("link")
    if args.need("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if not link.startswith(("https://", "http://")) or len(link) > 2048:
        raise SlackError("invalid_link")
    if len(channel.bookmarks) >= MOST_PINS:
        raise SlackError("too_many_bookmarks")
    bookmark: Json = {"id": desk.state.new_id("Bk"), "channel_id": channel.id, "title": title, "link": link}
    channel.bookmarks.append(bookmark | {"type": "link", "emoji": args.text("emoji")})
    desk.state.touch()
    return {"bookmark": channel.bookmarks[-1]}


def reactions_add(desk: Desk, args: Args) -> Json:
    """reactions.add."""
    name = args.text("name").strip(":")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    channel, message = _message(desk, args)
    if channel.archived:
        raise SlackError("is_archived")
    users = message.reactions.setdefault(name, [])
    if seed.BOT_USER in users:
        raise SlackError("already_reacted")
    users.append(seed.BOT_USER)
    desk.state.touch(message)
    return {}


def files_get_upload_url(desk: Desk, args: Args) -> Json:
    """files.getUploadURLExternal."""
    length, name, alt = args.text("length"), args.text("filename"), args.text("alt_txt")
    if args.as_json or not name or not length.isdigit() or int(length) == 0:  # this method reads no JSON
        raise SlackError("missing_argument")
    if int(length) > LARGEST_FILE:
        raise SlackError("file_upload_size_restricted")
    if len(alt) > LONGEST_ALT:
        raise SlackError("alt_txt_too_large")
    upload = Upload(desk.state.new_id("F"), name, int(length), alt)
    desk.uploads[upload.id] = upload
    return {"upload_url": f"{desk.base_url()}/upload/{upload.id}", "file_id": upload.id}


def files_complete_upload(desk: Desk, args: Args) -> Json:
    """files.completeUploadExternal: into a channel as a message, or without one, to be shown in an image block."""
    given = args.structure("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments", "[ERROR] missing required field: files")
    uploads = [desk.uploads.get(str(one.get("id"))) if isinstance(one, dict) else None for one in given]
    ready = [upload for upload in uploads if upload is not None and upload.content and not upload.complete]
    if len(ready) != len(given):
        raise SlackError("file_not_found")
    channel = _shared_in(desk, args) if args.text("channel_id") else None
    shown = []
    for upload, one in zip(ready, given, strict=True):
        upload.complete = True
        title = str(one.get("title") or upload.name)
        shown.append(_file_json(desk, upload, title))
    if channel is not None:
        _file_message(desk, args, channel, shown)
    return {"files": shown}


def _shared_in(desk: Desk, args: Args) -> Channel:
    """The channel by its id: names and people are no places for files."""
    channel = postable(desk, desk.state.channel_of_call(args.text("channel_id")).id)
    if args.text("thread_ts") and desk.state.thread_head(channel.id, args.text("thread_ts")) is None:
        raise SlackError("invalid_arguments", "[ERROR] no such thread [json-pointer:/thread_ts]")
    return channel


def _file_json(desk: Desk, upload: Upload, title: str) -> Json:
    link = f"{desk.base_url()}/files/{upload.id}/{quote(upload.name)}"
    kind = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
    shown: Json = {"id": upload.id, "name": upload.name, "title": title, "mimetype": kind, "size": upload.length}
    return shown | {"url_private": link} | ({"alt_txt": upload.alt} if upload.alt else {})


def _file_message(desk: Desk, args: Args, channel: Channel, shown: list[Json]) -> None:
    head = desk.state.thread_head(channel.id, args.text("thread_ts"))
    message = Message(
        channel=channel.id,
        ts=desk.state.new_ts(),
        user=seed.BOT_USER,
        at=desk.state.release_now(),
        text=args.text("initial_comment"),
        thread_ts=head.ts if head else "",
        files=shown,
    )
    desk.state.add(message)


def _message(desk: Desk, args: Args) -> tuple[Channel, Message]:
    channel = desk.state.channel_of_call(args.text("channel"))
    ts = args.text("timestamp")
    if not ts:
        raise SlackError("no_item_specified")
    if not re.fullmatch(r"\d+\.\d+", ts):
        raise SlackError("bad_timestamp")
    if seed.BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    message = desk.state.find(channel.id, ts)
    if message is None:
        raise SlackError("message_not_found")
    return channel, message
