"""The table is whole: every name in it means something, every phase is reached, and the docs equal it."""

from __future__ import annotations

import inspect
import re
from typing import get_args

import pytest

from core.domain import gates as every_gate
from core.domain.diagram import page
from core.domain.gates import (
    GATES,
    blockers,
    content,
    gate,
    gates_of,
    hours,
    overriding,
    people,
    proving,
    scope,
    shipping,
    voicing,
)
from core.domain.lifecycle import ANY_OPEN, BY_EVENT, ITSELF, PERSON, TABLE, row, rows_in, to_mermaid
from core.domain.lifecycle_page import gate_words, lifecycle_page
from core.domain.moves import (
    MOVES,
    adopting,
    calendar,
    casting,
    contents,
    deciding,
    move_of,
    noting,
    opening,
    recovering,
    scoping,
    solving,
)
from core.domain.moves import overriding as passing
from core.domain.moves import proving as stating
from core.domain.moves import retro as looking_back
from core.domain.moves import shipping as shipping_moves
from core.domain.moves import voicing as speaking
from core.domain.policy_parts import Act as Permission
from core.domain.release import OPEN_PHASES, Phase
from core.domain.situation import Act
from tests.core.domain.world import ROOT, World, policy

NEEDS_A_FORM = {
    *("reason", "severity", "early_reason", "edit_fits", "merge_target", "flag_named", "recordable", "result_given"),
}
MOVING = (
    opening, scoping, noting, contents, deciding, casting, shipping_moves, recovering, calendar, stating, solving,
    passing, speaking, adopting, looking_back,
)  # fmt: skip
ASKING = (
    people, content, scope, hours, shipping, proving, voicing, overriding, every_gate, every_gate.casting,
    every_gate.adopting, every_gate.flags, every_gate.standing_still, every_gate.retro,
)  # fmt: skip
# asked of every row that a hold stops, in `blockers` itself; what an act about an override means
IN_THE_GATES_BUT_NO_GATE = {"held_now", "wanted", "open_review", "concern_of", "action_meant"}


def _public(module: object, *parameters: str) -> set[str]:
    """Functions of a module that take these parameters and are its own."""
    return {name for name, f in inspect.getmembers(module, inspect.isfunction)
            if f.__module__ == module.__name__ and not name.startswith("_")  # type: ignore[attr-defined]
            and tuple(inspect.signature(f).parameters) == parameters}


def test_every_gate_of_the_table_is_a_function_and_every_gate_function_is_in_the_table():
    written = set().union(*(_public(m, "s", "act") for m in ASKING))
    assert set(gates_of()) == set(GATES) == written - IN_THE_GATES_BUT_NO_GATE


def test_every_name_means_one_function_and_no_other_module_has_one_of_that_name():
    for table, modules in ((GATES, ASKING), (MOVES, MOVING)):
        names = [n for m in modules for n in _public(m, "s", "act")]
        assert len(names) == len(set(names))
        own = {name: function.__name__ for name, function in table.items()}
        assert {n: f for n, f in own.items() if n != f} in ({}, {"freeze_early": "freeze"})  # two ways to it


def test_a_name_that_is_no_gate_is_not_passed_over():
    with pytest.raises(LookupError):
        gate("gate_of_nobody")
    with pytest.raises(LookupError):
        move_of("event_of_nobody")


def test_every_gate_says_in_a_sentence_what_it_asks_for():
    for name in gates_of():
        words = gate_words(name)
        assert words.endswith((".", ";")) and 10 < len(words) <= 120, (name, words)


def test_every_event_has_one_row_one_move_and_every_move_has_an_event():
    events = [r.event for r in TABLE]
    assert len(events) == len(set(events)) and set(BY_EVENT) == set(events)
    assert list(MOVES) == events
    written = set().union(*(_public(m, "s", "act") for m in MOVING))
    assert written - {"fire_go"} == set(events) - {"freeze_early"}  # `fire_go` is the second half of `go`


def test_every_row_of_a_person_has_a_word_and_a_button_of_at_most_five_words():
    for r in (r for r in TABLE if r.by == PERSON):
        assert re.fullmatch(r"[a-z]+( [a-z]+)?", r.word), r.event
        assert r.button and len(r.button.split()) <= 5 and r.button[0].isupper(), r.event


def test_a_button_that_opens_a_form_ends_with_dots():
    for r in (r for r in TABLE if r.by == PERSON and r.sources and NEEDS_A_FORM & set(r.gates)):
        assert r.button.endswith("…"), r.event


def test_a_word_means_one_event_in_a_phase():
    for phase in Phase:
        words = [r.word for r in rows_in(phase) if r.word]
        assert len(words) == len(set(words)), phase


def test_what_happens_by_itself_asks_nobody_and_has_no_permission():
    for r in (r for r in TABLE if r.by == ITSELF and not r.word):
        assert not r.act and not r.button, r.event
        assert not {"reason", "severity", "not_self"} & set(r.gates), r.event


def test_permissions_of_the_table_are_permissions_of_the_policy():
    assert {r.act for r in TABLE} - {""} <= set(get_args(Permission))


def test_every_phase_is_reached_from_the_start_and_every_open_phase_is_left():
    reached = {r.target for r in TABLE if not r.sources}
    while True:
        more = {r.target for r in TABLE if r.target and reached & set(r.sources)} | reached
        if more == reached:
            break
        reached = more
    assert reached == set(Phase)
    assert set(ANY_OPEN) == set(OPEN_PHASES)
    for phase in OPEN_PHASES:
        assert any(r.target not in (None, phase) for r in rows_in(phase)), phase


def test_only_go_and_a_rollback_lead_to_production_and_both_are_a_persons():
    into = [r for r in TABLE if r.target is Phase.DEPLOYMENT]
    assert {r.event for r in into} == {"go", "rollback"}
    assert all(r.by == PERSON and r.act for r in into)
    for event in ("go", "cancel", "rollback", "fix_forward", "merge", "abort"):
        assert row(event).by == PERSON and row(event).act, event


def test_the_gates_are_asked_all_and_name_every_reason():
    w = World()
    r = w.start("minor")
    found = blockers(row("begin"), w.situation(w.again(r)), Act(r.lead, "begin"))
    assert [b.code for b in found] == ["signoff.scope.final"]
    other = blockers(row("go"), w.situation(w.again(r)), Act(r.lead, "go"))
    assert [b.code for b in other] == ["phase"]


def test_the_picture_has_every_event_and_every_phase_change():
    picture = to_mermaid()
    assert picture.startswith("stateDiagram-v2\n")
    drawn = set(re.findall(r"[a-z_]+", picture))
    assert {r.event for r in TABLE} <= drawn
    assert "    [*] --> planning: start\n" in picture and "    closed --> [*]\n" in picture
    assert picture.count("preparation --> deployment: go") == 1
    assert "-" not in "".join(re.findall(r"(?m)^    (\S+) -->", picture))  # Mermaid reads no hyphen in a state's name


@pytest.mark.parametrize("name", ["lifecycle", "gates"])
def test_the_page_in_docs_is_what_the_table_says(name):
    text = (ROOT / "release_policy.toml").read_text()
    assert (ROOT / "docs" / f"{name}.md").read_text() == page(name, text), "run `make diagram`"


def test_a_page_that_is_not_generated_is_named():
    with pytest.raises(LookupError):
        page("policy", "")


def test_the_page_shows_every_event_and_gate_once():
    text = lifecycle_page()
    for r in TABLE:
        assert len(re.findall(rf"(?m)^\| `{r.event}` \|", text)) == 1, r.event
    assert "| planning..preparation → same |" in text  # neighbours are a span
    assert "| post-release, closed → same |" in text


def test_the_event_that_a_sign_off_names_as_its_gate_asks_for_sign_offs():
    for name, item in policy().signoffs.items():
        assert "signoffs" in row(item.gate).gates, name
