"""The table of words against the lifecycle, the buttons, help and the docs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.contents import Conflict, NamedChange, NotesState
from core.domain.facts import project
from core.domain.lifecycle import DRILL_WORDS, ENVIRONMENT_WORDS, REHEARSAL_WORDS, TABLE, TRAIN_WORDS
from core.domain.notes.model import Draft
from core.domain.overrides import Override
from core.domain.release import (
    Concern,
    Ending,
    Environment,
    Hold,
    Incident,
    Lock,
    Phase,
    ProductRecord,
    ReleaseType,
    Reported,
    Run,
    RunState,
)
from core.domain.retrospective import ActionItem, Line, Retro
from handlers.ids import read, read_option, verb_of
from handlers.shows import OF_A_RELEASE, WITHOUT
from handlers.views.card import card
from handlers.views.lists import all_words, choices
from handlers.views.pressing import event_of
from handlers.words import BY_WORD, GROUPS, WORDS, for_event, nearest, slips, to_markdown
from tests.handlers import story
from tests.handlers.desk import elements


def test_every_row_that_a_person_fires_has_a_word_and_its_button() -> None:
    for row in TABLE:
        if row.by != "person" and not row.word:
            continue
        word = for_event(row.event)
        assert word is not None, row.event
        assert word.label == row.button, row.event
        assert word.word == row.word or row.word in word.aliases or row.event in ("start_fix", "words"), row.event
    for name, label in (TRAIN_WORDS | ENVIRONMENT_WORDS | DRILL_WORDS | REHEARSAL_WORDS).items():
        assert BY_WORD[name].label == label


def test_words_and_aliases_are_unique_and_none_is_of_a_later_version() -> None:
    names = [n for w in WORDS for n in (w.word, *w.aliases)]
    assert len(names) == len(set(names))
    assert {w.group for w in WORDS} == set(GROUPS)
    for word in WORDS:
        assert word.event or word.show, word.word
        assert word.example.startswith((word.word, *word.aliases))
        assert len(word.label) <= 30


def test_every_word_that_shows_has_a_view() -> None:
    assert {w.show for w in WORDS if w.show} == set(OF_A_RELEASE) | set(WITHOUT)


def _verbs(blocks: list) -> set[str]:  # type: ignore[type-arg]
    found = set()
    for element in elements(blocks):
        if element["type"] == "overflow":
            found |= {read_option(o["value"])[0] for o in element["options"]}
        else:
            found.add(verb_of(element["action_id"]))
            assert read(element.get("value", "")).release in (42, None)
    return found


def _busy(phase: Phase, kind: ReleaseType = ReleaseType.MINOR) -> dict:  # type: ignore[type-arg]
    """A release in which everything that can be settled, solved or decided is there."""
    concern, incident = Concern(1, story.DANA, story.NOW, "slow"), Incident(1, story.SANA, "payments", story.NOW)
    live = phase in (Phase.POST_RELEASE, Phase.CLOSED)
    late = NamedChange("#345", "Statements as PDF")
    read = NotesState(story.SHA, story.NOW, unclassified=(NamedChange("#331", "Tidy up lease model"),), late=(late,))
    more: dict[str, Any] = {"notes": read, "draft": Draft("", story.SHA), "concerns": (concern,)}
    more |= {"live_at": story.NOW if live else None, "incidents": (incident,) if live else ()}
    more |= {"reports": (Reported(1, story.SANA, story.NOW, "bug", "an empty page"),) if live else ()}
    more |= {"overrides": (PASSED,), "product": ProductRecord("asset-anchor", actions=(RESOLVED,))}
    said = (Line(1, story.DANA, story.NOW, "well", "on time"),)
    more |= {"retro": Retro(story.NOW, story.NOW, story.NOW, 45, lines=said) if live else None}
    r = story.release(phase, kind)
    role = "product_manager" if kind is ReleaseType.MINOR else "tech_lead"
    return story.facts(phase, kind, decisions=(story.signed("approval", role, story.MIRA, r),), **more)


PASSED = Override(
    1, "window", "window", "customers cannot pay", story.THEO, story.NOW, "d", "v1.3.0-rc.2", story.OLU, story.NOW,
    review_by=story.NOW,
)


RESOLVED = ActionItem(1, "faster staging", story.OLU, "2026-12-28", story.DANA, story.NOW, "1.2.2", on=42)


def _hosted(phase: Phase, kind: ReleaseType) -> dict:  # type: ignore[type-arg]
    """A release on a host, with a merge that git could not make."""
    s = story.situation(story.release(phase, kind, conflicts=(Conflict("develop", "release/1.3.0"),)))
    github = s.policy.github.model_copy(update={"repository": "asset-anchor/platform"})
    return project(replace(s, policy=s.policy.model_copy(update={"github": github})))


@pytest.mark.parametrize("row", [r for r in TABLE if r.by == "person" and r.sources], ids=lambda r: r.event)
def test_every_event_can_be_clicked_in_some_picture_of_its_phase(row) -> None:  # type: ignore[no-untyped-def]
    """Card, its ⋮ menu and what the menu opens carry every event of the table."""
    failed = replace(story.run(RunState.WAITING), reason="smoke tests")
    running, back = story.run(RunState.RUNNING), story.run(RunState.WAITING, "roll back")
    found: set[str] = set()
    for phase in row.sources:
        for kind in (ReleaseType.MINOR, ReleaseType.PATCH):
            pictures = [_busy(phase, kind), _hosted(phase, kind)]
            if phase is Phase.DEPLOYMENT:
                pictures = [story.facts(phase, kind, runs=(r,), overrides=(PASSED,)) for r in (failed, running, back)]
            if phase is Phase.PREPARATION:
                stopped: Run = replace(failed, environment="staging", sha=story.SHA)
                pictures.append(story.facts(phase, kind, runs=(stopped,)))
            held = Hold(story.THEO, story.NOW, "bank")
            pictures.append(story.facts(phase, kind, hold=held))
            for facts in pictures:
                found |= _verbs(card(facts, story.LEAVES).blocks) | _verbs(choices(facts).blocks)
    if row.event in ("tick", "untick"):
        assert "checklist" in found  # each item is ticked in the checklist
    else:
        assert row.event in {event_of(v) for v in found}


def test_a_locked_production_offers_to_clear_it() -> None:
    lock = Lock(42, "1.3.0", story.OLU, story.NOW, "payments", until_cleared=True)
    envs = {"production": Environment("production", "1.2.2", lock=lock)}
    facts = story.facts(Phase.POST_RELEASE, environments=envs, live_at=story.NOW, outcome=Ending.ROLLED_BACK)
    assert "unlock" in _verbs(card(facts, story.NOW).blocks)


def test_help_names_every_word() -> None:
    text = str(all_words(None).blocks)
    for word in WORDS:
        assert f"`{word.word}`" in text


def test_the_page_of_commands_is_made_from_the_table() -> None:
    assert Path("docs/commands.md").read_text(encoding="utf-8") == to_markdown()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("aprove", "approve"),
        ("freze", "freeze"),
        ("rollbak", "rollback"),
        ("cancle", "cancel"),
        ("candidat", "candidate"),
        ("statsu", "status"),
        ("xyzzy", None),
        ("g", None),
        ("holdd", "hold"),
    ],
)
def test_the_nearest_word(typed: str, meant: str | None) -> None:
    assert nearest(typed) == meant


@given(st.text(max_size=20), st.text(max_size=20))
def test_slips_are_symmetric_and_zero_only_for_the_same(a: str, b: str) -> None:
    assert slips(a, b) == slips(b, a)
    assert (slips(a, b) == 0) == (a == b)
