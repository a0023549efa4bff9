"""Slack's own types judge every layout that a handler test draws; they see faults without help from our own checks."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.views.card import card
from tests.handlers.layout import ASKED, HOSTILE, check_message
from tests.handlers.slack_types import SlackTypes
from tests.handlers.story import NOW
from tests.handlers.test_views import PICTURES

TEXT = {"type": "plain_text", "text": "Approve"}
BUTTON = {"type": "button", "action_id": "approve", "text": TEXT}
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": HOSTILE}}
MODAL = {"type": "modal", "title": TEXT, "blocks": [SECTION]}


@pytest.mark.parametrize(
    ("surface", "made", "named"),
    [
        ("Message", [{"type": "header", "text": {"type": "mrkdwn", "text": "v1.3.0"}}], "HeaderBlock $.text.type"),
        ("Message", [{"type": "actions", "elements": [{**BUTTON, "style": "green"}]}], "ActionsBlock $.elements[0]"),
        ("Message", [{"type": "actions", "elements": [{**BUTTON, "colour": "red"}]}], "ActionsBlock $.elements[0]"),
        ("Message", [{"type": "section", "text": "v1.3.0"}], "SectionBlock $.text"),
        ("Message", [{"type": "banner"}], "KnownBlock"),
        ("Message", [SECTION, {"type": "divider", "text": TEXT}], "DividerBlock $"),
        ("Modal", {**MODAL, "title": "v1.3.0"}, "Modal $.title"),
        ("Modal", {**MODAL, "size": "wide"}, "Modal $"),
        ("Home", {"type": "home", "blocks": [{"type": "input", "label": TEXT, "element": BUTTON}]}, "InputBlock"),
    ],
)
def test_a_fault_is_named_with_its_place(slack_types: SlackTypes, surface: str, made: Any, named: str) -> None:
    assert slack_types.faults(surface, made).startswith(named)


def test_what_people_see_of_a_release_with_hostile_words_is_taken(slack_types: SlackTypes) -> None:
    facts = PICTURES["hostile"]
    shown = card(facts, NOW)
    assert not slack_types.faults("Message", shown.blocks)
    assert not slack_types.faults("Modal", MODAL)
    assert ASKED.slack is slack_types, "check_message, check_form and check_home ask the same types"
    check_message(shown)
    shown.blocks[0]["text"] = HOSTILE
    assert slack_types.faults("Message", shown.blocks)
