"""Signed requests over real HTTP: answered in time, in the right place, whatever the handler does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import AsyncMock
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.replies import Replies
from bot.slack_events import SlackEvents
from handlers.request import Answer, Form, Message, Request
from tests.bot.conftest import Stage
from tests.bot.wire import HELLO, sent

FORM = Form(
    "A form",
    [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why?"},
            "element": {"type": "plain_text_input", "action_id": "why"},
        }
    ],
    "hold",
    "7|hold|3|C1",
    "Send",
)
BUTTONS = Message(
    "Choose.",
    [
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "why", "value": "7||", "text": {"type": "plain_text", "text": "Why"}}
            ],
        }
    ],
)


async def test_a_command_is_answered_in_the_body(stage: Stage, answers: Any) -> None:
    asked = answers(Answer(private=HELLO))
    priya = stage.slack.person("Priya")
    delivery = await priya.types("/release why 1.3.0")
    assert delivery.answer() == {"response_type": "ephemeral", "text": HELLO.text, "blocks": HELLO.blocks}
    assert "Hello" in priya.private()
    assert [(r.kind, r.actor, r.text, r.channel) for r in asked] == [("command", "U0PRIYA", "why 1.3.0", "C0RELEASES")]
    assert asked[0].key.startswith("trigger:")


async def test_a_form_opens_after_the_answer(stage: Stage, answers: Any) -> None:
    answers(Answer(form=FORM))
    priya = stage.slack.person("Priya")
    delivery = await priya.types("/release hold")
    assert delivery.ok and delivery.body == ""
    assert (await priya.waits_for_form()).body["callback_id"] == "hold"


async def test_a_form_that_could_not_open_offers_its_button_again(stage: Stage, answers: Any) -> None:
    answers(Answer(form=FORM))
    stage.slack.faults.add("views.open", "refuse", code="expired_trigger_id")
    priya = stage.slack.person("Priya")
    await priya.types("/release hold")
    await stage.app.replies.after.idle()
    assert "did not open" in priya.private()
    assert priya.buttons(priya.private_message()) == ["Open it again"]
    asked = answers(Answer(private=HELLO))
    await priya.clicks("Open it again")
    assert (asked[0].action_id, asked[0].value) == ("hold", "7|hold|3")


async def test_a_click_is_answered_privately_and_replaced_in_place(stage: Stage, answers: Any) -> None:
    answers(Answer(private=BUTTONS))
    priya = stage.slack.person("Priya")
    await priya.types("/release")
    before = len(stage.slack.state.messages["C0RELEASES"])
    asked = answers(Answer(private=HELLO, replace=True))
    await priya.clicks("Why")
    await stage.app.replies.after.idle()
    assert "Hello" in priya.private()
    assert len(stage.slack.state.messages["C0RELEASES"]) == before
    assert (asked[0].action_id, asked[0].value) == ("why", "7||")


async def test_what_comes_later_is_answered_in_the_place_of_the_first(stage: Stage, answers: Any) -> None:
    coming: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    answers(Answer(private=BUTTONS, later=coming))
    priya = stage.slack.person("Priya")
    assert (await priya.types("/release where #341")).answer()["text"] == BUTTONS.text
    coming.set_result(Answer(private=HELLO))
    await stage.app.replies.after.idle()
    assert priya.private() == "Hello", "to her alone, at the address of the command"
    in_thread: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    answers(Answer(in_thread=BUTTONS, later=in_thread))
    assert (await sent(stage, await mention(stage), "application/json"))[0] == 200
    in_thread.set_result(Answer(in_thread=HELLO))
    await stage.app.replies.after.idle()
    assert [stage.posts_about(words.text) for words in (BUTTONS, HELLO)] == [1, 1]


async def test_a_public_message_is_never_replaced_by_a_private_answer(stage: Stage, answers: Any) -> None:
    await stage.app.slack.post("C0RELEASES", BUTTONS.text, BUTTONS.blocks)
    answers(Answer(private=HELLO, replace=True))
    await stage.slack.person("Priya").clicks("Why")
    await stage.app.replies.after.idle()
    assert stage.texts() == ["Choose."]
    assert "Hello" in stage.slack.person("Priya").private()
    assert "Hello" not in stage.slack.person("Theo").private()


async def test_when_the_address_is_gone_an_ephemeral_message_is_posted(stage: Stage, answers: Any) -> None:
    await stage.app.slack.post("C0RELEASES", BUTTONS.text, BUTTONS.blocks)

    async def used_up(request: Request) -> Answer:
        for address in stage.slack.permits._addresses.values():
            address.uses = 5
        return Answer(private=HELLO)

    answers(used_up)
    await stage.slack.person("Priya").clicks("Why")
    await stage.app.replies.after.idle()
    assert "Hello" in stage.slack.person("Priya").private()
    assert any(call.method == "chat.postEphemeral" for call in stage.slack.calls)


async def test_a_form_s_errors_stand_at_its_fields_and_success_in_its_place(stage: Stage, answers: Any) -> None:
    priya = stage.slack.person("Priya")
    answers(Answer(form=FORM))
    await priya.types("/release hold")
    await priya.waits_for_form()
    asked = answers(Answer(errors={"why": "Say it in at least 3 characters."}))
    assert await priya.submits({"why": "x"}) == {"why": "Say it in at least 3 characters."}
    assert asked[0].values == {"why": "x"} and asked[0].key.startswith("view:")
    answers(Answer(private=HELLO))
    assert await priya.submits({"why": "because"}) == {}
    assert "Hello" in priya.reads(priya.form)


@pytest.mark.parametrize(
    ("answer", "words"), [(Answer(private=HELLO), "Hello"), (Answer(form=FORM), "did not open")], ids=["words", "form"]
)
async def test_a_home_click_whose_form_cannot_open_any_more_is_answered_by_a_direct_message(
    stage: Stage, answers: Any, answer: Answer, words: str
) -> None:
    await stage.app.slack.publish_home("U0PRIYA", BUTTONS.blocks)
    stage.slack.faults.add("views.open", "refuse", code="expired_trigger_id")
    answers(answer)
    priya = stage.slack.person("Priya")
    await priya.clicks("Why")
    await stage.app.replies.after.idle()
    assert words in priya.reads(priya.dm()[-1])


async def test_a_home_click_publishes_home_and_shows_its_words(stage: Stage, answers: Any) -> None:
    priya = stage.slack.person("Priya")
    await stage.app.slack.publish_home("U0PRIYA", BUTTONS.blocks)
    asked = answers(Answer(private=HELLO))
    await priya.clicks("Why")
    await stage.app.replies.after.idle()
    assert asked[0].from_home
    assert "Hello" in priya.reads(priya.form)
    assert sum(call.method == "views.publish" for call in stage.slack.calls) == 2


async def mention(stage: Stage) -> str:
    """The body of an event: Dana asks why below a message."""
    message = await stage.app.slack.post("C0RELEASES", "root", BUTTONS.blocks)
    event = {"type": "app_mention", "user": "U0DANA", "channel": "C0RELEASES", "ts": message.ts,
             "text": "<@U0BOT> why"}  # fmt: skip
    return json.dumps({"type": "event_callback", "event_id": "Ev7", "team_id": "T0SANDBOX", "event": event})


async def test_a_mention_is_answered_once_in_its_thread(stage: Stage, answers: Any) -> None:
    asked = answers(Answer(in_thread=HELLO))
    body = await mention(stage)
    for retry in ("", "1"):  # Slack delivers again what was not answered in time
        assert (await sent(stage, body, "application/json", retry=retry))[0] == 200
    assert stage.posts_about("Hello.") == 1, "it stands before the 200"
    assert {(r.text, r.key) for r in asked} == {("why", "mention:Ev7")}  # a deed would be found done under its key


async def test_two_deliveries_of_a_mention_at_once_are_answered_once(stage: Stage, answers: Any) -> None:
    answers(Answer(in_thread=HELLO))
    body = await mention(stage)
    stage.slack.faults.add("chat.postMessage", "answer_late", seconds=0.3)
    told = await asyncio.gather(*(sent(stage, body, "application/json", retry=retry) for retry in ("", "1")))
    assert [status for status, _ in told] == [200, 200] and stage.posts_about("Hello.") == 1


@pytest.mark.parametrize("killed", [(Replies, "of_mention"), (SlackEvents, "seen")])
async def test_a_mention_whose_process_was_killed_is_answered_when_it_comes_again(
    stage: Stage, answers: Any, killed: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(Answer(in_thread=HELLO))
    body = await mention(stage)
    with monkeypatch.context() as patched:
        dies = AsyncMock(side_effect=asyncio.CancelledError)  # it ends there, as with its process
        patched.setattr(*killed, dies)
        await sent(stage, body, "application/json")
    assert stage.posts_about("Hello.") == (killed[0] is SlackEvents), "it stands, and nobody knows"
    assert (await sent(stage, body, "application/json", retry="1"))[0] == 200
    assert stage.posts_about("Hello.") == 1


async def test_a_late_handler_gets_kind_words_in_time(stage: Stage, answers: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.edge.ANSWER_UNTIL", 0.1)

    async def slow(request: Request) -> Answer:
        await asyncio.sleep(30)
        return Answer()

    answers(slow)
    priya = stage.slack.person("Priya")
    delivery = await priya.types("/release go")
    assert delivery.ok and "nothing is done twice" in priya.private()


async def test_a_broken_handler_is_no_empty_500(stage: Stage, answers: Any) -> None:
    async def broken(request: Request) -> Answer:
        raise RuntimeError("a bug with a secret inside")

    answers(broken)
    priya = stage.slack.person("Priya")
    delivery = await priya.types("/release go")
    assert delivery.ok
    assert "Something in me failed" in priya.private() and "secret" not in priya.private()


@pytest.mark.parametrize("kind", ["block_actions", "view_submission", "shortcut", "message_action", "block_suggestion"])
async def test_an_unknown_interaction_is_answered(stage: Stage, answers: Any, kind: str) -> None:
    answers(Answer())
    payload = {
        "type": kind,
        "user": {"id": "U0PRIYA"},
        "team": {"id": "T0SANDBOX"},
        "trigger_id": "1.1",
        "callback_id": "long_gone",
        "action_id": "x",
        "block_id": "b",
        "value": "",
        "actions": [{"type": "button", "action_id": "long_gone", "block_id": "b", "value": "1"}],
        "view": {"id": "V1", "type": "modal", "callback_id": "long_gone", "state": {"values": {}}},
    }
    status, _ = await sent(stage, urlencode({"payload": json.dumps(payload)}))
    assert status == 200


async def test_an_unknown_command_and_event_are_answered(stage: Stage) -> None:
    status, body = await sent(
        stage,
        urlencode({"command": "/other", "user_id": "U0PRIYA", "team_id": "T0SANDBOX", "trigger_id": "1", "text": ""}),
    )
    assert status == 200 and "/release" in body
    event = {"type": "event_callback", "event_id": "Ev9", "team_id": "T", "event": {"type": "reaction_added"}}
    assert (await sent(stage, json.dumps(event), "application/json"))[0] == 200


async def test_slack_s_own_checks_are_answered(stage: Stage) -> None:
    status, body = await sent(stage, json.dumps({"type": "url_verification", "challenge": "abc"}), "application/json")
    assert status == 200 and "abc" in body


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def test_health_and_readiness(stage: Stage, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{stage.slack.bot_url}/healthz") as answer:
        assert answer.status == 200
    async with session.get(f"{stage.slack.bot_url}/readyz") as answer:
        facts = await answer.json()
        assert answer.status == 200 and facts["ready"] and facts["warnings"] == []
    stage.app.readiness.draining = True
    stage.app.slack.skew = 200.0
    async with session.get(f"{stage.slack.bot_url}/readyz") as answer:
        facts = await answer.json()
        assert answer.status == 503 and facts["draining"]
