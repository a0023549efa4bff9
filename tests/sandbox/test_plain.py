"""Plain words: what a message says to one reader."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.workspace.plain import Reader
from sandbox.workspace.workspace import Workspace


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*Waits for* <@U0MIRA> to approve", "Waits for @Mira to approve"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("_quiet_ ~gone~ *bold* `code_*x*`", "quiet gone bold code_*x*"),
        ("```payments/health  500```", "payments/health  500"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<https://example.com|the notes> in <#C0NEWS>", "the notes in #product-news"),
        ("<https://example.com>", "https://example.com"),
        ("<!subteam^S0PM> and <!here>", "@product-managers and @here"),
        ("&lt;@U0MIRA&gt; is not a mention", "<@U0MIRA> is not a mention"),
        ("<!date^1797433200^{date_long_pretty} at {time}|16 Dec>", "Wednesday, December 16, 2026 at 10:00"),
        ("<!date^oops^{time}|16 Dec>", "16 Dec"),
    ],
)
async def test_mrkdwn(slack: Workspace, written: str, read: str) -> None:
    assert Reader(slack.state, "America/New_York").mrkdwn(written) == read


async def test_each_reader_has_their_own_time(slack: Workspace) -> None:
    token = "<!date^1797433200^{time}|10:00>"
    assert [slack.person(name).reader.mrkdwn(token) for name in ("Priya", "Sana", "Olu")] == ["10:00", "07:00", "16:00"]


async def test_blocks(slack: Workspace) -> None:
    def plain(text: str) -> dict[str, Any]:
        return {"type": "plain_text", "text": text}

    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain("v1.3.0")},
        {"type": "divider"},
        {"type": "section", "fields": [plain("Candidate rc.2"), plain("Tests passed")]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "*Next:* freeze"}]},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": plain("Go…")},
                {"type": "overflow", "options": [{"text": plain("Roles"), "value": "r"}]},
            ],
        },
        {"type": "plan", "title": "2 of 3", "tasks": [{"title": "Tests", "status": "complete"}]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]]},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "text", "text": "By "}, {"type": "user", "user_id": "U0MIRA"}],
                }
            ],
        },
    ]
    assert slack.person("Priya").reader.blocks(blocks).split("\n") == [
        "v1.3.0",
        "—",
        "Candidate rc.2",
        "Tests passed",
        "Next: freeze",
        "[Go…] [⋮ Roles]",
        "2 of 3",
        "complete: Tests",
        "a | b",
        "By @Mira",
    ]
