"""Bad input from people, from Slack and from the world around: a clear answer each time, nothing lost or doubled."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
import pytest_asyncio

from sandbox.workspace.payloads import Spot
from tests.scenarios.driver import Team, team

calm = pytest.mark.asyncio(loop_scope="module")
LAST = "Approve (last signature)"
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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def planned(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Team]:
    """v1.3.0 is in planning, for tests that leave it there."""
    async with team(tmp_path_factory.mktemp("planned")) as playing:
        await playing.says("priya", "start minor")
        yield playing


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
async def test_what_slack_did_not_sign_is_turned_away_and_does_nothing(planned: Team, forgery: str) -> None:
    body = urlencode(COMMAND).encode()
    headers = planned.slack.courier.signed(body)
    stamp, signature = headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]
    spoiled = {
        "none": {},
        "wrong": headers | {"X-Slack-Signature": f"v0={'0' * 64}"},
        "stale": headers | {"X-Slack-Request-Timestamp": str(int(stamp) - 3600)},
        "future": headers | {"X-Slack-Request-Timestamp": str(int(stamp) + 3600)},
        "other body": planned.slack.courier.signed(body + b"x"),
        "no number": headers | {"X-Slack-Request-Timestamp": "yesterday"},
        "not ascii": headers | {"X-Slack-Signature": signature[:-1] + "\u00e9"},
    }[forgery]
    assert await sent(planned, body, spoiled) == 401
    assert await planned.phase("1.3.0") == "planning"


@calm
async def test_a_replayed_click_is_answered_and_done_once(planned: Team) -> None:
    mira = planned.mira
    asked = next(m for m in mira.dm() if "Sign it off" in mira.buttons(m))
    await mira.clicks("Sign it off", asked)
    await planned.settles()
    payload = next(d.payload for d in reversed(planned.slack.deliveries) if d.kind == "block_actions")
    body = urlencode({"payload": json.dumps(payload)}).encode()
    lines = len(planned.thread("1.3.0"))
    for _ in range(2):
        assert await sent(planned, body, planned.slack.courier.signed(body)) == 200
        await planned.settles()
    assert len(planned.thread("1.3.0")) == lines, "nothing was done again"


@calm
@pytest.mark.parametrize(
    "payload", ["", "x", "{}", "[]", '{"type": "block_actions"}', '{"type": "view_submission", "view": {}}', "null"]
)
async def test_a_signed_request_that_makes_no_sense_harms_nobody(planned: Team, payload: str) -> None:
    body = urlencode({"payload": payload}).encode()
    assert await sent(planned, body, planned.slack.courier.signed(body)) in (200, 400, 404)
    assert "v1.3.0" in await planned.says("dana", "status")


# --- words that mean nothing ----------------------------------------------------------------------------------------


@calm
@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("frobnicate 1.3.0", "I do not know frobnicate"),
        ("1.3.0", "I do not know"),
        ("status 99.99.99", "There is no v99.99.99"),
        ("status 1.3.0 1.4.0", "v1."),
        ("why one.two.three", "What v1.3.0 still needs"),
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
async def test_words_that_mean_nothing_get_a_clear_answer(planned: Team, words: str, answer: str) -> None:
    person = planned.priya
    await person.types(f"/release {words}")
    await planned.app.replies.after.idle()
    shown = person.reads(person.form) if person.form else person.private()
    await person.closes(everything=True) if person.form else None
    assert re.search(answer, shown), f"{words}: {shown}"
    assert "Something in me failed" not in shown and "Traceback" not in shown
    await planned.settles()


@calm
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_words_are_only_words(planned: Team, text: str) -> None:
    for words in (text, f"status {text}", f"help {text}", f"why {text}", f"concern 1.3.0 {text}", f"list {text}"):
        await planned.dana.types(f"/release {words}")
        await planned.app.replies.after.idle()
        if planned.dana.form:
            await planned.dana.closes(everything=True)
        assert "Something in me failed" not in planned.dana.private(), words
    await planned.settles()
    for concern in (await planned.facts("1.3.0"))["concerns"]:
        await planned.says("dana", f"settle 1.3.0 settled {concern['id']}")
        if planned.dana.form:
            await planned.dana.closes(everything=True)


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


# --- Slack is not well ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["error_before", "rate_limited", "drop"])
async def test_slack_is_down_for_a_while_and_nothing_is_lost_or_doubled(minor: Team, kind: str) -> None:
    play = minor
    for method in ("chat.postMessage", "chat.update"):
        play.slack.faults.add(method, kind, times=1 if kind == "rate_limited" else 3, seconds=0.1)
    assert "is on hold" in await play.says("theo", "hold 1.3.0 waiting for the bank")
    assert "goes on" in await play.says("theo", "resume 1.3.0")
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    lines = play.thread("1.3.0")
    assert len(lines) == len(set(lines)), "something was said twice"
    for words in ("Theo put", "Theo resumed", "Mira approved"):
        assert sum(words in line for line in lines) == 1, (words, lines)
    assert "rc.1 since" in play.card_text("1.3.0")


async def test_a_form_that_slack_did_not_open_comes_as_a_button(minor: Team) -> None:
    play = minor
    play.slack.faults.add("views.open", "error_before", times=1)
    await play.theo.types("/release hold")
    await play.app.replies.after.idle()
    assert "Slack took too long, so the form did not open. Nothing was changed." in play.theo.private()
    await play.theo.clicks("Open it again")
    await play.app.replies.after.idle()
    assert "Why?" in play.theo.reads(play.theo.form)


async def test_a_private_answer_that_slack_loses_is_lost_alone(minor: Team) -> None:
    play = minor
    play.watch.expect("no answer: press by U0MIRA")
    play.slack.faults.add("chat.postEphemeral", "error_before", times=9)
    assert (await play.mira.clicks(LAST, within="dm")).ok
    await play.settles()
    assert len((await play.facts("1.3.0"))["approvals"][0]["given"]) == 1


async def posts_what_is_stuck(play: Team, names: str = "") -> None:
    """Priya was asked about each message that could not be posted, and presses Post it."""
    asked = [m for m in play.priya.dm() if "Post it" in play.priya.buttons(m)]
    assert asked and names in play.priya.reads(asked[0]), [play.priya.reads(m) for m in play.priya.dm()]
    for message in asked:
        await play.priya.clicks("Post it", message)
        await play.settles()


# --- channels -------------------------------------------------------------------------------------------------------


async def test_an_archived_channel_is_a_question_to_the_release_manager(minor: Team) -> None:
    play = minor
    play.watch.expect("is_archived", "effect_waits_for_a_person", "channel_not_found", "no channel")
    news = play.slack.state.channel("product-news")
    play.slack.people.archive(news)
    await play.slack.settled()
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    await play.ships("1.3.0")
    assert await play.phase("1.3.0") == "post-release", "the release itself went on"
    assert not any("is live" in t for t in play.channel("product-news"))
    play.slack.people.unarchive(news)
    await play.slack.settled()
    await posts_what_is_stuck(play, "stakeholders")
    assert sum("v1.3.0 is live" in t for t in play.channel("product-news")) == 1


async def test_a_renamed_channel_is_known_by_its_name_in_the_policy(minor: Team) -> None:
    play = minor
    play.watch.expect("effect_waits_for_a_person", "no channel", "channel_not_found")
    support = play.slack.state.channel("support")
    play.slack.people.rename(support, "help-desk")
    await play.slack.settled()
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    await play.to_the_hour("1.3.0")
    assert "Support told" in await play.says("dana", "why 1.3.0"), "nobody has read it, so it does not go out"
    play.slack.people.rename(support, "support")
    await play.slack.settled()
    await posts_what_is_stuck(play)
    await play.ships("1.3.0")
    for words in ("is updated", "was updated today"):
        assert sum(words in t for t in play.channel("support")) == 1, (words, play.channel("support"))


async def test_the_bot_was_removed_from_the_channel(minor: Team) -> None:
    play = minor
    play.watch.expect("not_in_channel", "effect_waits_for_a_person", "channel_not_found")
    support = play.slack.state.channel("support")
    play.slack.people.leave(support, "U0BOT")
    await play.slack.settled()
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    await play.to_the_hour("1.3.0")
    play.slack.people.join(support, "U0BOT")
    await play.slack.settled()
    await posts_what_is_stuck(play, "support")
    await play.ships("1.3.0")
    assert sum("was updated today" in t for t in play.channel("support")) == 1


async def test_a_card_that_somebody_deleted_is_posted_anew(minor: Team) -> None:
    play = minor
    play.watch.expect("message_not_found", "cant_update_message", "effect_failed")
    play.slack.people.delete(play.card("1.3.0"))
    await play.slack.settled()
    await play.mira.clicks(LAST, within="dm")
    await play.settles()
    assert "Preparation" in play.card_text("1.3.0")
    cards = [m for m in play.priya.messages("releases") if m.blocks and m.blocks[0].get("block_id") == "title"]
    assert len(cards) == 1
