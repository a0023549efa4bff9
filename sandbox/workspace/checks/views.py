"""Checks of forms (modals) and Home views."""

from __future__ import annotations

import json
from typing import Any

from sandbox.workspace.checks.blocks import check_blocks
from sandbox.workspace.checks.objects import plain
from sandbox.workspace.checks.shape import Check, Report, boolean, record, string
from sandbox.workspace.errors import SlackError

LARGEST = 250_000

_EITHER: dict[str, Check] = {
    "blocks": check_blocks,
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_MODAL = record(
    {
        **_EITHER,
        "title": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    ["title", "blocks"],
    "modal",
)
_HOME = record(_EITHER, ["blocks"], "home")


def checked_view(view: Any, kinds: tuple[str, ...]) -> dict[str, Any]:
    """The view of a call that takes these kinds, or Slack's refusal with all that is wrong."""
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", "[ERROR] must be a valid view object [json-pointer:/view]")
    if len(json.dumps(view)) > LARGEST:
        raise SlackError("view_too_large")
    kind = view.get("type")
    if kind not in kinds:
        raise SlackError("invalid_arguments", f"[ERROR] unsupported type: {kind} [json-pointer:/view/type]")
    report = Report(str(kind))
    (_MODAL if kind == "modal" else _HOME)(view, "/view", report)
    if kind == "modal" and not report.wrongs and not view.get("submit") and _has_input(view["blocks"]):
        report.wrong("/view", "missing required field: submit (a modal with an input block needs it)")
    if report.wrongs:
        raise SlackError("invalid_arguments", *(f"[ERROR] {wrong}" for wrong in report.wrongs))
    return view


def _has_input(blocks: list[dict[str, Any]]) -> bool:
    return any(block["type"] == "input" for block in blocks)
