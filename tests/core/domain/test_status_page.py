"""The page for people without Slack: only what stakeholders were told, and nothing of the team's."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from core.domain.status_page import status

NOW = datetime(2026, 12, 16, 15, tzinfo=UTC)


def iso(days: float) -> str:
    return (NOW + timedelta(days=days)).isoformat()


def facts(version: str, phase: str, **more: Any) -> dict[str, Any]:
    texts = {"stakeholders": {"gets": [f"New in {version}"], "better": "2 fixes.", "good_to_know": ""},
             "support": {"solved": [f"Solved in {version}"]}}  # fmt: skip
    return {"version": version, "phase": phase, "type": "minor", "texts": texts, "announced": {}, "incidents": [],
            "departs_at": None, "live_at": None, "outcome": "", "hold": None} | more  # fmt: skip


def test_what_was_announced_stands_there_and_nothing_else() -> None:
    told = {"planned:stakeholders": iso(-9)}
    known = [
        facts("1.3.0", "post-release", live_at=iso(-1), announced={"live:stakeholders": iso(-1)}),
        facts("1.2.2", "closed", live_at=iso(-30), type="hotfix", announced={"hotfix_live:stakeholders": iso(-30)}),
        facts("1.2.1", "closed", live_at=iso(-31), outcome="rolled back"),
        facts("1.6.0", "planning", departs_at=iso(40)),  # nobody outside has heard of it
        facts("1.5.0", "planning", departs_at=iso(20), announced=told, hold={"by": "U0PRIYA", "reason": "the bank"}),
        facts("1.4.0", "preparation", departs_at=iso(6), announced=told),
        facts("1.3.1", "stabilization", type="hotfix", departs_at=iso(0), announced=told),
    ]
    found = status("Asset Anchor", "America/New_York", "1.3.0", known, NOW)
    assert found.live and (found.live.version, found.live.gets) == ("1.3.0", ("New in 1.3.0",))
    assert [(u.version, u.at is None) for u in found.coming] == [("1.4.0", False), ("1.5.0", True)]
    assert [(u.version, u.gets, u.taken_back) for u in found.last] == [
        ("1.3.0", ("New in 1.3.0",), False), ("1.2.2", ("Solved in 1.2.2",), False), ("1.2.1", (), True),
    ]  # fmt: skip
    assert not found.updating and not found.problems
    written = str(asdict(found))
    assert not any(word in written for word in ("U0PRIYA", "bank", "1.6.0", "1.3.1"))


def test_incidents_are_told_in_our_words_and_forgotten_after_a_while() -> None:
    def burned(text: str, severity: str, since: float, until: float | None) -> dict[str, Any]:
        return {"text": text, "severity": severity, "detected_at": iso(since), "resolved_at": until and iso(until)}

    incidents = [
        burned("db-3 of Olu is full", "customers cannot work", -0.1, None),
        burned("cache", "something is wrong", -5, -4.9),
        burned("a log line", "nobody notices", -1, None),
        burned("old", "", -100, -99),
    ]
    known = [facts("1.3.0", "deployment", announced={"planned:stakeholders": iso(-9)}, incidents=incidents)]
    found = status("Asset Anchor", "UTC", "1.2.2", known, NOW)
    assert [(p.words, p.until is None) for p in found.problems] == [
        ("Customers cannot work", True), ("Something did not work as it should", False),
    ]  # fmt: skip
    assert (found.updating, found.live and found.live.version, len(found.burning)) == ("1.3.0", "1.2.2", 1)


def test_what_slipped_into_a_text_is_taken_out() -> None:
    text = {"stakeholders": {"gets": ["Faster 8f3c2ab1 search", "release/1.3.0", "key AKIAIOSFODNN7EXAMPLE"]}}
    known = [facts("1.3.0", "closed", live_at=iso(-1), announced={"live:stakeholders": ""}, texts=text)]
    found = status("Asset Anchor", "UTC", "1.3.0", known, NOW)
    assert found.live and found.live.gets[0] == "Faster search" and len(found.live.gets) == 2
    assert "AKIAIOSFODNN7EXAMPLE" not in found.live.gets[1]
