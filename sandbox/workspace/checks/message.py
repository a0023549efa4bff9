"""Checks of a whole message: blocks, size, text, attachments and metadata, each refused with Slack's own code."""

from __future__ import annotations

import json
from typing import Any

from sandbox.workspace.checks.blocks import characters, check_blocks
from sandbox.workspace.checks.shape import Report
from sandbox.workspace.errors import SlackError

MOST_CHARACTERS = 12_000
MOST_MARKDOWN = 12_000
MOST_ATTACHMENTS = 100
MOST_METADATA = 16_000


def message_blocks(blocks: Any) -> list[dict[str, Any]]:
    """The blocks of a message, or Slack's refusal; None stands for none."""
    if blocks is None:
        return []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    report = Report("message")
    check_blocks(blocks, "/blocks", report)
    if report.wrongs:
        raise SlackError("invalid_blocks", *report.wrongs)
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if characters(blocks) > MOST_CHARACTERS or markdown > MOST_MARKDOWN:
        raise SlackError("msg_blocks_too_long")
    return blocks


def attachments(given: Any) -> list[dict[str, Any]]:
    """Old-style attachments: counted, and the blocks inside them checked."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise SlackError("invalid_attachments")
    if len(given) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for one in given:
        message_blocks(one.get("blocks"))
    return given


def metadata(given: Any) -> dict[str, Any] | None:
    """Metadata must be an event type with a payload; an empty object means: none."""
    if given is None or given == {}:
        return None
    if not isinstance(given, dict):
        raise SlackError("invalid_metadata_format")
    event_type, payload = given.get("event_type"), given.get("event_payload")
    if not isinstance(event_type, str) or not event_type or len(event_type) > 255:
        raise SlackError("invalid_metadata_schema", "event_type must be a string [json-pointer:/metadata/event_type]")
    if not isinstance(payload, dict) or set(given) - {"event_type", "event_payload"}:
        raise SlackError("invalid_metadata_schema", "event_payload must be an object, with nothing beside it")
    if len(json.dumps(given)) > MOST_METADATA:
        raise SlackError("metadata_too_large")
    return given
