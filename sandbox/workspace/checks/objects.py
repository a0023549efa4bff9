"""Checks of the parts that blocks are made of: text, options, confirm dialogs."""

from __future__ import annotations

from typing import Any

from sandbox.workspace.checks.shape import (
    Check,
    Report,
    address,
    array,
    boolean,
    by_type,
    one_of,
    record,
    string,
)

ACTION_ID = string(255)
BLOCK_ID = string(255)


def plain(longest: int) -> Check:
    """A plain_text object."""
    return record({"text": string(longest), "emoji": boolean}, ["text"], "plain_text")


def mrkdwn(longest: int) -> Check:
    """A mrkdwn object."""
    return record({"text": string(longest), "verbatim": boolean}, ["text"], "mrkdwn")


def text(longest: int) -> Check:
    """A text object of either kind."""
    return by_type({"plain_text": plain(longest), "mrkdwn": mrkdwn(longest)}, "a text object")


CONFIRM = record(
    {
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": one_of("primary", "danger"),
    },
    ["title", "text", "confirm", "deny"],
)


def option(label: Check, with_url: bool = False) -> Check:
    """One option; only those of an overflow menu may carry a web address."""
    keys: dict[str, Check] = {"text": label, "value": string(150), "description": text(75)}
    if with_url:
        keys["url"] = address
    return record(keys, ["text", "value"])


PLAIN_OPTION = option(plain(75))
TEXT_OPTION = option(text(75))
OPTION_GROUP = record({"label": plain(75), "options": array(PLAIN_OPTION, 100)}, ["label", "options"])
DISPATCH_CONFIG = record(
    {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)}, ["trigger_actions_on"]
)
SLACK_FILE = record({"id": string(255), "url": address})


def all_options(element: dict[str, Any]) -> list[Any]:
    """The options of a menu, those inside groups included."""
    groups = [group for group in _items(element.get("option_groups")) if isinstance(group, dict)]
    return [*_items(element.get("options")), *(one for group in groups for one in _items(group.get("options")))]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def initial_among_options(element: Any, path: str, report: Report) -> None:
    """What is chosen at first must be one of the options, word for word."""
    known = [_essence(one) for one in all_options(element)]
    values = [essence[1] for essence in known]
    if len(values) != len(set(values)):
        report.wrong(f"{path}/options", "option values must be unique")
    if "initial_option" in element and _essence(element["initial_option"]) not in known:
        report.wrong(f"{path}/initial_option", "must match one of the options")
    chosen = element.get("initial_options")
    for index, one in enumerate(chosen if isinstance(chosen, list) else []):
        if _essence(one) not in known:
            report.wrong(f"{path}/initial_options/{index}", "must match one of the options")


def _essence(choice: Any) -> tuple[str, str]:
    if not isinstance(choice, dict):
        return ("", "")
    label = choice.get("text")
    return (str(label.get("text")) if isinstance(label, dict) else "", str(choice.get("value")))
