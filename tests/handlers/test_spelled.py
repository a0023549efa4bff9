"""What Slack writes with ids is kept in the words that people read."""

from __future__ import annotations

import pytest

from handlers.spelled import plainly

NAMES = {"U0MIRA": "Mira"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ask <@U0MIRA> first", "ask @Mira first"),
        ("ask <@U0KIM|kim> and <@U0ELSE>", "ask @kim and @U0ELSE"),
        ("said in <#C0RELEASES|releases>", "said in #releases"),
        ("<!here> and <!subteam^S0PM|@pms>", "@here and @pms"),
        ("see <https://x.example/a?b=1|page>", "see https://x.example/a?b=1"),
        ("write to <mailto:a@b.example|a@b.example>", "write to a@b.example"),
        ("a < b and c > d, List<String>", "a < b and c > d, List<String>"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_ids_become_names_and_nothing_else_changes(given: str, kept: str) -> None:
    assert plainly(given, NAMES) == kept
