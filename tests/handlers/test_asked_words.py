"""Each thing that a person can ask for stands in a sentence, and its refusal says in plain words what cannot be."""

from __future__ import annotations

import re

import pytest

from core.domain.lifecycle import ENVIRONMENT_WORDS, TABLE, TRAIN_WORDS
from handlers.views.asked_words import CANNOT, asked, cannot

EVENTS = [*(r.event for r in TABLE if r.word), *TRAIN_WORDS, *ENVIRONMENT_WORDS]
DANGLING = re.compile(r"\b(of|for|to|about|is|it its)( now| ;|$)")


@pytest.mark.parametrize("event", EVENTS)
def test_what_was_asked_is_a_phrase_without_a_loose_end(event: str) -> None:
    for phrase in (asked(event), asked(event, "v1.3.0"), asked(event, "it")):
        assert not DANGLING.search(phrase) and "{" not in phrase and "_" not in phrase, phrase


@pytest.mark.parametrize("event", EVENTS)
def test_what_cannot_be_is_said_in_words_of_its_own(event: str) -> None:
    assert "is not open to" not in cannot(event, "v1.3.0") and "_" not in cannot(event, "v1.3.0")
    assert event in CANNOT or cannot(event, "v1.3.0").startswith("I cannot ")


def test_an_event_that_nobody_has_worded_yet_still_makes_a_sentence() -> None:
    assert cannot("new_thing", "v1.3.0") == "I cannot new thing v1.3.0 now"
