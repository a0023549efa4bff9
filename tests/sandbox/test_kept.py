"""What was said is found again by the next workspace, which the bot goes on with as with the same one."""

from __future__ import annotations

from pathlib import Path

from sandbox.workspace.clock import TransportClock
from sandbox.workspace.kept import keep, take_back
from sandbox.workspace.records import Message, View
from sandbox.workspace.state import State
from sandbox.workspace.workspace import Workspace


def said(slack: Workspace) -> State:
    state, at = slack.state, slack.clock.now()
    channel = state.channel("releases").id
    head = state.add(Message(channel, state.new_ts(), "U0BOT", at, "v1.3.0", [{"type": "divider"}], metadata={"k": 1}))
    seen = {"eyes": ["U0MIRA"]}
    state.add(Message(channel, state.new_ts(), "U0PRIYA", at, "<b>&", thread_ts=head.ts, reactions=seen))
    state.add(Message(state.dm_with("U0MIRA").id, state.new_ts(), "U0BOT", at, "for Mira"))
    state.mark_read("U0MIRA", channel)
    state.homes["U0MIRA"] = View("V01", "U0MIRA", {"type": "home", "blocks": []}, "hash", "V01")
    return state


async def test_everybody_sees_again_what_they_saw(tmp_path: Path) -> None:
    async with Workspace() as slack:
        before, path = said(slack), tmp_path / "said.json"
        keep(before, path)
        after = State(TransportClock(), slack.clock.now)
        assert take_back(after, path)
    channel = before.channel("releases").id
    head = before.visible("U0MIRA", channel)[0]
    for person in ("U0MIRA", "U0PRIYA"):
        assert [m.text for m in after.all_visible(person)] == [m.text for m in before.all_visible(person)]
        assert after.unread(person, channel) == before.unread(person, channel)
    assert [m.text for m in after.replies(channel, head.ts)] == ["<b>&"]
    found = after.find(channel, head.ts)
    assert found and (found.blocks, found.metadata, found.at) == (head.blocks, head.metadata, head.at)
    assert after.seq >= before.seq and after.view("V01") and after.new_ts() > head.ts


async def test_a_file_that_cannot_be_read_begins_anew(tmp_path: Path) -> None:
    async with Workspace() as slack:
        path = tmp_path / "said.json"
        assert not take_back(slack.state, path)
        for words in ("", "{}", '{"seq": 1, "members": 3}'):
            path.write_text(words)
            assert not take_back(slack.state, path)
        assert slack.state.channel("releases") and not list(slack.state.all_visible("U0PRIYA"))
