"""Corrections, moves and ends obey what a start obeys, and do not meet git half-way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.release import Phase
from core.errors import NotFound, Refused
from tests.core.domain.test_engine import codes, minor
from tests.core.domain.world import PRIYA, TRAIN, World

LATER = TRAIN + timedelta(days=28)


def refused(w: World, event: str, release, **words) -> list[str]:
    with pytest.raises(Refused) as found:
        w.act(PRIYA, event, release, **words)
    return codes(found)


def test_a_minor_cannot_become_a_major_of_next_week():
    w = World()
    r = w.start("minor")
    assert refused(w, "edit", r, type="major", version="2.0.0") == ["notice"]
    w.act(PRIYA, "edit", r, type="major", version="2.0.0", to=LATER.isoformat())
    fresh = w.again(r)
    assert (fresh.type, fresh.version, fresh.departs_at) == ("major", "2.0.0", LATER)


def test_a_corrected_date_lies_ahead_and_is_nobody_elses():
    w = World()
    w.start("minor", departs_at=LATER)
    r = w.start("minor")
    assert refused(w, "edit", r, to=LATER.isoformat()) == ["departure_free"]
    assert refused(w, "edit", r, to=(w.now - timedelta(days=1)).isoformat()) == ["departure_past"]
    assert refused(w, "edit", r, to="next Wednesday") == ["departure_past"]


def test_a_correction_names_a_type_that_exists_and_a_fix_has_no_departure():
    w = World()
    r = w.start("minor")
    assert refused(w, "edit", r, type="huge") == ["edit.kind"]
    assert refused(w, "edit", r, type="patch", version="1.2.3") == ["edit.kind"]
    p = w.start("patch")
    assert refused(w, "edit", p, to=LATER.isoformat()) == ["by_train"]


def test_nothing_is_corrected_while_git_makes_the_branch_of_the_old_number():
    w = World()
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    w.pumping = False
    w.act(PRIYA, "freeze_early", r, reason="everything is merged")
    assert refused(w, "edit", r, version="1.4.0") == ["git.busy"]
    w.pumping = True
    w.pump()
    assert w.again(r).candidate and w.again(r).candidate.tag == "v1.3.0-rc.1"


def test_a_minor_gets_its_first_candidate_by_the_freeze_even_when_its_branch_is_there():
    w = World()
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    w.heads["release/1.3.0"] = "dev0"
    w.look()
    assert "has_branch" in refused(w, "candidate", r)


def test_a_release_that_was_merged_away_while_git_worked_does_not_come_back():
    w = World()
    w.start("minor", departs_at=LATER)
    r = w.start("minor")
    w.sign_all("begin", r)
    w.act(PRIYA, "begin", r)
    w.pumping = False
    w.act(PRIYA, "freeze_early", r, reason="everything is merged")
    assert refused(w, "merge", r, into="1.3.0", reason="too small") == ["git.busy"]
    w.pumping = True
    w.pump()
    w.act(PRIYA, "merge", r, into="1.3.0", reason="too small")
    assert w.phase(r) is Phase.CANCELLED and w.again(r).fixed_by == "1.3.0"
    w.report(r.id, "git.pushed", {"purpose": "freeze", "contains": []})
    assert w.phase(r) is Phase.CANCELLED


def test_a_major_is_not_moved_inside_its_notice():
    w = World()
    r = w.start("major", departs_at=LATER)
    assert refused(w, "move", r, to=TRAIN.isoformat()) == ["notice"]


def test_what_is_no_persons_event_is_not_found():
    w = World()
    r = minor(w)
    for event in ("freeze", "stage", "deployed", "rolled_back", "start", "fire_go", "no such thing"):
        with pytest.raises(NotFound):
            w.act(PRIYA, event, r)


def test_an_ended_release_takes_no_more_acts():
    w = World()
    r = minor(w)
    w.act(PRIYA, "cancel", r, reason="scope fell apart")
    for event in ("ready", "go", "hold", "concern", "move", "edit"):
        assert refused(w, event, r, reason="still, please", to=LATER.isoformat()) == ["phase"], event
