"""The layouts that people will see pass the same checks that refuse wrong ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.workspace.workspace import Workspace

LAYOUTS = Path(__file__).resolve().parents[2].parent / "shared" / "ux"
FILES = sorted(LAYOUTS.glob("*.json"))


@pytest.mark.skipif(not FILES, reason="reference data not present: the UX layouts lie beside the repository")
async def test_each_layout_is_taken(client: AsyncWebClient, slack: Workspace) -> None:
    for file in FILES:
        layout: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        kind = layout.get("view_type", "message")
        if kind == "message":
            await client.chat_postMessage(channel="C0RELEASES", text=layout["text"], blocks=layout["blocks"])
            continue
        view: dict[str, Any] = {"type": kind, "blocks": layout["blocks"]}
        for key in ("title", "submit", "close"):
            if key in layout:
                view[key] = {"type": "plain_text", "text": layout[key]}
        if kind == "home":
            await client.views_publish(user_id="U0PRIYA", view=view)
        else:
            await client.views_open(trigger_id=slack.permits.trigger("U0PRIYA").id, view=view)
    assert slack.person("Priya").form is not None
    assert slack.person("Priya").home is not None
    assert all(call.outcome == "ok" for call in slack.calls)
