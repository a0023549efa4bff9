"""The page's API without a browser: who sees what, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from sandbox.workspace import seed
from sandbox.workspace.page_guide import STEPS, asked
from sandbox.workspace.records import Message
from tests.sandbox.page.story import Story
from tests.sandbox.page.tiny_bot import STABILIZING

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def http(story: Story) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(story.slack.url) as session:
        yield session


async def state(http: aiohttp.ClientSession, who: str, since: int = -1) -> dict[str, Any]:
    async with http.get("/page/state", params={"as": who, "since": str(since)}) as answer:
        body: dict[str, Any] = await answer.json()
        return body


async def post(http: aiohttp.ClientSession, path: str, **body: Any) -> dict[str, Any]:
    async with http.post(path, json=body) as answer:
        result: dict[str, Any] = await answer.json()
        return result


async def test_each_person_sees_only_what_is_theirs(story: Story, http: aiohttp.ClientSession) -> None:
    await story.command("/release start minor")
    priya, mira, dana = [await state(http, who) for who in ("priya", "U0MIRA", "dana")]
    texts = {who["me"]: str(who["messages"]) for who in (priya, mira, dana)}
    assert "v1.3.0 is started." in texts["U0PRIYA"]
    assert "v1.3.0 is started." not in texts["U0MIRA"] + texts["U0DANA"]
    assert "asks you to approve" in texts["U0MIRA"]
    assert "asks you to approve" not in texts["U0PRIYA"] + texts["U0DANA"]
    assert mira["dm"]["unread"] == 1
    assert (await post(http, "/page/act", **{"as": "mira", "kind": "read", "channel": mira["dm"]["id"]}))["ok"]
    assert (await state(http, "mira"))["dm"]["unread"] == 0


async def test_a_waiting_page_hears_of_a_change_at_once(story: Story, http: aiohttp.ClientSession) -> None:
    seq = (await state(http, "priya"))["seq"]
    waiting = asyncio.create_task(state(http, "priya", since=seq))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await post(http, "/page/act", **{"as": "theo", "kind": "message", "channel": "releases", "text": "Hello @mira"})
    heard = await asyncio.wait_for(waiting, 2)
    assert heard["messages"]["C0RELEASES"][-1]["text"] == "Hello <@U0MIRA>"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"as": "priya", "kind": "dance"}, "does not know"),
        ({"as": "nobody", "kind": "home"}, "Nobody here"),
        ({"as": "priya", "kind": "command"}, "incomplete"),
        ({"as": "priya", "kind": "message", "channel": "nowhere", "text": "x"}, "no channel"),
        ({"as": "priya", "kind": "submit", "view": "V0GONE", "values": {}}, "This form is not open any more"),
        ({"as": "priya", "kind": "dismiss", "message": {"channel": "C0RELEASES", "ts": "1.0"}}, "gone already"),
    ],
)
async def test_what_cannot_be_done_is_said(http: aiohttp.ClientSession, body: dict[str, Any], words: str) -> None:
    answer = await post(http, "/page/act", **body)
    assert not answer["ok"]
    assert words in answer["error"]


async def test_somebody_elses_message_cannot_be_pressed(story: Story, http: aiohttp.ClientSession) -> None:
    await story.command("/release start minor")
    request = (await state(http, "mira"))["messages"][story.slack.state.dm_with("U0MIRA").id][0]
    place = {"channel": request["channel"], "ts": request["ts"]}
    press = {"kind": "click", "message": place, "block_id": "decide", "action_id": "approve"}
    assert "not there" in (await post(http, "/page/act", **{"as": "dana", **press}))["error"]
    assert story.bot.heard == ["U0PRIYA /release start minor"]


async def test_only_json_is_taken_so_that_no_other_site_can_act(http: aiohttp.ClientSession) -> None:
    async with http.post("/page/act", data='{"as": "priya", "kind": "home"}') as answer:
        assert answer.status == 415
    async with http.post("/page/act", data="[1]", headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 400
    async with http.get("/") as answer:
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "://" not in (await answer.text()).replace("http://www.w3.org", "")


@pytest.mark.parametrize("name", ["..%2Fstate.py", "page_api.py", "nothing.js", "%2Fetc%2Fpasswd"])
async def test_only_the_files_of_the_page_are_served(http: aiohttp.ClientSession, name: str) -> None:
    async with http.get(f"/page/{name}") as answer:
        assert answer.status == 404


async def test_the_clock_only_goes_forward(story: Story, http: aiohttp.ClientSession) -> None:
    before = story.slack.clock.now()
    assert (await post(http, "/page/clock", to="next"))["error"] == "Nothing is due."
    assert not (await post(http, "/page/clock", hours=-1))["ok"]
    assert not (await post(http, "/page/clock", to=before.timestamp() + 90_000_000))["ok"]
    assert not (await post(http, "/page/clock", to="whenever"))["ok"]
    assert story.slack.clock.now() == before
    assert (await post(http, "/page/clock", hours=1))["now"] == before.timestamp() + 3600


async def test_the_product_and_starting_over_come_from_the_demo(story: Story, http: aiohttp.ClientSession) -> None:
    assert (await state(http, "priya"))["product"]["production"]["version"] == "v1.2.2"
    assert (await post(http, "/page/reset"))["ok"]
    assert story.started_over == 1


async def test_the_guide_signs_as_those_who_may_and_leaves_no_private_answers(
    story: Story, http: aiohttp.ClientSession
) -> None:
    story.bot.first_card = STABILIZING
    await story.command("/release start minor")
    assert (await post(http, "/page/guide", step="candidate")) == {"ok": True, "error": None}
    assert story.bot.heard.count("U0QADIR clicks tick") == 1
    assert [step["name"] for step in (await state(http, "priya"))["guide"]["steps"] if step["done"]] == [
        "Start",
        "Begin",
        "Freeze",
        "Candidate",
    ]
    assert not any(message["private"] for message in (await state(http, "qadir"))["messages"]["C0RELEASES"])


async def test_the_guide_says_when_it_cannot_go_on(story: Story, http: aiohttp.ClientSession) -> None:
    answer = await post(http, "/page/guide", step="candidate")
    assert not answer["ok"]
    assert "could not finish 'Candidate'" in answer["error"]
    assert not (await post(http, "/page/guide", step="dance"))["ok"]


async def test_the_guide_sends_the_reader_to_whom_was_asked(story: Story) -> None:
    desk, step = story.slack.state, next(s for s in STEPS if s.id == "approve")

    def asks(user: str) -> None:
        button = {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}}
        place = desk.dm_with(user).id
        blocks = [{"type": "actions", "elements": [button]}]
        at = story.slack.clock.now()
        desk.messages.setdefault(place, []).append(Message(place, "1.0", seed.BOT_USER, at, "Approve?", blocks))

    before = {place: list(found) for place, found in desk.messages.items()}
    assert asked(desk, step) == "U0MIRA", "nobody was asked yet"
    asks("U0ERIKA")
    assert asked(desk, step) == "U0ERIKA", "Erika stands in for her"
    asks("U0MIRA")
    assert asked(desk, step) == "U0MIRA", "either can answer, and it is hers"
    desk.messages.clear()
    desk.messages.update(before)
