"""The page of gates names every gate, item and rule once, each with where it looks."""

from __future__ import annotations

import re

from core.domain.checklist_rules import RULES
from core.domain.gates import gates_of
from core.domain.gates_page import SOURCES, gates_page
from tests.core.domain.world import policy


def test_the_page_of_gates_names_every_gate_and_every_item_with_its_source():
    p = policy()
    gates, _, text = gates_page(p).partition("## Checklist items")
    text = text.partition("## Rules")[0]
    for name in gates_of():
        assert gates.count(f"| `{name}` |") == 1, name
    for name, item in p.signoffs.items():
        [line] = re.findall(rf"(?m)^\| `{re.escape(name)}` \|.*$", text)
        source = {"evidence": f"evidence `{item.by}`", "automatic": f"rule `{item.by}`"}.get(item.met, "a signature")
        assert source in line, name
        assert not item.stands_in_for, "nothing stands in for evidence any more"


def test_every_rule_stands_on_the_page_and_no_source_is_of_a_gate_that_is_gone() -> None:
    rules = gates_page(policy()).partition("## Rules")[2]
    assert all(rules.count(f"| `{name}` |") == 1 for name in RULES)
    assert set(SOURCES) <= set(gates_of())
