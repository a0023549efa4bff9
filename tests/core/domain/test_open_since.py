"""Since when a condition is open: first seen, kept while it is open, forgotten when it is met; and who can clear it."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.facts import project
from core.domain.gates import GATES
from core.domain.lifecycle import BY_EVENT
from core.domain.open_since import key_of, noticed
from tests.core.domain.test_engine import minor
from tests.core.domain.world import World

NEXT = ("begin", "freeze", "candidate", "ready", "go", "deployed", "rolled_back", "close")
# What no person can clear: it comes by itself, at its hour, or it tells only which kind of event it is.
BY_ITSELF = {"by_train", "window", "freeze"}


def test_the_first_sight_is_kept_until_it_is_met() -> None:
    w = World()
    r = minor(w)
    found = [{"code": "has_branch", "facts": {"branch": "x"}, "who": [], "since": "", "later": False}]
    first = noticed(r, found, w.now)
    assert first.open_since == {"has_branch": w.now}
    assert noticed(first, found, w.now + timedelta(days=1)) is first
    assert noticed(first, [], w.now).open_since == {}
    told = [found[0] | {"since": "2026-12-01T00:00:00+00:00"}, found[0] | {"later": True}]
    assert noticed(r, told, w.now) is r


def test_two_of_one_code_are_told_apart_by_what_they_are_about() -> None:
    assert key_of("notes.gap", {"gap": "x", "item": "1"}) != key_of("notes.gap", {"gap": "x", "item": "2"})
    assert key_of("late", {"item": "#1", "title": "one"}) == key_of("late", {"item": "#1", "title": "another"})


def test_the_facts_tell_what_is_due_by_the_hour() -> None:
    w = World()
    r = minor(w)
    dues = project(w.situation(w.again(r)))["dues"]
    assert [d["what"] for d in dues] == ["missed"] and dues[0]["who"] == r.lead


def _calls() -> list[tuple[str, str, ast.Call]]:
    """Every blocker that a gate of a next step yields: gate, code and the call."""
    gates = {name for event in NEXT for name in BY_EVENT[event].gates}
    places = {GATES[name].__name__: GATES[name].__module__ for name in gates}
    found = []
    for module in sorted(set(places.values())):
        source = Path(f"{module.replace('.', '/')}.py")
        tree = ast.parse((source if source.is_file() else Path(f"{module.replace('.', '/')}/__init__.py")).read_text())
        functions = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and places.get(f.name) == module]
        for function in functions:
            calls = [c for c in ast.walk(function) if isinstance(c, ast.Call)]
            made = [c for c in calls if getattr(c.func, "id", "") == "Blocker"]
            found += [(function.name, ast.unparse(c.args[0]).strip("f'\""), c) for c in made]
    return found


@pytest.mark.parametrize(("gate", "code", "call"), [pytest.param(*x, id=f"{x[0]}-{x[1]}") for x in _calls()])
def test_every_blocker_of_a_next_step_names_who_can_clear_it_or_comes_by_itself(
    gate: str, code: str, call: ast.Call
) -> None:
    named = {k.arg: k.value for k in call.keywords}
    who = named.get("who") or (call.args[2] if len(call.args) > 2 else None)
    if code in BY_ITSELF or "later" in named:
        return
    assert who is not None and ast.unparse(who) != "()", f"{gate} yields {code} and names nobody"


def test_the_sources_were_read() -> None:
    assert len(_calls()) > 30
