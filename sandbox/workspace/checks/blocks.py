"""Checks of whole block lists: which kind stands on which surface, the limits of each, and ids that must be unique."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.workspace.checks.elements import IMAGE, IN_ACTIONS, IN_INPUT, IN_SECTION
from sandbox.workspace.checks.objects import BLOCK_ID, SLACK_FILE, mrkdwn, plain, text
from sandbox.workspace.checks.rich import PLAN, RICH_TEXT, TABLE, TASK_CARD, only_one_kind_of_task
from sandbox.workspace.checks.shape import (
    Check,
    Report,
    address,
    array,
    boolean,
    both,
    by_type,
    one_of,
    record,
    string,
)

MOST = {"message": 50, "modal": 100, "home": 100}


def _text_or_fields(block: Any, path: str, report: Report) -> None:
    if "text" not in block and "fields" not in block:
        report.wrong(path, "missing required field: text (one of text and fields)")


SECTION = both(
    record(
        {
            "block_id": BLOCK_ID,
            "text": text(3000),
            "fields": array(text(2000), 10),
            "accessory": by_type(IN_SECTION, "a section"),
            "expand": boolean,
        },
        (),
        "section",
    ),
    _text_or_fields,
)
CONTEXT = record(
    {
        "block_id": BLOCK_ID,
        "elements": array(
            by_type({"mrkdwn": mrkdwn(2000), "plain_text": plain(2000), "image": IMAGE}, "a context"), 10
        ),
    },
    ["elements"],
    "context",
)
ACTIONS = record(
    {"block_id": BLOCK_ID, "elements": array(by_type(IN_ACTIONS, "an actions block"), 25)}, ["elements"], "actions"
)
INPUT = record(
    {
        "block_id": BLOCK_ID,
        "label": plain(2000),
        "element": by_type(IN_INPUT, "an input block"),
        "hint": plain(2000),
        "optional": boolean,
        "dispatch_action": boolean,
    },
    ["label", "element"],
    "input",
)
IMAGE_BLOCK = record(
    {
        "block_id": BLOCK_ID,
        "image_url": address,
        "alt_text": string(2000),
        "title": plain(2000),
        "slack_file": SLACK_FILE,
    },
    ["alt_text"],
    "image",
)
EVERYWHERE: dict[str, Check] = {
    "section": SECTION,
    "context": CONTEXT,
    "actions": ACTIONS,
    "input": INPUT,
    "image": IMAGE_BLOCK,
    "rich_text": RICH_TEXT,
    "divider": record({"block_id": BLOCK_ID}, (), "divider"),
    "header": record({"block_id": BLOCK_ID, "text": plain(150)}, ["text"], "header"),
}
ON_SURFACE: dict[str, dict[str, Check]] = {
    "message": {
        **EVERYWHERE,
        "markdown": record({"block_id": BLOCK_ID, "text": string(12_000)}, ["text"], "markdown"),
        "table": TABLE,
        "plan": PLAN,
        "task_card": TASK_CARD,
    },
    "modal": {
        **EVERYWHERE,
        "alert": record(
            {
                "block_id": BLOCK_ID,
                "text": text(3000),
                "level": one_of("default", "info", "warning", "error", "success"),
            },
            ["text"],
            "alert",
        ),
    },
    "home": EVERYWHERE,
}


def check_blocks(blocks: Any, path: str, report: Report) -> None:
    """Everything that can be said about a list of blocks on the report's surface."""
    surface = report.surface
    array(by_type(ON_SURFACE[surface], f"a {surface}"), MOST[surface], 0)(blocks, path, report)
    if isinstance(blocks, list):
        _unique_block_ids(blocks, path, report)
        _unique_action_ids(blocks, path, report)
        _one_focus(blocks, path, report)
        only_one_kind_of_task(blocks, path, report)


def interactive(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The elements of a block that a person can use."""
    candidates = [block.get("accessory"), block.get("element")]
    if block.get("type") in ("actions", "context_actions"):
        elements = block.get("elements")
        candidates += elements if isinstance(elements, list) else []
    for element in candidates:
        if isinstance(element, dict) and element.get("type") != "image":
            yield element


def characters(blocks: Any) -> int:
    """How many characters of text the blocks hold in all."""
    if isinstance(blocks, list):
        return sum(characters(one) for one in blocks)
    if isinstance(blocks, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else characters(v) for k, v in blocks.items())
    return 0


def _unique_block_ids(blocks: list[Any], path: str, report: Report) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if isinstance(block_id, str) and block_id in seen:
            report.wrong(f"{path}/{index}/block_id", f'`block_id` "{block_id}" already exists')
        elif isinstance(block_id, str):
            seen.add(block_id)


def _unique_action_ids(blocks: list[Any], path: str, report: Report) -> None:
    for index, block in enumerate(blocks):
        seen: set[str] = set()
        for element in interactive(block) if isinstance(block, dict) else ():
            action_id = element.get("action_id")
            if isinstance(action_id, str) and action_id in seen:
                report.wrong(f"{path}/{index}", f'`action_id` "{action_id}" already exists in this block')
            elif isinstance(action_id, str):
                seen.add(action_id)


def _one_focus(blocks: list[Any], path: str, report: Report) -> None:
    focused = [e for b in blocks if isinstance(b, dict) for e in interactive(b) if e.get("focus_on_load") is True]
    if len(focused) > 1:
        report.wrong(path, "only one element can have focus_on_load")
