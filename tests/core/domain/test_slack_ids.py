"""What names a person in Slack, and what only looks so."""

from __future__ import annotations

import pytest

from core.domain.slack_ids import is_person


@pytest.mark.parametrize("text", ["U0PRIYA", "W012ABC", "U12"])
def test_an_id_of_a_person(text: str) -> None:
    assert is_person(text)


@pytest.mark.parametrize("text", ["", "U", "S0PM", "terminal:Uwe", "Uwe", "UI team", "<@U0PRIYA>", "U0PRIYA\n"])
def test_what_is_none(text: str) -> None:
    assert not is_person(text)
