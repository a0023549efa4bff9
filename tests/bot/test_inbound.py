"""Slack's payloads are taken apart, whatever is missing in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot import inbound

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_a_command() -> None:
    asked = inbound.command({"user_id": "U1", "channel_id": "C1", "text": "why 1.3.0", "trigger_id": "1.2"}, NOW)
    assert (asked.kind, asked.actor, asked.channel, asked.text, asked.key) == (
        "command",
        "U1",
        "C1",
        "why 1.3.0",
        "trigger:1.2",
    )


def test_a_click_on_a_message_in_a_thread() -> None:
    asked = inbound.action(
        {
            "user": {"id": "U1"},
            "channel": {"id": "C1"},
            "trigger_id": "t",
            "message": {"ts": "2.0", "thread_ts": "1.0", "text": "hi"},
            "actions": [{"type": "button", "action_id": "approve", "value": "1|approval|abc"}],
        },
        NOW,
    )
    assert (asked.action_id, asked.value, asked.thread_ts, asked.message_ts) == (
        "approve",
        "1|approval|abc",
        "1.0",
        "2.0",
    )
    assert not asked.from_home


@pytest.mark.parametrize(
    ("done", "value"),
    [
        ({"selected_option": {"value": "cancel|1||"}}, "cancel|1||"),
        ({"selected_user": "U2"}, "U2"),
        ({"selected_date": "2026-12-16"}, "2026-12-16"),
        ({"selected_date_time": 1796742000}, "1796742000"),
        ({"selected_options": [{"value": "a"}, {"value": "b"}]}, "a,b"),
        ({"type": "button"}, ""),
    ],
)
def test_the_value_of_a_choice(done: dict, value: str) -> None:  # type: ignore[type-arg]
    assert inbound.action({"user": {"id": "U1"}, "actions": [done]}, NOW).value == value


def test_home_is_known() -> None:
    asked = inbound.action({"user": {"id": "U1"}, "view": {"id": "V1", "type": "home"}, "actions": [{}]}, NOW)
    assert asked.from_home and asked.view_id == "V1" and asked.channel == ""


def test_a_form() -> None:
    view = {
        "id": "V1",
        "hash": "h",
        "callback_id": "start",
        "private_metadata": "1|x|y",
        "state": {
            "values": {
                "kind": {"kind": {"type": "static_select", "selected_option": {"value": "minor"}}},
                "why": {"why": {"type": "plain_text_input", "value": "because"}},
                "empty": {"e": {"type": "plain_text_input", "value": None}},
                "when": {"w": {"type": "datetimepicker", "selected_date_time": 17}},
                "ticks": {"t": {"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]}},
                "who": {"u": {"type": "multi_users_select", "selected_users": ["U1", "U2"]}},
            }
        },
    }
    asked = inbound.submit({"user": {"id": "U1"}, "view": view}, NOW)
    assert asked.key == "view:V1:h"
    assert asked.values == {
        "kind": "minor",
        "why": "because",
        "empty": None,
        "when": "17",
        "ticks": ("a", "b"),
        "who": ("U1", "U2"),
    }


def test_a_mention_loses_our_name_and_answers_in_its_thread() -> None:
    body = {"event_id": "Ev1", "event": {"user": "U1", "channel": "C1", "ts": "5.0", "text": "<@U0BOT> why <@U2>"}}
    asked = inbound.mention(body, NOW)
    assert (asked.text, asked.thread_ts, asked.key) == ("why <@U2>", "5.0", "mention:Ev1")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"user": None, "view": None, "actions": [], "message": None},
        {"actions": None, "channel": None, "trigger_id": 5},
    ],
)
def test_nothing_that_is_missing_hurts(body: dict) -> None:  # type: ignore[type-arg]
    assert inbound.action(body, NOW).kind == "action"
    assert inbound.submit(body, NOW).kind == "submit"
    assert inbound.shortcut(body, NOW).kind == "shortcut"
    assert inbound.mention(body, NOW).kind == "mention"
    assert inbound.command(body, NOW).key == ""


@pytest.mark.parametrize(("sent", "typed"), [
    ("concern a &lt; b &amp; c", "concern a < b & c"), ("&amp;lt; stays", "&lt; stays"), ("x &gt; y", "x > y")])
def test_typed_words_lose_the_escapes_of_slack(sent: str, typed: str) -> None:
    assert inbound.command({"text": sent}, NOW).text == typed
    assert inbound.mention({"event": {"text": f"<@U0BOT> {sent}"}}, NOW).text == typed
    assert inbound.shortcut({"message": {"text": sent}}, NOW).message_text == typed


@pytest.mark.parametrize(("changed", "link"), [
    ({}, "https://acme.slack.com/archives/C1/p1700000000000100"),
    ({"message": {"ts": "1700000000.000100", "thread_ts": "1700000000.000001"}},
     "https://acme.slack.com/archives/C1/p1700000000000100?thread_ts=1700000000.000001&cid=C1"),
    ({"team": {"domain": "evil.example/#"}}, ""), ({"team": None}, ""), ({"message": {"ts": "x"}}, ""),
    ({"channel": {"id": "C1/../x"}}, ""),
])  # fmt: skip
def test_a_shortcut_brings_the_address_of_its_message_or_none(changed: dict, link: str) -> None:  # type: ignore[type-arg]
    body = {"team": {"domain": "acme"}, "channel": {"id": "C1"}, "message": {"ts": "1700000000.000100"}}
    assert inbound.shortcut(body | changed, NOW).message_link == link
