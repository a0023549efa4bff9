"""Flags from the terminal: made, set, shown, and every wrong word answered."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bot.conftest import Run


def test_a_flag_from_the_terminal(run: Run, tmp_path: Path) -> None:
    run("adopt", "--as", "priya")
    assert "off everywhere" in run("flags", "create", "search", "--kind", "release", "--owner", "dana").output
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps([{"contextName": "plan", "operator": "IN", "values": ["pro"]}]))
    assert "pro is segment 1, with 1 conditions" in run("flags", "segment", "pro", "--file", str(rules)).output
    rules.write_text('{"segments": [1], "variants": [{"name": "a", "weight": 1}]}')
    told = run("flags", "set", "search", "--in", "production", "10%", code=1)
    assert "second person" in told.output
    told = run(
        *("flags", "set", "search", "10%", "--in", "production", "--people", "ana, ben"),
        *("--rules", str(rules), "--as", "olu", "--with", "priya", "--reason", "first step"),
    )
    assert "production: search  release  10 % and 2 people, narrowed, 1 variant" in told.output
    assert "on for everybody" in run("flags", "set", "search", "--in", "staging", "on", "--as", "olu").output
    assert "can change a flag" in run("flags", "set", "search", "--in", "staging", "off", "--as", "sana", code=1).output
    rules.write_text('{"variants": 1}')
    told = run("flags", "set", "search", "--in", "staging", "--rules", str(rules), code=1)
    assert "These rules cannot be used: variants are a list" in told.output
    assert "no environment moon" in run("flags", "set", "search", "--in", "moon", "on", code=2).output
    assert "not on, off or a share" in run("flags", "set", "search", "12.5", "--in", "staging", code=2).output
    assert "nobody at all" in run("flags", "set", "search", "--in", "staging", "off", "--people", "x", code=2).output
    assert "off" in run("flags", "set", "search", "--in", "production", "off").output
    assert "search is find now" in run("flags", "rename", "search", "find").output
    listed = run("flags", "list").output
    assert "staging:\n  find  release  on for everybody" in listed and "production:\n  find  release  off" in listed
    assert "archived" in run("flags", "archive", "find").output
