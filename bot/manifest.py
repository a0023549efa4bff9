"""The Slack app as data: `release-bot manifest --url ...` prints it, ready to paste into Slack's form for a new app."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from bot.slack_methods import EVENTS, scopes

EXAMPLE_URL = "https://release-bot.example.com"
EVENTS_PATH = "/slack/events"
# Slack cuts the hint beside the command short, so the whole list of words stands in the long description.
INTRODUCTION = (
    "Release Bot takes a product from start to shipped and announced: one card and one thread per release, sign-offs "
    "with one click, gates that name what is missing, and a record of who did what. "
)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A way in that needs no typing; Slack allows 24 characters for its name."""

    callback_id: str
    name: str
    kind: Literal["global", "message"]
    description: str


SHORTCUTS = (
    Shortcut("start", "Start a release", "global", "Opens the form for a new release."),
    Shortcut("waiting", "What waits for me", "global", "Shows the sign-offs and answers that wait for you."),
    Shortcut("incident", "Report an incident", "global", "Ties an incident to what runs in production."),
    Shortcut("concern", "Raise a concern", "message", "Blocks a release with this message as the reason."),
    Shortcut("report", "Report feedback or a bug", "message", "Tells QA of it, about what is live."),
    Shortcut("notes", "Add to release notes", "message", "Takes this message into the notes of a release."),
    Shortcut("retro", "Add to retrospective", "message", "Keeps this message for the retrospective."),
)


def manifest(url: str, words: Sequence[str], *, socket_mode: bool = False) -> dict[str, Any]:
    """The manifest for a bot that Slack reaches at `url`; with Socket Mode Slack needs no address."""
    endpoint = {} if socket_mode else {"request_url": _endpoint(url)}
    return {
        "_metadata": {"major_version": 2, "minor_version": 0},
        "display_information": {
            "name": "Release Bot",
            "description": "A release manager that lives in Slack: from start to shipped and announced.",
            "long_description": f"{INTRODUCTION}Words of /release: {', '.join(words)}.",
            "background_color": "#1b3a4b",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Release Bot", "always_online": True},
            "slash_commands": [_command(endpoint)],
            "shortcuts": [_shortcut(shortcut) for shortcut in SHORTCUTS],
        },
        "oauth_config": {"scopes": {"bot": list(scopes())}},
        "settings": {
            "event_subscriptions": {**endpoint, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **endpoint},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def _command(endpoint: Mapping[str, str]) -> dict[str, Any]:
    command: dict[str, Any] = {"command": "/release"}
    if endpoint:
        command["url"] = endpoint["request_url"]
    command["description"] = "Start, sign off, ship and follow releases"
    command["usage_hint"] = "start minor | status | why | approve | go | help"
    # @people and #channels arrive as ids, so a name that two people share cannot be mistaken.
    command["should_escape"] = True
    return command


def _shortcut(shortcut: Shortcut) -> dict[str, str]:
    return {
        "name": shortcut.name,
        "type": shortcut.kind,
        "callback_id": shortcut.callback_id,
        "description": shortcut.description,
    }


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.netloc:
        raise ValueError(f"Slack reaches the bot at an https address; {url!r} is none. Example: {EXAMPLE_URL}")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix(EVENTS_PATH)}{EVENTS_PATH}"


def to_json(document: Mapping[str, Any]) -> str:
    """For the JSON tab of Slack's form."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def to_yaml(document: Mapping[str, Any]) -> str:
    """For the YAML tab and for `app_manifest.yml`. Strings are JSON strings, which YAML reads as they stand."""
    return "\n".join(_yaml_lines(document, 0)) + "\n"


def _yaml_lines(value: Mapping[str, Any] | Sequence[Any], depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, Mapping | list):
                yield f"{pad}{key}:"
                yield from _yaml_lines(item, depth + 1)
            else:
                yield f"{pad}{key}: {json.dumps(item, ensure_ascii=False)}"
        return
    for item in value:
        if isinstance(item, Mapping):
            first, *rest = _yaml_lines(item, depth + 1)
            yield f"{pad}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{pad}- {json.dumps(item, ensure_ascii=False)}"
