"""Checks of the rich_text, table and task blocks."""

from __future__ import annotations

from sandbox.workspace.checks.objects import BLOCK_ID
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
    whole,
)

_STYLE = record({"bold": boolean, "italic": boolean, "strike": boolean, "code": boolean, "underline": boolean})
_ID = string(255)
_INLINE = by_type(
    {
        "text": record({"text": string(3000), "style": _STYLE}, ["text"], "text"),
        "link": record({"url": address, "text": string(3000), "style": _STYLE, "unsafe": boolean}, ["url"], "link"),
        "user": record({"user_id": _ID, "style": _STYLE}, ["user_id"], "user"),
        "usergroup": record({"usergroup_id": _ID, "style": _STYLE}, ["usergroup_id"], "usergroup"),
        "channel": record({"channel_id": _ID, "style": _STYLE}, ["channel_id"], "channel"),
        "emoji": record({"name": _ID, "unicode": _ID, "style": _STYLE}, ["name"], "emoji"),
        "broadcast": record({"range": one_of("here", "channel", "everyone")}, ["range"], "broadcast"),
        "date": record(
            {"timestamp": whole(0, 10**11), "format": string(255), "fallback": string(255), "url": address},
            ["timestamp", "format"],
            "date",
        ),
    },
    "rich text",
)
_INLINES = array(_INLINE, 500, 0)
_SECTION = record({"elements": _INLINES}, ["elements"], "rich_text_section")
_PARTS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_preformatted": record(
        {"elements": _INLINES, "border": whole(0, 1), "language": _ID}, ["elements"], "rich_text_preformatted"
    ),
    "rich_text_quote": record({"elements": _INLINES, "border": whole(0, 1)}, ["elements"], "rich_text_quote"),
    "rich_text_list": record(
        {
            "elements": array(_SECTION, 500),
            "style": one_of("bullet", "ordered"),
            "indent": whole(0, 8),
            "offset": whole(0, 10_000),
            "border": whole(0, 1),
        },
        ["elements", "style"],
        "rich_text_list",
    ),
}
RICH_TEXT = record(
    {"block_id": BLOCK_ID, "elements": array(by_type(_PARTS, "rich_text"), 100)}, ["elements"], "rich_text"
)

_CELL = by_type(
    {"raw_text": record({"text": string(3000)}, ["text"], "raw_text"), "rich_text": RICH_TEXT}, "a table cell"
)
_COLUMN = record({"align": one_of("left", "center", "right"), "is_wrapped": boolean})
TABLE = record(
    {
        "block_id": BLOCK_ID,
        "rows": array(array(_CELL, 20), 100),
        "column_settings": array(_COLUMN, 20),
    },
    ["rows"],
    "table",
)

_SOURCE = record({"url": address, "text": string(255)}, ["url", "text"], "url")
TASK_CARD = record(
    {
        "block_id": BLOCK_ID,
        "task_id": string(255),
        "title": string(255),
        "status": one_of("pending", "in_progress", "complete", "error"),
        "details": RICH_TEXT,
        "output": RICH_TEXT,
        "sources": array(_SOURCE, 50),
    },
    ["task_id", "title"],
    "task_card",
)
PLAN = record({"block_id": BLOCK_ID, "title": string(255), "tasks": array(TASK_CARD, 50, 0)}, ["title"], "plan")


def only_one_kind_of_task(blocks: list[object], path: str, report: Report) -> None:
    """A message has a plan or single task cards, not both, and one table at most."""
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
    if "plan" in kinds and "task_card" in kinds:
        report.wrong(path, "plan and task_card blocks cannot be used together")
    if kinds.count("table") > 1:
        report.wrong(path, "only_one_table_allowed")
