"""Forms: filled, checked by the client, sent, answered with errors or other forms, closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.errors import NotThere
from sandbox.workspace.workspace import Workspace

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(label: str, action_id: str = "", **over: Any) -> Json:
    return {"type": "button", "text": words(label), "action_id": action_id or label.lower(), "value": "v1.3.0", **over}


def card(*elements: Json) -> list[Json]:
    return [{"type": "actions", "block_id": "do", "elements": list(elements)}]


def reason_form(**over: Any) -> Json:
    field = {"type": "plain_text_input", "action_id": "why", "min_length": 10}
    block = {"type": "input", "block_id": "reason", "label": words("What has to change?"), "element": field}
    return {
        "type": "modal",
        "callback_id": "reject",
        "title": words("Reject v1.3.0"),
        "submit": words("Reject"),
        "private_metadata": "v1.3.0",
        "blocks": [block],
        **over,
    }


async def slow(payload: Json) -> None:
    await asyncio.sleep(0.5)


@pytest.fixture
async def rejecting(slack: Workspace, bot: Any, client: AsyncWebClient) -> Any:
    """Mira with the reject form open."""
    background: set[asyncio.Task[Any]] = set()

    async def opens(payload: Json) -> None:
        # After the answer, as a bot does that keeps its three seconds.
        work = client.views_open(trigger_id=payload["trigger_id"], view=reason_form(notify_on_close=True))
        background.add(asyncio.create_task(work))  # type: ignore[arg-type]

    bot.on("block_actions", opens)
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(button("Reject…", "reject")))
    mira = slack.person("Mira")
    await mira.clicks("Reject")
    await mira.waits_for_form()
    return mira


async def test_a_form_is_filled_and_sent(rejecting: Any, bot: Any, slack: Workspace) -> None:
    assert rejecting.sees().form == "Reject v1.3.0\nWhat has to change? ____"
    assert await rejecting.submits({"What has to change?": "Statements show the wrong month"}) == {}
    payload = bot.heard[-1]
    assert payload["type"] == "view_submission"
    assert payload["view"]["state"]["values"]["reason"]["why"]["value"] == "Statements show the wrong month"
    assert (payload["view"]["callback_id"], payload["view"]["private_metadata"]) == ("reject", "v1.3.0")
    assert rejecting.form is None


async def test_the_client_checks_first(rejecting: Any, bot: Any) -> None:
    heard = len(bot.heard)
    assert await rejecting.submits() == {"reason": "Please complete this required field."}
    assert await rejecting.submits({"reason": "short"}) == {"reason": "Please enter at least 10 characters."}
    assert len(bot.heard) == heard


async def test_errors_stand_at_the_field(rejecting: Any, bot: Any) -> None:
    bot.says("view_submission", {"response_action": "errors", "errors": {"reason": "Say which page."}})
    assert await rejecting.submits({"reason": "it is simply wrong"}) == {"reason": "Say which page."}
    assert rejecting.form is not None
    bot.says("view_submission", None)
    assert await rejecting.submits() == {}
    assert rejecting.form is None


async def test_errors_at_no_field_are_trouble(rejecting: Any, bot: Any, slack: Workspace) -> None:
    bot.says("view_submission", {"response_action": "errors", "errors": {"why": "An action id is not a block id."}})
    with pytest.raises(NotThere, match="trouble connecting"):
        await rejecting.submits({"reason": "it is simply wrong"})
    assert "no input block has the id why" in slack.unexpected()[0]


async def test_an_answer_shows_another_form_in_its_place_or_over_it(rejecting: Any, bot: Any) -> None:
    sure = reason_form(title=words("Are you sure?"))
    bot.says("view_submission", {"response_action": "update", "view": sure})
    await rejecting.submits({"reason": "it is simply wrong"})
    assert rejecting.sees().form.startswith("Are you sure?")
    assert rejecting.form.drafts["reason"]["why"]["value"] == "it is simply wrong", "same ids keep what was typed"
    bot.says("view_submission", {"response_action": "push", "view": reason_form(title=words("On top"))})
    await rejecting.submits()
    assert rejecting.sees().form.startswith("On top")
    await rejecting.closes()
    assert rejecting.sees().form.startswith("Are you sure?")
    bot.says("view_submission", {"response_action": "clear"})
    await rejecting.submits()
    assert rejecting.form is None


async def test_a_form_that_slack_refuses_is_trouble(rejecting: Any, bot: Any, slack: Workspace) -> None:
    bot.says("view_submission", {"response_action": "update", "view": reason_form(title=words("x" * 25))})
    with pytest.raises(NotThere):
        await rejecting.submits({"reason": "it is simply wrong"})
    assert "less than 25" in slack.unexpected()[0]


async def test_a_form_that_is_not_answered_stays_with_what_was_typed(
    rejecting: Any, bot: Any, slack: Workspace
) -> None:
    bot.on("view_submission", slow)
    with pytest.raises(NotThere, match="trouble connecting"):
        await rejecting.submits({"reason": "it is simply wrong"})
    assert "it is simply wrong" in rejecting.sees().form
    assert "operation_timeout" in slack.unexpected()[0]


async def test_closing_is_told_when_asked_for(rejecting: Any, bot: Any) -> None:
    await rejecting.closes()
    assert (bot.heard[-1]["type"], bot.heard[-1]["is_cleared"]) == ("view_closed", False)
    with pytest.raises(NotThere, match="no form is open"):
        await rejecting.closes()


async def test_a_choice_in_a_form_is_told_with_all_values(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    kinds = [{"text": words(kind), "value": kind.lower()} for kind in ("Minor", "Major")]
    kind = {"type": "radio_buttons", "action_id": "kind", "options": kinds, "initial_option": kinds[0]}
    version = {"type": "plain_text_input", "action_id": "version", "initial_value": "1.3.0"}
    blocks = [
        {"type": "input", "block_id": "kind", "label": words("What kind?"), "element": kind, "dispatch_action": True},
        {"type": "input", "block_id": "version", "label": words("Version"), "element": version},
    ]
    view = reason_form(blocks=blocks)
    await client.views_open(trigger_id=slack.permits.trigger("U0PRIYA").id, view=view)
    priya = slack.person("Priya")
    await priya.fills({"What kind?": "Major", "Version": "2.0.0"})
    payload = bot.heard[-1]
    assert payload["actions"][0]["selected_option"]["value"] == "major"
    assert payload["view"]["state"]["values"]["version"]["version"]["value"] == "1.3.0"
    await priya.submits()
    values = bot.heard[-1]["view"]["state"]["values"]
    assert (values["kind"]["kind"]["selected_option"]["value"], values["version"]["version"]["value"]) == (
        "major",
        "2.0.0",
    )


async def test_a_choice_that_is_not_reported_is_only_kept(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    items = [{"text": words(item), "value": item} for item in ("a11y", "docs")]
    boxes = {"type": "checkboxes", "action_id": "done", "options": items, "initial_options": items[1:]}
    block = {"type": "input", "block_id": "yours", "label": words("Yours"), "element": boxes}
    await client.views_open(trigger_id=slack.permits.trigger("U0QADIR").id, view=reason_form(blocks=[block]))
    qadir = slack.person("Qadir")
    assert not (await qadir.clicks("a11y")).sent
    await qadir.clicks("docs")
    assert bot.heard == []
    await qadir.submits()
    chosen = bot.heard[0]["view"]["state"]["values"]["yours"]["done"]["selected_options"]
    assert [one["value"] for one in chosen] == ["a11y"]
