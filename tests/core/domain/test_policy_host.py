"""What the policy may say about notes and version files."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.domain.policy_host import NotesPolicy


@pytest.mark.parametrize("pattern", [r"^((?:a+)+)$", r"(x*)*", r"((ab)+c){2,}", r"(?:(\d+)\.)+"])
def test_a_pattern_that_may_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match="repeats a group"):
        NotesPolicy(issue_pattern=pattern)


@pytest.mark.parametrize(
    "pattern", [r"^version = \"(.+)\"$", r"(?:AA|BB)-\d{1,7}", r"[+*)(]+x(\d+)", r"\(a+\)+", r"(ab)+"]
)
def test_plain_patterns_are_taken(pattern: str) -> None:
    assert NotesPolicy(issue_pattern=pattern).issue_pattern == pattern
