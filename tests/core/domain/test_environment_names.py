"""Whoever speaks of environments speaks of the same four."""

from __future__ import annotations

import ast
from pathlib import Path

from core.domain.environment_names import ON_THE_WAY
from core.domain.environments import NAMES
from core.domain.flags.model import ENVIRONMENTS
from tests.core.domain.world import policy

ROOT = Path(__file__).parents[3]


def test_the_most_careful_one_comes_last_and_is_shown_first() -> None:
    assert ON_THE_WAY == ENVIRONMENTS == tuple(reversed(NAMES)) and NAMES[0] == "production"
    assert set(policy().environments) == set(ON_THE_WAY)


def test_they_are_written_once() -> None:
    lists = []
    for house in ("core", "handlers", "bot"):
        for file in (ROOT / house).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Tuple | ast.List):
                    words = [e.value for e in node.elts if isinstance(e, ast.Constant)]
                    lists += [file.name] if set(words) == set(ON_THE_WAY) else []
    assert lists == ["environment_names.py"]
