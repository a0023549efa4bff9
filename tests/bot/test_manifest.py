"""The manifest asks for what the calls need and no more, and Slack's own schema and method reference agree."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.manifest import EXAMPLE_URL, SHORTCUTS, manifest, to_json, to_yaml
from bot.slack_events import GROUPS, PLACES
from bot.slack_methods import EVENTS, METHODS, needs, scopes
from handlers.words import WORDS as THE_WORDS

ROOT = Path(__file__).resolve().parents[2]
WORDS = tuple(word.word for word in THE_WORDS)
# The reference data has no files for events: these scopes are those of Slack's documentation.
DOCUMENTED: dict[str, set[str]] = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
}
SCOPE_OF_FAMILY = {"channel": "channels:read", "group": "groups:read", "subteam": "usergroups:read"}


def reference(path: str) -> Any:
    """One file of the copied Slack reference, which lies beside the repository on some machines."""
    file = Path(os.environ.get("RELEASE_BOT_REFERENCE_DATA", ROOT.parent / "shared" / "data")) / path
    if not file.is_file():
        pytest.skip("reference data not present")
    return json.loads(file.read_text("utf-8"))


def test_the_scopes_are_those_of_the_methods_and_events() -> None:
    asked = set(manifest(EXAMPLE_URL, WORDS)["oauth_config"]["scopes"]["bot"])
    needed = {"commands"} | {s for m in METHODS.values() for s in m.scopes} | {s for e in EVENTS.values() for s in e}
    assert asked == needed


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_an_event_asks_for_its_family_s_scope(event: str) -> None:
    documented = DOCUMENTED[event] if event in DOCUMENTED else {SCOPE_OF_FAMILY[event.split("_")[0]]}
    assert set(EVENTS[event]) == documented


def test_the_events_asked_for_are_those_that_are_taken_in() -> None:
    assert EVENTS.keys() == {"app_home_opened", "app_mention"} | GROUPS | PLACES


def test_a_token_without_a_scope_is_told_what_will_not_work() -> None:
    granted = frozenset(scopes())
    assert needs(granted) == {}
    assert needs(granted - {"im:write"}) == {"conversations.open": ("im:write",)}
    assert needs(granted - {"commands"}) == {"/release": ("commands",)}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_method_is_as_slack_describes_it(name: str) -> None:
    described = reference(f"slack-api-ref/methods/{name}.json")
    ours = METHODS[name]
    possible = set(described["scope"].get("bot", []))
    assert ours.http == described["http_method"]
    assert set(ours.scopes) <= possible, "a scope that this method does not know"
    assert bool(ours.scopes) == bool(possible), "a scope is needed, and none is asked for"
    if limit := described.get("rate_limits"):
        assert ours.tier == ("special" if limit == "t5" else int(limit.removeprefix("t")))


@pytest.mark.parametrize("socket_mode", [False, True])
def test_slack_s_schema_accepts_it(socket_mode: bool) -> None:
    schema = reference("manifest-schema/manifest.schema.2.0.0.json")
    jsonschema.validate(manifest(EXAMPLE_URL, WORDS, socket_mode=socket_mode), schema)


def test_the_schema_would_refuse_a_wrong_one() -> None:
    schema = reference("manifest-schema/manifest.schema.2.0.0.json")
    wrong = manifest(EXAMPLE_URL, WORDS)
    wrong["features"]["slash_commands"][0]["command"] = "release"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example.com",
        "https://bot.example.com/",
        "https://bot.example.com/slack/events",
        "https://bot.example.com/slack/events/",
    ],
)
def test_every_request_goes_to_one_address(url: str) -> None:
    made = manifest(url, WORDS)
    endpoint = "https://bot.example.com/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == endpoint
    assert made["settings"]["event_subscriptions"]["request_url"] == endpoint
    assert made["settings"]["interactivity"]["request_url"] == endpoint


@pytest.mark.parametrize("url", ["", "bot.example.com", "http://bot.example.com", "https://"])
def test_an_address_that_slack_cannot_reach_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https address"):
        manifest(url, WORDS)


def test_socket_mode_needs_no_address() -> None:
    made = manifest("", WORDS, socket_mode=True)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "slack/events" not in to_json(made)


def test_people_and_channels_arrive_as_ids() -> None:
    [command] = manifest(EXAMPLE_URL, WORDS)["features"]["slash_commands"]
    assert command["command"] == "/release"
    assert command["should_escape"] is True


def test_three_global_and_four_message_shortcuts_with_names_slack_accepts() -> None:
    assert [s.kind for s in SHORTCUTS] == ["global"] * 3 + ["message"] * 4
    assert [s.name for s in SHORTCUTS if len(s.name) > 24] == []
    assert len({s.callback_id for s in SHORTCUTS}) == len(SHORTCUTS)


def test_every_word_stands_in_the_manifest() -> None:
    described = manifest(EXAMPLE_URL, WORDS)["display_information"]["long_description"]
    assert [word for word in WORDS if f" {word}," not in described and f" {word}." not in described] == []


def test_the_manifest_in_the_repository_is_the_printed_one() -> None:
    committed = (ROOT / "app_manifest.yml").read_text("utf-8")
    assert committed == to_yaml(manifest(EXAMPLE_URL, WORDS)), "write it anew: release-bot manifest > app_manifest.yml"


def test_json_and_yaml_carry_the_same() -> None:
    made = manifest(EXAMPLE_URL, WORDS)
    assert json.loads(to_json(made)) == made
    assert _read_yaml(to_yaml(made).splitlines()) == made


def _read_yaml(lines: list[str]) -> Any:
    """Just the YAML that is written here: nested maps, lists, and JSON scalars."""
    if not any(line.strip() for line in lines):
        return None
    if lines[0].startswith("- "):
        return [_read_item(item) for item in _split(lines, lambda line: line.startswith("- "))]
    made = {}
    for block in _split(lines, lambda line: not line.startswith(" ")):
        key, _, rest = block[0].partition(":")
        made[key] = json.loads(rest) if rest.strip() else _read_yaml([line[2:] for line in block[1:]])
    return made


def _read_item(item: list[str]) -> Any:
    body = [line[2:] for line in item]
    return json.loads(body[0]) if body[0].startswith('"') else _read_yaml(body)


def _split(lines: list[str], begins: Any) -> list[list[str]]:
    blocks: list[list[str]] = []
    for line in lines:
        if begins(line):
            blocks.append([])
        blocks[-1].append(line)
    return blocks
