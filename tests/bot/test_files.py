"""A file stands once, with its text, whatever Slack does; its bytes are made when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot import files
from bot.drawing import NotWanted
from bot.integrations import slack_files
from core.domain.effects import File
from core.failpoints import ARMED, configure
from core.usecases.context import Context
from sandbox.workspace.faults import Kind
from tests.bot.conftest import Stage

Maker = Callable[[Context, Mapping[str, Any]], Any]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """A maker called "list", and what it was asked."""
    asked: list[Mapping[str, Any]] = []

    async def make(ctx: Context, args: Mapping[str, Any]) -> bytes:
        asked.append(args)
        if args.get("gone"):
            raise NotWanted("there is nothing to list any more")
        return b"x" * int(args["bytes"])

    monkeypatch.setitem(files.MAKERS, "list", make)
    return asked


async def put(stage: Stage, place: str = "team", **args: Any) -> int:
    file = File("list", "list.txt", "The list", "Here is the *list*.", "A list", args)

    async def work(unit):  # type: ignore[no-untyped-def]
        await unit.lock(["outside"])
        return await unit.outbox("test", "slack.file", file.body(place), cause="outside")

    row: int = await stage.app.ctx.store.unit(work, verb="test.file", chains=["outside"])
    await stage.app.settle()
    return row


def shown(stage: Stage) -> list[str]:
    return [one["title"] for message in stage.slack.messages("releases") for one in message.files]


async def test_a_file_is_made_when_it_is_sent(stage: Stage, made: list[Mapping[str, Any]]) -> None:
    row = await stage.row(await put(stage, bytes=5_000_000))
    message = stage.slack.messages("releases")[-1]
    assert (row.state, row.result) == ("done", {"channel": "C0RELEASES", "ts": message.ts})
    assert (message.text, message.files[0]["size"]) == ("Here is the *list*.", 5_000_000)
    assert (message.files[0]["alt_txt"], made) == ("A list", [{"bytes": 5_000_000}])
    await put(stage, "dm:U0PRIYA", bytes=1)
    [direct] = stage.slack.state.messages[stage.slack.state.dm_with("U0PRIYA").id]
    assert direct.files[0]["name"] == "list.txt"


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("getUploadURL", "drop"),
        ("completeUpload", "drop"),
        ("completeUpload", "store_late"),
        ("completeUpload", "error_before"),
    ],
)
async def test_a_spoiled_file_stands_once(
    stage: Stage, made: list[Mapping[str, Any]], kind: Kind, method: str
) -> None:
    stage.slack.faults.add(f"files.{method}External", kind, nth=1, seconds=0.15)
    row = await put(stage, bytes=3)
    assert ((await stage.row(row)).state, shown(stage)) == ("done", ["The list"])


@pytest.mark.parametrize("place", ["file.uploaded", "file.noted", "outbox.before_finish"])
async def test_a_process_that_breaks_off_sends_it_once(
    stage: Stage, made: list[Mapping[str, Any]], place: str
) -> None:
    configure({ARMED: f"{place}=error@1"})
    try:
        row = await put(stage, bytes=3)
    finally:
        configure({})
    assert ((await stage.row(row)).state, shown(stage)) == ("done", ["The list"])


@pytest.mark.parametrize(
    ("args", "state", "word"),
    [
        ({"bytes": 0}, "parked", "0 bytes"),
        ({"bytes": 9}, "parked", "9 bytes"),
        ({"gone": 1}, "void", "nothing to list"),
    ],
)
async def test_what_cannot_be_sent_says_why(
    stage: Stage, made: object, monkeypatch: pytest.MonkeyPatch, args: dict[str, Any], state: str, word: str
) -> None:
    monkeypatch.setattr(slack_files, "LARGEST", 8)
    row = await stage.row(await put(stage, **args))
    assert row.state == state and word in row.error and shown(stage) == []
