"""What every layout must hold: the strict workspace's checks, slack_sdk's models, and our own stricter rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block as SdkBlock

from handlers.request import Form, Message
from handlers.views.marks import MEANING
from sandbox.workspace.checks.blocks import characters
from sandbox.workspace.checks.message import message_blocks
from sandbox.workspace.checks.views import checked_view
from tests.handlers.slack_types import SlackTypes

_EMOJI = re.compile("[\u2190-\u21ff\u2300-\u23ff\u25a0-\u25ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]\ufe0f?")
_TEXT_SIGNS = set("✓●○▰▱□")  # the phase line, the bar of a run, an action item
_MARKS = set(MEANING) | {m.replace("\ufe0f", "") for m in MEANING} | {"→"}
_TOKEN = re.compile(  # mentions, dates, and links to where the policy or another system says
    r"<(?:@[UW][A-Z0-9]+|!date\^\d+\^[^|<>]+\|[^<>]+"
    r"|https://(?:(?:code|issues|ci)(?:\.asset-anchor)?\.example|asset-anchor\.slack\.com/archives)/[^|<>\s]*\|[^<>]+)>"
)


@dataclass(slots=True)
class Witnesses:
    """Who else is asked about each layout: Slack's own types, on a machine that can install them."""

    slack: SlackTypes | None = None

    def hear(self, surface: str, made: Any) -> None:
        """The types take it; what they have against it is the failure's text."""
        told = self.slack.faults(surface, made) if self.slack is not None else ""
        assert not told, told


ASKED = Witnesses()  # `conftest.py` sets them once for a run


def check_message(message: Message, foreign: bool = False) -> None:
    """Everything that can be said about a message; `foreign` words may hold emoji of their own."""
    message_blocks(message.blocks)
    ASKED.hear("Message", message.blocks)
    assert len(message.blocks) <= 20
    assert characters(message.blocks) <= 6000
    assert message.text.strip() and len(message.text) <= 700, message.text
    assert message.text.rstrip("”").endswith((".", "?", "…", ":", ")")) or len(message.text) > 20, message.text
    assert "<" not in re.sub(r"<!?\w+>", "", message.text) or "<!date" not in message.text
    _check_blocks(message.blocks, foreign)


def check_form(form: Form, foreign: bool = False) -> None:
    checked_view(form.view(), ("modal",))
    ASKED.hear("Modal", form.view())
    assert len(form.title) <= 24 and len(form.submit) <= 24
    _check_blocks(form.blocks, foreign)


def check_home(blocks: list[dict[str, Any]]) -> None:
    home = {"type": "home", "blocks": blocks}
    checked_view(home, ("home",))
    ASKED.hear("Home", home)
    _check_blocks(blocks)


def _check_blocks(blocks: list[dict[str, Any]], foreign: bool = False) -> None:
    primaries = 0
    for block in blocks:
        parsed = SdkBlock.parse(block)
        if parsed is not None:
            parsed.validate_json()
        if block["type"] == "header":
            assert len(block["text"]["text"]) <= 60
        if block["type"] == "section":
            assert len(block.get("text", {}).get("text", "")) <= 1500
            assert len(block.get("fields") or ()) <= 6
        for element in [*(block.get("elements") or ()), block.get("accessory") or {}]:
            if element.get("type") == "button":
                assert len(element["text"]["text"]) <= 30
                primaries += element.get("style") == "primary"
                assert element.get("style") != "danger"
            for option in element.get("options") or ():
                assert len(option["text"]["text"]) <= 60
        if block["type"] == "actions":
            assert len(block["elements"]) <= 5
    assert primaries <= 1, "more than one coloured button"
    for text in texts(blocks):
        check_markup(text)
        if not foreign:
            check_marks(text)


def texts(node: Any) -> list[str]:
    """The markup in blocks."""
    found: list[str] = []
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            found.append(node["text"])
        for value in node.values():
            found += texts(value)
    elif isinstance(node, list):
        for one in node:
            found += texts(one)
    return found


def check_markup(text: str) -> None:
    """Only our own tokens, and marks from the table only."""
    rest = _TOKEN.sub("", text)
    assert "<" not in rest and not re.search(r"(?<![&;\w\s.*“(]) >|<!|<@", rest), text


def check_marks(text: str) -> None:
    """No emoji but those of the table."""
    for emoji in _EMOJI.findall(_TOKEN.sub("", text)):
        assert emoji in _MARKS or emoji in _TEXT_SIGNS, (emoji, text)


HOSTILE = (
    "<!channel> *bold* <@U0MIRA> <https://evil.example|click> & `x` _u_ ~s~ :tada: https://evil.example\n> quote\u202e"
    + " word" * 400
)
