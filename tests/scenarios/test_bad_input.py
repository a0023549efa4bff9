"""Bad input from people and from strangers: a clear answer each time, nothing done twice."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from sandbox.workspace.payloads import Spot
from tests.scenarios.driver import Team
from tests.scenarios.hands import LAST

calm = pytest.mark.asyncio(loop_scope="module")
COMMAND = {
    "command": "/release", "text": "cancel 1.3.0 forged", "user_id": "U0PRIYA", "channel_id": "C0RELEASES",
    "team_id": "T0SANDBOX", "trigger_id": "1.2.3",
}  # fmt: skip
HOSTILE = {
    "mentions": "<!channel> <!here> <@U0ERIKA> <!subteam^S0ENG> @channel @here",
    "links": "<https://evil.example|click here> https://evil.example [x](https://evil.example)",
    "markup": "*bold* _italic_ ~gone~ `code` ```block``` > quote :tada: &amp; &lt;",
    "git": "--upload-pack=touch${IFS}/tmp/pwned; $(reboot) `reboot` ../../etc/passwd refs/heads/main:refs/heads/x",
    "lines": "first\nsecond\r\nthird\x00\x07\u2028fourth",
    "directions": "\u202egpj.exe\u202c \u2066hidden\u2069 \u200b\u200b شركة",
    "long": "word " * 1000,
    "quotes": "'; DROP TABLE release; -- \" ' %s {0} {tag} %(x)s \\",
}


# --- requests that are not Slack's ----------------------------------------------------------------------------------


async def sent(play: Team, body: bytes, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session:
        url = f"{play.slack.bot_url}/slack/events"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        async with session.post(url, data=body, headers=kind | headers) as answer:
            text = await answer.text()
            assert "Traceback" not in text and len(text) < 300
            return answer.status


@calm
@pytest.mark.parametrize("forgery", ["none", "wrong", "stale", "future", "other body", "no number", "not ascii"])
async def test_what_slack_did_not_sign_is_turned_away_and_does_nothing(shared: Team, forgery: str) -> None:
    body = urlencode(COMMAND).encode()
    headers = shared.slack.courier.signed(body)
    stamp, signature = headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]
    spoiled = {
        "none": {},
        "wrong": headers | {"X-Slack-Signature": f"v0={'0' * 64}"},
        "stale": headers | {"X-Slack-Request-Timestamp": str(int(stamp) - 3600)},
        "future": headers | {"X-Slack-Request-Timestamp": str(int(stamp) + 3600)},
        "other body": shared.slack.courier.signed(body + b"x"),
        "no number": headers | {"X-Slack-Request-Timestamp": "yesterday"},
        "not ascii": headers | {"X-Slack-Signature": signature[:-1] + "\u00e9"},
    }[forgery]
    assert await sent(shared, body, spoiled) == 401
    assert await shared.phase("1.3.0") == "planning"


@calm
async def test_a_replayed_click_is_answered_and_done_once(shared: Team) -> None:
    mira = shared.mira
    asked = next(m for m in mira.dm() if "Sign it off" in mira.buttons(m))
    await mira.clicks("Sign it off", asked)
    await shared.settles()
    payload = next(d.payload for d in reversed(shared.slack.deliveries) if d.kind == "block_actions")
    body = urlencode({"payload": json.dumps(payload)}).encode()
    lines = len(shared.thread("1.3.0"))
    for _ in range(2):
        assert await sent(shared, body, shared.slack.courier.signed(body)) == 200
        await shared.settles()
    assert len(shared.thread("1.3.0")) == lines, "nothing was done again"


@calm
@pytest.mark.parametrize(
    "payload", ["", "x", "{}", "[]", '{"type": "block_actions"}', '{"type": "view_submission", "view": {}}', "null"]
)
async def test_a_signed_request_that_makes_no_sense_harms_nobody(shared: Team, payload: str) -> None:
    body = urlencode({"payload": payload}).encode()
    assert await sent(shared, body, shared.slack.courier.signed(body)) in (200, 400, 404)
    assert "v1.3.0" in await shared.says("dana", "status")


# --- words that mean nothing ----------------------------------------------------------------------------------------


@calm
@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("frobnicate 1.3.0", "I do not know frobnicate"),
        ("1.3.0", "I do not know"),
        ("status 99.99.99", "There is no v99.99.99"),
        ("status 1.3.0 1.4.0", "v1."),
        ("why one.two.three", "What v1.3.0 still needs|v1.3.0 is free to begin"),
        ("list done page nine", "[Nn]o|Nothing|ended"),
        ("list 99", "."),
        ("depends billing-api 2.4 @nobody", "."),
        ("tick 1.3.0 no.such.item", "no.such.item|no item|not an item"),
        ("untick 1.3.0 no.such.item because", "no.such.item|nothing|not an item"),
        ("move 1.3.0 31 feb", "."),
        ("skip yesterday because", "."),
        ("extra 1 jan 1999", "."),
        ("approve 1.3.0 deadbeef", "."),
        ("start banana", "What kind|Start a release"),
        ("settle nothing is open", "No concern|no concern|None|nothing"),
        ("diff 1.0.0 9.9.9", "."),
        ("help nonsense", "I do not know"),
        ("roles 0.0.1", "There is no v0.0.1"),
    ],
)
async def test_words_that_mean_nothing_get_a_clear_answer(shared: Team, words: str, answer: str) -> None:
    person = shared.priya
    await person.types(f"/release {words}")
    await shared.app.replies.after.idle()
    shown = person.reads(person.form) if person.form else person.private()
    await person.closes(everything=True) if person.form else None
    assert re.search(answer, shown), f"{words}: {shown}"
    assert "Something in me failed" not in shown and "Traceback" not in shown
    await shared.settles()


@calm
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_words_are_only_words(shared: Team, text: str) -> None:
    for words in (text, f"status {text}", f"help {text}", f"why {text}", f"concern 1.3.0 {text}", f"list {text}"):
        await shared.dana.types(f"/release {words}")
        await shared.app.replies.after.idle()
        if shared.dana.form:
            await shared.dana.closes(everything=True)
        assert "Something in me failed" not in shared.dana.private(), words
    await shared.settles()
    for concern in (await shared.facts("1.3.0"))["concerns"]:
        await shared.says("dana", f"settle 1.3.0 settled {concern['id']}")
        if shared.dana.form:
            await shared.dana.closes(everything=True)


# --- hostile text from people and from the repository, through a whole release -------------------------------------


async def test_hostile_text_travels_through_a_release_as_text(play: Team) -> None:
    for number, text in enumerate(HOSTILE.values()):
        subject = f"feat: {text} (#{400 + number})".replace("\x00", "")
        play.product.commit("develop", f"app/hostile{number}.py", "x = 1\n", author="Dana", subject=subject)
    await play.priya.types("/release start")
    await play.priya.submits({"Title": HOSTILE["mentions"] + HOSTILE["git"]})
    await play.priya.closes(everything=True)
    await play.settles()
    await play.says("dana", f"concern 1.3.0 {HOSTILE['links']} {HOSTILE['markup']}")
    await play.says("dana", "settle 1.3.0 " + HOSTILE["directions"])
    await play.says("mira", "notes stakeholders")
    await play.mira.clicks("Mend the texts…")
    hostile = {"What customers get": HOSTILE["mentions"] + "\n" + HOSTILE["long"][:2000]}
    assert await play.mira.submits(hostile) == {}
    await play.mira.closes(everything=True)
    await play.to_stabilization()
    for word in ("scope", "diff", "notes", "audit", "list"):
        assert "Something in me failed" not in await play.says("dana", word)
    await play.says("theo", f"hold 1.3.0 {HOSTILE['quotes']}")
    await play.says("theo", f"resume 1.3.0 {HOSTILE['lines']}")
    await play.to_preparation()
    await play.says("mira", f"reject 1.3.0 {HOSTILE['markup']}")
    assert await play.mira.submits() == {}
    await play.mira.closes(everything=True)
    await play.settles()
    await play.mira.clicks("Approve after all", within="dm")
    await play.settles()
    await play.ships("1.3.0")
    assert play.product.commit_of("refs/tags/v1.3.0")
    assert not Path("/tmp/pwned").exists()
    with sqlite3.connect(play.app.settings.database.removeprefix("sqlite:///")) as db:
        assert db.execute("SELECT count(*) FROM release").fetchone() == (1,)


async def test_text_that_is_too_long_or_too_short_is_refused_at_the_field(minor: Team) -> None:
    play = minor
    await play.mira.clicks("Reject…", within="dm")
    for text in ("x", "word " * 1000):
        try:
            errors = await play.mira.submits({"What has to change?": text})
        except LookupError:
            continue  # Slack itself does not take it
        assert list(errors) == ["reason"] and "characters" in errors["reason"], errors
    await play.mira.closes(everything=True)
    told = await play.says("theo", f"hold 1.3.0 {'word ' * 1000}")
    assert re.search("1,?000", told) and not (await play.facts("1.3.0"))["hold"], told


# --- clicks that should not be --------------------------------------------------------------------------------------


async def test_a_guest_and_a_stranger_click_and_are_told_who_may(minor: Team) -> None:
    play = minor
    vera = play.slack.person("Vera")
    planned = next(m for m in vera.messages("product-news"))
    assert vera.buttons(planned) == [], "what guests see has nothing to press"
    block = {"type": "actions", "block_id": "do", "elements": []}
    card = play.card("1.3.0")
    button = next(
        e for b in card.blocks if b["type"] == "actions" for e in b["elements"] if e["action_id"] == "approve"
    )
    forged = Spot(planned, block, button)
    pressed = await play.slack.hands.press(vera.id, forged)
    assert pressed.ok
    await play.settles()
    assert "Only the product manager" in vera.private(), vera.private()
    for label in ("cancel", "go", "rollback", "begin", "hold"):
        made = dict(button, action_id=label, value=f"{(await play.facts('1.3.0'))['id']}||{999}")
        assert (await play.slack.hands.press(vera.id, Spot(planned, block, made))).ok
        await play.app.replies.after.idle()
        if vera.form:
            await vera.closes(everything=True)
    assert await play.phase("1.3.0") == "preparation" and not (await play.facts("1.3.0"))["hold"]


async def test_buttons_that_nobody_made_are_answered(minor: Team) -> None:
    play = minor
    card = play.card("1.3.0")
    block = next(b for b in card.blocks if b["type"] == "actions")
    for action, value in (
        ("no_such_verb", "1||"), ("approve", "999999|product_manager|abc"), ("approve", "not a number"), ("begin", ""),
        ("tick", "1|no.such|no.such"), ("go", "1|said|77"), ("more", "x"), ("run", "||"), ("a" * 200, "1|" * 500),
    ):  # fmt: skip
        made = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": action, "value": value}
        before = len(play.priya.messages("releases"))
        assert (await play.slack.hands.press("U0PRIYA", Spot(card, block, made))).ok, action
        await play.settles()
        shown = play.priya.reads(play.priya.form) or play.priya.private()
        assert "Something in me failed" not in shown and (len(play.priya.messages("releases")) > before or shown)
        if play.priya.form:
            await play.priya.closes(everything=True)
    assert await play.phase("1.3.0") == "preparation"
    assert (await play.facts("1.3.0"))["approvals"][0]["given"] == []


async def test_one_hundred_clicks_at_once_are_one_signature(minor: Team) -> None:
    play = minor
    asked = next(m for m in play.mira.dm() if LAST in play.mira.buttons(m))
    await asyncio.gather(*(play.mira.clicks(LAST, asked) for _ in range(25)))
    await play.settles()
    assert len((await play.facts("1.3.0"))["approvals"][0]["given"]) == 1
    assert sum("approved v1.3.0" in line for line in play.thread("1.3.0")) == 1
