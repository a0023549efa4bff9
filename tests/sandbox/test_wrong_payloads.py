"""Every rule of Slack's that the sandbox enforces, broken once over real HTTP: refused with Slack's own code."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.workspace import Workspace

Json = dict[str, Any]


def words(text: str, kind: str = "plain_text") -> Json:
    return {"type": kind, "text": text}


def button(**over: Any) -> Json:
    return {"type": "button", "text": words("Go"), "action_id": "go", **over}


def option(number: int = 1, **over: Any) -> Json:
    return {"text": words(f"Choice {number}"), "value": f"v{number}", **over}


def select(**over: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": [option(1), option(2)], **over}


def radio(**over: Any) -> Json:
    return {"type": "radio_buttons", "action_id": "pick", "options": [option(1), option(2)], **over}


def actions(*elements: Json, **over: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **over}


def section(text: str = "Hello", **over: Any) -> Json:
    return {"type": "section", "text": words(text, "mrkdwn"), **over}


def asked(element: Json, **over: Any) -> Json:
    return {"type": "input", "block_id": "field", "label": words("Why?"), "element": element, **over}


def typed(**over: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "why", **over}


def confirm(**over: Any) -> Json:
    asks = {"title": words("Sure?"), "text": words("It goes out."), "confirm": words("Go"), "deny": words("Stay")}
    return asks | over


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": list(parts)}


def task(**over: Any) -> Json:
    return {"type": "task_card", "task_id": "t", "title": "Tests", "status": "pending", **over}


HEADER: Json = {"type": "header", "text": words("v1.3.0")}
IMAGE: Json = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A chart"}

# What is wrong, the blocks of a message, and a word of the explanation that Slack gives.
WRONG_BLOCKS: dict[str, tuple[list[Any], str]] = {
    "51 blocks": ([{"type": "divider"}] * 51, "no more than 50 items"),
    "unknown block": ([{"type": "banner"}], "unsupported type: banner"),
    "block without type": ([{"text": words("x")}], "missing required field: type"),
    "unknown key of a block": ([section(colour="red")], "invalid additional property: colour"),
    "alert outside a form": ([{"type": "alert", "text": words("x")}], "unsupported type: alert"),
    "header too long": ([{"type": "header", "text": words("x" * 151)}], "less than 151"),
    "header in mrkdwn": ([{"type": "header", "text": words("x", "mrkdwn")}], "must be plain_text"),
    "header without text": ([{"type": "header"}], "missing required field: text"),
    "header empty": ([{"type": "header", "text": words("")}], "more than 0"),
    "header as a string": ([{"type": "header", "text": "v1.3.0"}], "must be an object"),
    "section too long": ([section("x" * 3001)], "less than 3001"),
    "section empty": ([section("")], "more than 0"),
    "section with nothing": ([{"type": "section"}], "missing required field: text"),
    "text of unknown kind": ([{"type": "section", "text": words("x", "markdown")}], "unsupported type: markdown"),
    "emoji in mrkdwn": ([{"type": "section", "text": words("x", "mrkdwn") | {"emoji": True}}], "property: emoji"),
    "verbatim in plain text": ([{"type": "section", "text": words("x") | {"verbatim": True}}], "property: verbatim"),
    "emoji not a boolean": ([{"type": "header", "text": words("x") | {"emoji": "yes"}}], "must be a boolean"),
    "text not a string": ([{"type": "section", "text": {"type": "mrkdwn", "text": 5}}], "must be a string"),
    "11 fields": ([{"type": "section", "fields": [words("x")] * 11}], "no more than 10 items"),
    "no fields": ([{"type": "section", "fields": []}], "no fewer than 1 items"),
    "field too long": ([{"type": "section", "fields": [words("x" * 2001)]}], "less than 2001"),
    "text field as accessory": ([section(accessory=typed())], "unsupported type: plain_text_input in a section"),
    "11 context elements": ([{"type": "context", "elements": [words("x")] * 11}], "no more than 10 items"),
    "empty context": ([{"type": "context", "elements": []}], "no fewer than 1 items"),
    "button in a context": ([{"type": "context", "elements": [button()]}], "unsupported type: button in a context"),
    "26 buttons": ([actions(*[button(action_id=f"a{n}") for n in range(26)])], "no more than 25 items"),
    "no buttons": ([actions()], "no fewer than 1 items"),
    "text field among buttons": ([actions(typed())], "unsupported type: plain_text_input in an actions block"),
    "unknown element": ([actions({"type": "slider"})], "unsupported type: slider"),
    "button text too long": ([actions(button(text=words("x" * 76)))], "less than 76"),
    "button text in mrkdwn": ([actions(button(text=words("x", "mrkdwn")))], "must be plain_text"),
    "button without text": ([actions({"type": "button", "action_id": "a"})], "missing required field: text"),
    "button value too long": ([actions(button(value="x" * 2001))], "less than 2001"),
    "button value empty": ([actions(button(value=""))], "more than 0"),
    "button of unknown style": ([actions(button(style="default"))], "valid enum value"),
    "button with bad url": ([actions(button(url="javascript:alert(1)"))], "valid URL"),
    "button url too long": ([actions(button(url="https://example.com/" + "x" * 3000))], "less than 3001"),
    "accessibility label too long": ([actions(button(accessibility_label="x" * 76))], "less than 76"),
    "unknown key of a button": ([actions(button(disabled=True))], "invalid additional property: disabled"),
    "action_id too long": ([actions(button(action_id="x" * 256))], "less than 256"),
    "action_id empty": ([actions(button(action_id=""))], "more than 0"),
    "action_id twice in a block": ([actions(button(), button())], "already exists in this block"),
    "block_id too long": ([section(block_id="x" * 256)], "less than 256"),
    "block_id twice": ([section(block_id="a"), section(block_id="a")], '"a" already exists'),
    "confirm title too long": ([actions(button(confirm=confirm(title=words("x" * 101))))], "less than 101"),
    "confirm text too long": ([actions(button(confirm=confirm(text=words("x" * 301))))], "less than 301"),
    "confirm button too long": ([actions(button(confirm=confirm(confirm=words("x" * 31))))], "less than 31"),
    "deny button too long": ([actions(button(confirm=confirm(deny=words("x" * 31))))], "less than 31"),
    "confirm title in mrkdwn": ([actions(button(confirm=confirm(title=words("x", "mrkdwn"))))], "must be plain_text"),
    "confirm without text": ([actions(button(confirm={"title": words("x")}))], "missing required field: text"),
    "confirm of unknown style": ([actions(button(confirm=confirm(style="red")))], "valid enum value"),
    "overflow with 6": (
        [actions({"type": "overflow", "action_id": "m", "options": [option(n) for n in range(6)]})],
        "no more than 5 items",
    ),
    "overflow with none": ([actions({"type": "overflow", "action_id": "m", "options": []})], "no fewer than 1 items"),
    "option text too long": ([actions(select(options=[option(text=words("x" * 76))]))], "less than 76"),
    "option value too long": ([actions(select(options=[option(value="x" * 151)]))], "less than 151"),
    "option without value": ([actions(select(options=[{"text": words("x")}]))], "missing required field: value"),
    "option text in mrkdwn": ([actions(select(options=[option(text=words("x", "mrkdwn"))]))], "must be plain_text"),
    "option url in a select": ([actions(select(options=[option(url="https://a.example")]))], "property: url"),
    "same option twice": ([actions(select(options=[option(1), option(1)]))], "must be unique"),
    "101 options": ([actions(select(options=[option(n) for n in range(101)]))], "no more than 100 items"),
    "select without options": (
        [actions({"type": "static_select", "action_id": "s"})],
        "missing required field: options",
    ),
    "initial option elsewhere": ([actions(select(initial_option=option(9)))], "must match one of the options"),
    "placeholder too long": ([actions(select(placeholder=words("x" * 151)))], "less than 151"),
    "11 radio buttons": ([actions(radio(options=[option(n) for n in range(11)]))], "no more than 10 items"),
    "11 checkboxes": (
        [actions({"type": "checkboxes", "action_id": "c", "options": [option(n) for n in range(11)]})],
        "no more than 10 items",
    ),
    "checked option elsewhere": (
        [actions({"type": "checkboxes", "action_id": "c", "options": [option(1)], "initial_options": [option(2)]})],
        "must match one of the options",
    ),
    "date in words": (
        [actions({"type": "datepicker", "action_id": "d", "initial_date": "16 Dec 2026"})],
        "YYYY-MM-DD",
    ),
    "no such day": ([actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-02-30"})], "YYYY-MM-DD"),
    "time with seconds": ([actions({"type": "timepicker", "action_id": "t", "initial_time": "10:00:00"})], "HH:mm"),
    "moment in milliseconds": (
        [actions({"type": "datetimepicker", "action_id": "t", "initial_date_time": 1797433200000})],
        "must be between",
    ),
    "image without alt text": (
        [{k: v for k, v in IMAGE.items() if k != "alt_text"}],
        "missing required field: alt_text",
    ),
    "image title in mrkdwn": ([IMAGE | {"title": words("x", "mrkdwn")}], "must be plain_text"),
    "rich text of unknown part": ([rich({"type": "rich_text_table", "elements": []})], "unsupported type"),
    "rich text list without style": (
        [rich({"type": "rich_text_list", "elements": []})],
        "missing required field: style",
    ),
    "plan with a wrong word": ([{"type": "plan", "title": "x", "tasks": [task(status="completed")]}], "enum value"),
    "plan and task card": ([{"type": "plan", "title": "x", "tasks": []}, task()], "cannot be used together"),
    "table of 101 rows": ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}], "no more than 100"),
    "table of 21 columns": ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}], "no more than 20"),
    "two tables": ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2, "only_one_table_allowed"),
}

FORM: Json = {
    "type": "modal",
    "title": words("Reject"),
    "submit": words("Send"),
    "callback_id": "reject",
    "blocks": [asked(typed())],
}

# What is wrong, what of a right form is replaced (None: left out), and a word of the explanation.
WRONG_FORMS: dict[str, tuple[Json, str]] = {
    "no type": ({"type": None}, "unsupported type: None"),
    "a Home where a form belongs": ({"type": "home"}, "unsupported type: home"),
    "no title": ({"title": None}, "missing required field: title"),
    "title too long": ({"title": words("x" * 25)}, "less than 25"),
    "title in mrkdwn": ({"title": words("x", "mrkdwn")}, "must be plain_text"),
    "submit too long": ({"submit": words("x" * 25)}, "less than 25"),
    "close too long": ({"close": words("x" * 25)}, "less than 25"),
    "input without submit": ({"submit": None}, "missing required field: submit"),
    "no blocks": ({"blocks": None}, "missing required field: blocks"),
    "101 blocks": ({"blocks": [{"type": "divider"}] * 101}, "no more than 100 items"),
    "private metadata too long": ({"private_metadata": "x" * 3001}, "less than 3001"),
    "callback_id too long": ({"callback_id": "x" * 256}, "less than 256"),
    "unknown key": ({"width": "wide"}, "invalid additional property: width"),
    "button in an input": ({"blocks": [asked(button())]}, "unsupported type: button in an input block"),
    "label missing": ({"blocks": [{"type": "input", "element": typed()}]}, "missing required field: label"),
    "label in mrkdwn": ({"blocks": [asked(typed(), label=words("x", "mrkdwn"))]}, "must be plain_text"),
    "label too long": ({"blocks": [asked(typed(), label=words("x" * 2001))]}, "less than 2001"),
    "hint too long": ({"blocks": [asked(typed(), hint=words("x" * 2001))]}, "less than 2001"),
    "longest below shortest": (
        {"blocks": [asked(typed(min_length=9, max_length=5))]},
        "less than or equal to max_length",
    ),
    "field over 3000": ({"blocks": [asked(typed(max_length=3001))]}, "must be between 1 and 3000"),
    "value at first too long": ({"blocks": [asked(typed(initial_value="x" * 3001))]}, "less than 3001"),
    "two with focus": (
        {"blocks": [asked(typed(focus_on_load=True)), asked(typed(focus_on_load=True), block_id="b")]},
        "only one element can have focus_on_load",
    ),
    "number without decimals said": (
        {"blocks": [asked({"type": "number_input", "action_id": "n"})]},
        "missing required field: is_decimal_allowed",
    ),
    "a plan in a form": (
        {"blocks": [{"type": "plan", "title": "x", "tasks": []}]},
        "unsupported type: plan in a modal",
    ),
    "table in a form": ({"blocks": [{"type": "table", "rows": []}]}, "unsupported type: table"),
}


@pytest.mark.parametrize("name", WRONG_BLOCKS)
async def test_wrong_blocks_are_refused(name: str, client: AsyncWebClient, slack: Workspace) -> None:
    blocks, explained = WRONG_BLOCKS[name]
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C0RELEASES", text="A message.", blocks=copy.deepcopy(blocks))
    assert refused.value.response["error"] == "invalid_blocks"
    assert explained in " ".join(refused.value.response["response_metadata"]["messages"])
    assert slack.messages("releases") == []


@pytest.mark.parametrize("name", WRONG_FORMS)
async def test_wrong_forms_are_refused(name: str, client: AsyncWebClient, slack: Workspace) -> None:
    over, explained = WRONG_FORMS[name]
    view = {key: value for key, value in (FORM | over).items() if value is not None}
    trigger = slack.permits.trigger("U0MIRA")
    with pytest.raises(SlackApiError) as refused:
        await client.views_open(trigger_id=trigger.id, view=view)
    assert refused.value.response["error"] == "invalid_arguments"
    assert explained in " ".join(refused.value.response["response_metadata"]["messages"])
    assert slack.person("Mira").form is None
    assert not trigger.used, "a refused form must not use up the trigger"


def test_there_are_enough_of_them() -> None:
    assert len(WRONG_BLOCKS) + len(WRONG_FORMS) >= 90


async def test_the_right_ones_pass(client: AsyncWebClient, slack: Workspace) -> None:
    """The parts that the wrong payloads are made of are right as they stand; so each refusal is for its one fault."""
    right = [
        HEADER,
        section(accessory=button()),
        actions(button(confirm=confirm()), select()),
        IMAGE,
        rich(),
        asked(typed()),
    ]
    right[4] = rich({"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]})
    await client.chat_postMessage(channel="C0RELEASES", text="A message.", blocks=right)
    await client.chat_postMessage(channel="C0RELEASES", text="x", blocks=[actions(radio(initial_option=option(2)))])
    await client.chat_postMessage(
        channel="C0RELEASES", text="x", blocks=[{"type": "plan", "title": "x", "tasks": [task()]}]
    )
    await client.views_open(trigger_id=slack.permits.trigger("U0MIRA").id, view=FORM)
    assert len(slack.messages("releases")) == 3
    assert slack.person("Mira").form is not None
