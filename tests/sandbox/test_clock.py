"""Release time: stands still, moves forward only, stops at what is due, and waits for every living process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.workspace.clock import HUNG_UP_GRACE
from sandbox.workspace.workspace import Workspace


@dataclass
class Follower:
    """A process that follows the clock as the bot does: one long poll, work when the time moved, then `settled`."""

    url: str
    name: str
    session: aiohttp.ClientSession
    dues: list[tuple[str, str, str]] = field(default_factory=list)
    settles: bool = True
    work_takes: float = 0.0
    told: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        known = ""
        while True:
            params = {"process": self.name, "known": known} | ({"settles": "1"} if self.settles else {})
            async with self.session.get(f"{self.url}/clock", params=params) as answer:
                time_now = await answer.json()
            if str(time_now["n"]) != known:
                known = str(time_now["n"])
                self.told.append(time_now["now"])
                await self.works(time_now["n"], time_now["now"])
                self.ready.set()

    async def works(self, n: int, now: str) -> None:
        await asyncio.sleep(self.work_takes)
        self.done += [what for at, what, _ in self.dues if at <= now]
        self.dues = [due for due in self.dues if due[0] > now]
        at, what, who = self.dues[0] if self.dues else (None, "", "")
        await self.post("next", {"process": self.name, "at": at, "what": what, "who": who})
        if self.settles:
            await self.post("settled", {"process": self.name, "n": n})

    async def post(self, path: str, body: Any) -> None:
        async with self.session.post(f"{self.url}/clock/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def following(slack: Workspace, name: str, **more: Any) -> AsyncIterator[Follower]:
    async with aiohttp.ClientSession() as session:
        follower = Follower(slack.url, name, session, **more)
        task = asyncio.create_task(follower.run())
        await follower.ready.wait()
        await slack.until(lambda: slack.clock.processes[name].polling == 1)
        try:
            yield follower
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def jump(slack: Workspace, to: Any) -> Any:
    async with aiohttp.ClientSession() as session, session.post(f"{slack.url}/clock/jump", json={"to": to}) as answer:
        return await answer.json()


async def test_it_stands_still_and_tells_at_once(slack: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(f"{slack.url}/clock", params={"process": "a"}) as answer:
                told = await answer.json()
                assert (told["n"], told["now"]) == (1, "2026-11-30T14:05:00+00:00")


async def test_every_process_knows_before_a_jump_returns(slack: Workspace) -> None:
    async with following(slack, "a", work_takes=0.2) as one, following(slack, "b") as two:
        went = await jump(slack, {"hours": 1})
        assert went["ok"]
        assert one.told[-1] == two.told[-1] == went["now"] == "2026-11-30T15:05:00+00:00"
        process = slack.clock.processes["a"]
        assert process.known == process.settled == went["n"], "the slow one had finished its work"


async def test_a_process_that_does_not_settle_is_waited_for_until_it_knows(slack: Workspace) -> None:
    async with following(slack, "a", settles=False, work_takes=0.1) as one:
        await jump(slack, "2026-12-01T00:00:00+00:00")
        assert one.told[-1] == "2026-12-01T00:00:00+00:00"


async def test_next_goes_to_what_is_due_first(slack: Workspace) -> None:
    dues = [("2026-12-01T09:00:00+00:00", "is reminded", "Mira"), ("2026-12-02T09:00:00+00:00", "freeze", "")]
    async with following(slack, "a", dues=dues) as one:
        await slack.until(lambda: slack.clock.next_due() is not None)
        due = slack.clock.next_due()
        assert due is not None
        assert due.label == "Mira: is reminded"
        went = await jump(slack, "next")
        assert went["trail"] == [{"at": dues[0][0], "what": "is reminded", "who": "Mira"}]
        assert one.done == ["is reminded"]
        assert (await jump(slack, "next"))["now"] == dues[1][0]
        assert (await jump(slack, "next"))["trail"] == [], "nothing is due any more"


async def test_a_far_jump_stops_at_everything_on_the_way(slack: Workspace) -> None:
    dues = [("2026-12-01T09:00:00+00:00", "one", ""), ("2026-12-01T12:00:00+00:00", "two", "")]
    later = [("2026-12-01T10:00:00+00:00", "other", "")]
    async with following(slack, "a", dues=dues) as one, following(slack, "b", dues=later) as two:
        await slack.until(lambda: all(process.due for process in slack.clock.processes.values()))
        went = await jump(slack, "2026-12-02T00:00:00+00:00")
        assert [stop["what"] for stop in went["trail"]] == ["one", "other", "two", ""]
        assert (one.done, two.done) == (["one", "two"], ["other"])
        assert one.told[1:] == [stop["at"] for stop in went["trail"]], "every stop was told, in order"


async def test_only_forward_and_only_what_it_understands(slack: Workspace) -> None:
    for wrong in ("2026-01-01T00:00:00+00:00", "tomorrow", {"hours": -1}, {"weeks": 1}, {}, None, {"hours": "x"}):
        went = await jump(slack, wrong)
        assert went["ok"] is False
        assert went["error"]
    assert slack.clock.n == 1


async def test_a_killed_process_holds_nobody_up_for_long(slack: Workspace) -> None:
    async with following(slack, "a"):
        assert "a" in slack.clock.processes
    before = time.monotonic()
    went = await jump(slack, {"days": 1})
    assert went["ok"]
    assert time.monotonic() - before < HUNG_UP_GRACE + 1.5
    assert slack.clock.processes == {}


async def test_a_slow_process_is_not_taken_for_a_killed_one(slack: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.workspace.clock.GONE_AFTER", 0.05)
    async with following(slack, "a", work_takes=0.4) as slow:
        went = await jump(slack, {"hours": 1})
        assert went["late"] == []
        assert slack.clock.processes["a"].settled == went["n"]
        assert slow.told[-1] == went["now"]


async def test_a_process_that_leaves_is_not_waited_for(slack: Workspace) -> None:
    async with following(slack, "a"):
        pass
    leaving = {"process": "a"}
    async with aiohttp.ClientSession() as session, session.post(f"{slack.url}/clock/leave", json=leaving) as answer:
        assert answer.status == 200
    assert slack.clock.processes == {}


async def test_messages_carry_release_time(slack: Workspace) -> None:
    await slack.clock.move_to(datetime(2026, 12, 16, 15, tzinfo=UTC))
    said = slack.people.say("U0MIRA", slack.state.channel("releases"), "Hello.")
    assert said.at == datetime(2026, 12, 16, 15, tzinfo=UTC)
    assert await slack.clock.move_to(said.at - timedelta(days=1)) == "the clock only goes forward"


async def test_a_change_of_time_wakes_the_page(slack: Workspace) -> None:
    known = slack.state.seq
    waiting = asyncio.create_task(slack.state.changed_since(known, 2))
    await slack.clock.jump(slack.clock.now() + timedelta(hours=1))
    assert await waiting > known


@pytest.mark.parametrize(
    ("path", "body"),
    [("next", {"process": "a", "at": "soon"}), ("next", {"at": None}), ("settled", {"process": "a"}), ("jump", [])],
)
async def test_wrong_words_to_the_clock_are_refused(slack: Workspace, path: str, body: Any) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{slack.url}/clock/{path}", json=body) as answer:
        assert (answer.status, (await answer.json())["ok"]) == (400, False)
