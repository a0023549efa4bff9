"""Unleash's client API and the counts that SDKs report; the board behind it and a store that is away."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.flags.board import Board, Shown
from core.domain.flags.evaluation import Flags
from core.domain.flags.model import Constraint, Flag, Setting
from core.errors import Busy
from core.store import flags as rows
from core.store.flags import Usage
from core.usecases import flags
from tests.bot.flags.conftest import OPS, SECOND, STAGING, Served, make
from tests.core.domain.flags.specification import flags_of

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
FEATURES, METRICS, REGISTER = (f"/api/client/{word}" for word in ("features", "metrics", "register"))


async def test_an_sdk_reads_what_we_evaluate(served: Served) -> None:
    await make(served.ctx, "search")
    pro = await flags.put_segment(served.ctx, "pro", (Constraint("plan", "IN", ("pro",)),), OPS)
    await served.turn("search", percentage=40, segments=(pro.id,), user_ids=("ana",))
    status, told, tag = await served.ask(FEATURES)
    assert status == 200 and told["version"] == 2 and told["segments"][0]["name"] == "pro"
    theirs, ours = flags_of(told), served.stage.app.board.shown("production").flags
    for n in range(200):
        context = {"userId": str(n), "plan": "pro" if n % 2 else "free"}
        assert theirs.decide("search", context) == ours.decide("search", context)
    assert (await served.ask(FEATURES, **{"If-None-Match": tag}))[0] == 304
    assert (await served.ask(FEATURES, token=STAGING))[1]["features"][0]["enabled"] is False
    await flags.put_segment(served.ctx, "pro", (Constraint("plan", "IN", ("team",)),), OPS, SECOND)
    await served.stage.app.board.once()
    status, told, other = await served.ask(FEATURES, **{"If-None-Match": tag})
    assert status == 200 and other != tag and told["segments"][0]["constraints"][0]["values"] == ["team"]
    await flags.rename(served.ctx, "search", "find", OPS)
    await served.stage.app.board.once()
    found = (await served.ask(FEATURES))[1]["features"]
    assert [f["name"] for f in found] == ["find"]
    assert found[0]["strategies"][1]["parameters"]["groupId"] == "search"
    await served.turn("find", user_ids=(), percentage=0)
    await flags.archive(served.ctx, "find", OPS)
    await served.stage.app.board.once()
    assert (await served.ask(FEATURES))[1]["features"] == []


async def test_use_is_counted_and_an_app_that_reports_is_known(served: Served) -> None:
    await make(served.ctx, "search")
    await served.turn("search", on=True)
    me = {"appName": "shop", "instanceId": "1", "sdkVersion": "x:1"}
    assert (await served.ask(REGISTER, {**me, "strategies": []}))[0] == 202
    toggles = {"search": {"yes": 3, "no": 1, "variants": {"blue": 2, "disabled": 1}}, "unheard-of": {"yes": 9}}
    assert (await served.ask(METRICS, {**me, "bucket": {"start": "", "stop": "", "toggles": toggles}}))[0] == 202
    await served.single("search")
    for odd in (
        {"search": {"yes": -1, "no": "1", "variants": []}}, {"search": {"yes": True, "no": 1 << 70}}, {"search": []},
        None,
    ):  # fmt: skip
        assert (await served.ask(METRICS, {**me, "bucket": {"toggles": odd}}))[0] == 202
    for body in (b"", b"[]", b"{", b'{"bucket": 1}', b'{"bucket": {"toggles": [1]}}'):
        assert (await served.ask(METRICS, body))[0] == 400
    assert (await served.ask(METRICS, {**me, "bucket": None}))[0] == 202
    await served.stage.app.board.flush()
    day = served.ctx.clock.now().date().isoformat()
    async with served.ctx.store.database.reader.connect() as conn:
        assert set(await rows.usage(conn, "production")) == {
            Usage("search", "shop", day, 3, 1), Usage("search", "shop", day, 2, 0, "blue"),
            Usage("search", "ofrep", day, 1, 0),
        }  # fmt: skip
        assert list(await rows.clients(conn, "production")) == ["shop"]
        assert not await rows.clients(conn, "staging")


async def test_answers_and_counts_outlive_the_store_being_away(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(served.ctx, "search")
    await served.turn("search", on=True)
    board = served.stage.app.board

    async def away(*_: Any, **__: Any) -> Any:
        raise Busy("away")

    with monkeypatch.context() as patched:
        patched.setattr(rows, "seen", away)
        patched.setattr(type(served.ctx.store), "unit", away)
        assert await board.once() == 0
        assert (await served.single("search"))[1]["value"] is True
        assert (await served.ask(METRICS, {"appName": "shop"}))[0] == 503
        await board.flush()
    await board.flush()
    async with served.ctx.store.database.reader.connect() as conn:
        assert [u.yes for u in await rows.usage(conn, "production")] == [1]


async def test_another_process_s_change_is_read_alone_and_a_restored_store_anew(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(served.ctx, "a", "b", "c")
    other = Board(served.ctx, ("production",))
    await other.open()
    read: list[int] = []
    of_environment = rows.of_environment

    async def counting(*args: Any, **more: Any) -> Any:
        found = await of_environment(*args, **more)
        read.append(len(found))
        return found

    monkeypatch.setattr(rows, "of_environment", counting)
    await flags.change(served.ctx, flags.Change("b", "production", lambda s: replace(s, on=True), OPS, SECOND))
    read.clear()
    assert await other.once() == 1 and read == [1]
    assert other.shown("production").flags.is_feature_enabled("b")
    assert await other.once() == 0 and read == [1]
    other._read = dict.fromkeys(other._read, 99)
    assert await other.once() == 1 and read == [1, 3]


async def test_the_loop_goes_on_after_whatever_happens(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(served.ctx, "search")
    board = served.stage.app.board
    board.look_seconds = 0.01
    seen, failed = rows.seen, asyncio.Event()

    async def failing(*args: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise KeyError("a row of a later version")
        return await seen(*args)

    monkeypatch.setattr(rows, "seen", failing)
    loop = asyncio.create_task(board.run())
    await asyncio.wait_for(failed.wait(), 5)
    on = flags.Change("search", "production", lambda s: replace(s, on=True), OPS, SECOND)
    await flags.change(served.ctx, on)
    for _ in range(500):
        if board.shown("production").flags.is_feature_enabled("search"):
            break
        await asyncio.sleep(0.01)
    assert board.shown("production").flags.is_feature_enabled("search") and not loop.done()
    loop.cancel()


def test_10_000_flags_and_one_change_among_them() -> None:
    made = [
        rows.Stored(Flag(f"f{n}", f"f{n}", "release", "", "", AT), Setting(percentage=n % 101)) for n in range(10_000)
    ]
    many = Shown("production", Flags((), (), lambda: AT), {}, {}).after(made)
    assert len(json.loads(many.body)["features"]) == 10_000
    off = many.after([replace(made[100], setting=Setting())])
    assert many.flags.is_feature_enabled("f100", "ana") and not off.flags.is_feature_enabled("f100", "ana")
    assert off.etag != many.etag and len(off.body) < len(many.body)
    gone = off.after([replace(made[7], flag=replace(made[7].flag, archived_at=AT))])
    assert "f7" not in gone.flags and b'"f7"' not in gone.body and "f8" in gone.flags
