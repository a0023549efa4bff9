"""A stored card is the card itself, at every hour and for other facts at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.release import Phase, ReleaseType
from handlers.views.card import card
from handlers.views.card_stored import _moments, stored_card
from tests.handlers import story

KINDS = [(p, k) for p in Phase for k in (ReleaseType.MINOR, ReleaseType.HOTFIX)]


def texts() -> list[str]:
    found = []
    for phase, kind in KINDS:
        facts = story.facts(phase, kind)
        facts["freezes"] = [{"name": "x", "from": "2026-12-15T05:00:00+00:00", "to": "2026-12-17T05:00:00+00:00"}]
        found.append(json.dumps(facts))
    return found


TEXTS = texts()


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TEXTS), st.integers(-40 * 86400, 60 * 86400))
def test_at_any_hour_it_is_what_the_card_would_be(text: str, seconds: int) -> None:
    now = datetime(2026, 12, 10, 15, tzinfo=UTC) + timedelta(seconds=seconds)
    assert stored_card(text, now) == card(json.loads(text), now)


@pytest.mark.parametrize("text", TEXTS)
def test_at_its_very_moments_too(text: str) -> None:
    for moment in _moments(text):
        for now in (moment - timedelta(microseconds=1), moment, moment + timedelta(microseconds=1)):
            assert stored_card(text, now) == card(json.loads(text), now)


def test_other_facts_are_another_card_at_once() -> None:
    facts = story.facts()
    now = datetime(2026, 12, 10, 15, tzinfo=UTC)
    before = stored_card(json.dumps(facts), now)
    assert stored_card(json.dumps(facts | {"title": "Winter"}), now) != before
