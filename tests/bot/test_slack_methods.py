"""The method table and the code agree, both ways: nothing is called that is not listed, nothing is listed unused."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack_methods import METHODS

ROOT = Path(__file__).resolve().parents[2]
# conversations_open and the like: the SDK's methods, which are named after Slack's.
SDK = {name: name.replace("_", ".") for name in dir(AsyncWebClient) if re.fullmatch(r"[a-z]+(_[a-zA-Z]+)+", name)}
FAMILIES = "apps|auth|blocks|bookmarks|chat|conversations|files|pins|reactions|team|usergroups|users|views"
DOTTED = re.compile(rf"(?:{FAMILIES})(?:\.[a-z][A-Za-z]+)+")


def called_in(source: str) -> set[str]:
    """The Slack methods that a module calls, by the SDK's name or by Slack's."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in SDK and DOTTED.fullmatch(SDK[node.attr]):
            found.add(SDK[node.attr])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            found.add(node.value)
    return found


@cache
def called() -> set[str]:
    modules = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py"), *(ROOT / "core").rglob("*.py")]
    return {name for path in modules if path.name != "slack_methods.py" for name in called_in(path.read_text("utf-8"))}


def test_both_ways_of_calling_are_seen() -> None:
    assert called_in("await client.chat_postMessage(text='x')") == {"chat.postMessage"}
    assert called_in("await client.api_call('usergroups.users.list')") == {"usergroups.users.list"}
    assert called_in("self.chat_box = team.information") == set()


def test_every_method_the_code_calls_is_in_the_table() -> None:
    assert called() - METHODS.keys() == set()


def test_every_row_of_the_table_is_called() -> None:
    assert METHODS.keys() - called() == set(), "a scope for a method that nobody calls is a scope too many"
