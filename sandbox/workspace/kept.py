"""What was said in a workspace as one file, so that whoever stops it in the evening finds it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sandbox.workspace.records import Channel, Group, Member, Message, View
from sandbox.workspace.state import State


@dataclass
class Kept:
    """Everything but open forms and the rights to answer, which end with the process."""

    seq: int
    members: list[Member]
    channels: list[Channel]
    groups: list[Group]
    messages: list[Message]
    homes: list[View]
    read: list[tuple[str, str, int]]  # person, channel, the newest message that was seen


def keep(state: State, path: Path) -> None:
    """Write it, whole or not at all."""
    kept = Kept(
        state.seq,
        list(state.members.values()),
        list(state.channels.values()),
        list(state.groups.values()),
        [m for messages in state.messages.values() for m in messages],
        list(state.homes.values()),
        [(*place, seen) for place, seen in state.read.items()],
    )
    beside = path.with_suffix(".new")
    beside.write_bytes(TypeAdapter(Kept).dump_json(kept))
    beside.replace(path)


def take_back(state: State, path: Path) -> bool:
    """Put what was kept into a fresh state; False, and nothing is changed, where there is none that can be read."""
    try:
        kept = TypeAdapter(Kept).validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return False
    state.members = {m.id: m for m in kept.members}
    state.channels = {c.id: c for c in kept.channels}
    state.groups = {g.id: g for g in kept.groups}
    state.homes = {h.user: h for h in kept.homes}
    state.read = {(person, channel): seen for person, channel, seen in kept.read}
    for message in kept.messages:
        state.add(message)
    state.seq = max(state.seq, kept.seq)
    state.touch()
    return True
