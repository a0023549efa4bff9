"""What people do reaches the bot as Slack sends it: signed, in Slack's shapes, in three seconds, clicks only once."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

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
    await asyncio.sleep(0.6)


# -- commands --------------------------------------------------------------------------------------------------------


async def test_a_command_is_signed_and_answered_privately(slack: Workspace, bot: Any) -> None:
    bot.says("command", {"text": "v1.3.0 is started."})
    delivery = await slack.person("Priya").types("/release start minor @theo in #support & <more>")
    assert delivery is not None
    assert delivery.ok
    form = bot.heard[0]
    assert form["command"] == "/release"
    assert form["text"] == "start minor <@U0THEO|theo> in <#C0SUPPORT|support> &amp; &lt;more&gt;"
    assert (form["user_id"], form["channel_id"], form["channel_name"]) == ("U0PRIYA", "C0RELEASES", "releases")
    assert slack.person("Priya").private() == "v1.3.0 is started."
    assert slack.person("Theo").private() == ""
    assert slack.unexpected() == []


async def test_groups_are_escaped_and_strangers_are_not(slack: Workspace, bot: Any) -> None:
    await slack.person("Priya").types("/release delegate @product-managers @nobody me@example.com")
    assert bot.heard[0]["text"] == "delegate <!subteam^S0PM|@product-managers> @nobody me@example.com"


async def test_a_forged_request_is_what_the_bot_can_tell(slack: Workspace, bot: Any) -> None:
    slack.courier.signing_secret = "another secret"
    delivery = await slack.person("Priya").types("/release")
    assert delivery is not None
    assert (delivery.status, delivery.error, bot.heard) == (401, "dispatch_failed", [])


async def test_an_answer_in_channel_is_for_all(slack: Workspace, bot: Any) -> None:
    bot.says("command", {"text": "All can read.", "response_type": "in_channel"})
    await slack.person("Priya").types("/release status")
    assert slack.person("Theo").sees().channels["releases"] == ["All can read."]


async def test_a_late_answer_is_a_timeout_and_is_not_repeated(slack: Workspace, bot: Any) -> None:
    bot.on("command", slow)
    delivery = await slack.person("Priya").types("/release status")
    assert delivery is not None
    assert delivery.error == "operation_timeout"
    assert slack.person("Priya").private() == '/release failed with the error "operation_timeout"'
    await asyncio.sleep(0.7)
    assert len(bot.heard) == 1
    assert slack.unexpected() == ["command /release by U0PRIYA: operation_timeout"]


async def test_an_answer_that_slack_refuses_is_told(slack: Workspace, bot: Any) -> None:
    bot.says("command", {"blocks": [{"type": "header", "text": words("x" * 200)}]})
    await slack.person("Priya").types("/release status")
    assert slack.person("Priya").private() == '/release failed with the error "invalid_blocks"'
    assert len(slack.unexpected()) == 1


async def test_a_command_does_not_work_in_a_thread(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0RELEASES", text="Card.")
    priya = slack.person("Priya")
    with pytest.raises(NotThere, match="not supported in threads"):
        await priya.types("/release why", thread=priya.newest())
    assert bot.heard == []


async def test_nobody_at_home_is_told(slack: Workspace) -> None:
    slack.bot_url = "http://127.0.0.1:9"
    await slack.person("Priya").types("/release")
    assert slack.person("Priya").private() == '/release failed with the error "dispatch_failed"'


# -- clicks ----------------------------------------------------------------------------------------------------------


async def test_a_click_carries_message_ids_and_address(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(
        channel="C0RELEASES", text="Card.", blocks=card(button("Approve…", "approve"))
    )
    pressed = await slack.person("Mira").clicks("Approve")
    assert pressed.ok
    payload = bot.heard[0]
    assert payload["type"] == "block_actions"
    assert payload["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": "C0RELEASES",
        "is_ephemeral": False,
    }
    assert (payload["message"]["ts"], payload["message"]["bot_id"]) == (posted["ts"], "B0BOT")
    action = payload["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("approve", "do", "v1.3.0")
    assert payload["response_url"].startswith(f"{slack.url}/response/")


async def test_the_dialog_comes_first(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    asks = {"title": words("Go?"), "text": words("About 7 min."), "confirm": words("Go"), "deny": words("Not now")}
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(button("Go…", "go", confirm=asks)))
    priya = slack.person("Priya")
    backed_out = await priya.clicks("Go…", confirm=False)
    assert (backed_out.sent, priya.last_dialog, bot.heard) == (False, "Go?\nAbout 7 min.", [])
    assert (await priya.clicks("Go…")).sent
    assert len(bot.heard) == 1


async def test_menus_and_pickers_tell_what_was_chosen(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    more = {"type": "overflow", "action_id": "more", "options": [{"text": words("Roles"), "value": "roles"}]}
    lead = {"type": "users_select", "action_id": "lead", "placeholder": words("Who leads it?")}
    day = {"type": "datepicker", "action_id": "day"}
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(more, lead, day))
    priya = slack.person("Priya")
    await priya.clicks("Roles")
    await priya.chooses("Who leads it?", "Theo")
    await priya.chooses("day", "2026-12-16")
    chosen = [payload["actions"][0] for payload in bot.heard]
    assert chosen[0]["selected_option"]["value"] == "roles"
    assert chosen[1]["selected_user"] == "U0THEO"
    assert chosen[2]["selected_date"] == "2026-12-16"
    assert bot.heard[2]["state"]["values"]["do"]["lead"]["selected_user"] == "U0THEO"


async def test_a_click_that_times_out_is_told_and_not_repeated(
    slack: Workspace, bot: Any, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(button("Approve")))
    bot.on("block_actions", slow)
    pressed = await slack.person("Mira").clicks("Approve")
    assert not pressed.ok
    assert "operation_timeout" in slack.person("Mira").private()
    await asyncio.sleep(0.7)
    assert len(bot.heard) == 1


async def test_what_a_person_cannot_see_cannot_be_pressed(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="U0MIRA", text="x", blocks=card(button("Approve")))
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=card(button("Approved list", "list")))
    with pytest.raises(NotThere, match="what is there: Approved list"):
        await slack.person("Priya").clicks("Approve")
    await slack.person("Mira").clicks("Approve", within="dm")
    assert bot.heard[0]["channel"]["name"] == "directmessage"


async def test_home_clicks_have_no_address(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    async def publish(payload: Json) -> None:
        assert payload["event"]["type"] == "app_home_opened"
        await client.views_publish(
            user_id=payload["event"]["user"], view={"type": "home", "blocks": card(button("Open"))}
        )

    bot.on("event_callback", publish)
    mira = slack.person("Mira")
    await mira.opens_home()
    assert mira.sees().home == "[Open]"
    await mira.clicks("Open", within="home")
    payload = bot.heard[-1]
    assert payload["container"]["type"] == "view"
    assert "response_url" not in payload
    assert "message" not in payload


# -- response_url ----------------------------------------------------------------------------------------------------


async def test_five_answers_and_no_sixth(slack: Workspace, bot: Any) -> None:
    await slack.person("Priya").types("/release status")
    address = AsyncWebhookClient(bot.heard[0]["response_url"])
    for number in range(5):
        assert (await address.send(text=f"Answer {number}")).status_code == 200
    sixth = await address.send(text="Too many")
    assert (sixth.status_code, "used_url" in sixth.body) == (404, True)
    assert slack.person("Priya").private() == "Answer 4"
    assert slack.person("Theo").private() == ""


async def test_an_address_lives_thirty_minutes(slack: Workspace, bot: Any) -> None:
    await slack.person("Priya").types("/release status")
    slack.transport.pass_by(30 * 60 + 1)
    late = await AsyncWebhookClient(bot.heard[0]["response_url"]).send(text="Late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)
    unknown = await AsyncWebhookClient(f"{slack.url}/response/made-up").send(text="x")
    assert unknown.status_code == 404


async def test_replace_and_delete_the_private_answer(slack: Workspace, bot: Any) -> None:
    bot.says("command", {"text": "Which one?", "blocks": card(button("v1.3.0", "pick"))})
    mira = slack.person("Mira")
    await mira.types("/release why")
    await mira.clicks("v1.3.0")
    payload = bot.heard[-1]
    assert payload["container"]["is_ephemeral"] is True
    assert "message" not in payload
    address = AsyncWebhookClient(payload["response_url"])
    await address.send(text="v1.3.0 waits for Mira.", blocks=[], replace_original=True)
    assert mira.sees().private == ["v1.3.0 waits for Mira."]
    await address.send(delete_original=True)
    assert mira.sees().private == []


async def test_replacing_the_card_itself_keeps_its_place(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0RELEASES", text="Old.", blocks=card(button("Go"))))["ts"]
    await slack.person("Priya").clicks("Go")
    await AsyncWebhookClient(bot.heard[0]["response_url"]).send(text="New.", replace_original=True)
    assert [(m.ts, m.text, m.blocks) for m in slack.messages("releases")] == [(ts, "New.", [])]


async def test_a_wrong_answer_at_the_address_is_refused(slack: Workspace, bot: Any) -> None:
    await slack.person("Priya").types("/release")
    address = AsyncWebhookClient(bot.heard[0]["response_url"])
    assert (await address.send(blocks=[{"type": "banner"}])).status_code == 400
    assert (await address.send(text="")).status_code == 400
    url = bot.heard[0]["response_url"]
    async with aiohttp.ClientSession() as session, session.post(url, data="not json") as answer:
        assert answer.status == 400
    assert len(slack.answers.troubles) == 2


# -- forms -----------------------------------------------------------------------------------------------------------


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


# -- shortcuts and events ----------------------------------------------------------------------------------------------


async def test_shortcuts(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0RELEASES", text="Search is slow.")
    mira = slack.person("Mira")
    await mira.shortcut("start")
    await mira.shortcut("concern", on=mira.newest())
    assert (bot.heard[0]["type"], bot.heard[0]["callback_id"]) == ("shortcut", "start")
    assert (bot.heard[1]["type"], bot.heard[1]["message"]["text"]) == ("message_action", "Search is slow.")
    assert "response_url" in bot.heard[1]
    assert "response_url" not in bot.heard[0]


async def test_a_mention_is_heard(slack: Workspace, bot: Any) -> None:
    await slack.person("Mira").types("@Release Bot why")
    kinds = [payload["event"]["type"] for payload in bot.heard]
    assert sorted(kinds) == ["app_mention", "message"]
    assert bot.heard[0]["event"]["text"] == "<@U0BOT> why"
    assert len({payload["event_id"] for payload in bot.heard}) == 2


async def test_what_people_change_is_heard(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0RELEASES", text="Card."))["ts"]
    releases = slack.state.channel("releases")
    message = slack.state.find("C0RELEASES", ts)
    assert message is not None
    slack.people.delete(message)
    slack.people.set_group("S0PM", ["U0JO"])
    slack.people.leave(releases, "U0DANA")
    slack.people.rename(releases, "trains")
    slack.people.archive(releases)
    slack.people.leave(releases, "U0BOT")
    await slack.settled()
    events = {p["event"].get("subtype") or p["event"]["type"]: p["event"] for p in bot.heard}
    assert events["message_deleted"]["deleted_ts"] == ts
    assert events["subteam_members_changed"]["added_users"] == ["U0JO"]
    assert events["subteam_members_changed"]["removed_users"] == ["U0MIRA"]
    assert events["member_left_channel"]["user"] == "U0DANA"
    assert events["channel_rename"]["channel"]["name"] == "trains"
    assert events["channel_archive"]["channel"] == "C0RELEASES"
    assert "channel_left" in events


async def test_an_event_comes_again_three_times(slack: Workspace, bot: Any) -> None:
    bot.says("event_callback", web.Response(status=500))
    await slack.person("Mira").opens_home()
    await slack.settled()
    assert [headers.get("x-slack-retry-num") for headers in bot.headers] == [None, "1", "2", "3"]
    assert bot.headers[1]["x-slack-retry-reason"] == "http_error"
    assert len({payload["event_id"] for payload in bot.heard}) == 1


async def test_an_event_is_not_repeated_when_the_bot_says_so(slack: Workspace, bot: Any) -> None:
    bot.says("event_callback", web.Response(status=500, headers={"x-slack-no-retry": "1"}))
    await slack.person("Mira").opens_home()
    await slack.settled()
    assert len(bot.heard) == 1


async def test_a_lost_group_change_is_silent(slack: Workspace, bot: Any, client: AsyncWebClient) -> None:
    slack.people.set_group("S0PM", [], silently=True)
    await slack.settled()
    assert bot.heard == []
    assert (await client.usergroups_users_list(usergroup="S0PM"))["users"] == []
