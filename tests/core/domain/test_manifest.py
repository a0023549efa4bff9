"""What is signed: a part that changes without a new candidate voids the approvals, and only the difference is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.facts import project
from core.domain.manifest import (
    MOST_MARKS,
    PARTS,
    Manifest,
    NoteLines,
    difference,
    lines_between,
    mark_of,
)
from core.domain.notes.model import Draft, Finding, Item
from core.domain.release import Change, Phase, Release
from core.domain.signing import present
from core.errors import Refused, Stale
from tests.core.domain.test_engine import minor, to_preparation, to_staging
from tests.core.domain.world import DANA, MIRA, OLU, PRIYA, QADIR, THEO, World

TABLE = Finding("migration", "db/0042.py", "adds a table `deposits`")
SETTING = Finding("config", "app/settings.py", "New setting `search.index`")


def read_anew(w: World, r: Release, *findings: Finding) -> None:
    """The range of the candidate is read again, and its difference shows these."""
    draft = w.drafts[r.id]
    w.drafts[r.id] = replace(draft, findings=findings)
    assert draft.head == w.again(r).branch_head
    change = {"sha": draft.head, "subject": "feat: one", "author": "Dana", "email": "dana@x", "pull": 1}
    w.report(r.id, "scope.read", {"branch": r.branch, "head": draft.head, "changes": [change], "late": []})


def ready(*findings: Finding) -> tuple[World, Release]:
    w = World()
    r = minor(w)
    to_preparation(w, r)
    if findings:
        read_anew(w, r, *findings)
    return w, w.again(r)


def asks_of(w: World, person: str) -> int:
    return sum(
        e.kind == "slack.ask" and e.body["person"] == person for step in w.steps for e in step.outcome.effects
    )


def test_what_differs_is_told_by_its_part_and_the_rest_is_counted() -> None:
    old = Manifest("a", "1.3.0", "n", ("db/1: adds", "db/2: adds"), ("x: New setting `a`",))
    new = replace(old, notes="m", migrations=("db/2: adds", "db/3: drops"))
    found = {part.name: part for part in difference(old, new)}
    assert tuple(found) == PARTS
    assert [name for name, part in found.items() if part.changed] == ["notes", "migrations"]
    assert (found["migrations"].came, found["migrations"].went, found["migrations"].same) == (
        ("db/3: drops",), ("db/1: adds",), 1)  # fmt: skip
    assert (found["configuration"].same, found["flags"].same, found["commit"].same) == (1, 0, 1)
    assert not any(part.changed for part in difference(old, old))


def test_a_part_that_is_read_otherwise_voids_the_approval_and_asks_for_the_difference_only() -> None:
    w, r = ready(TABLE)
    w.act(MIRA, "approve", r)
    before, signed = w.again(r), w.decisions[r.id]
    asked = asks_of(w, MIRA)
    read_anew(w, r, TABLE, SETTING)
    now = w.again(r)
    assert now.candidate and before.candidate and now.candidate.sha == before.candidate.sha
    assert now.digest != before.digest and now.tagged_as == before.tagged_as
    kept = {d.gate for d in w.decisions[r.id]}
    assert "approval" not in kept and {d.gate for d in signed} - kept == {"approval"}, "tests are about the commit"
    assert w.said("content_changed") == ["thread"] and asks_of(w, MIRA) == asked + 1
    again = project(w.situation(now))["again"][MIRA]
    told = {p["part"]: p for p in again["parts"]}
    assert again["why"] == "content" and told["configuration"]["count"] == [1, 0]
    assert told["configuration"]["came"] == ["app/settings.py: New setting `search.index`"]
    assert told["migrations"] == {"part": "migrations", "came": [], "went": [], "count": [0, 0], "same": 1}
    with pytest.raises(Stale):
        w.act(MIRA, "approve", r, subject=before.digest[:16])
    w.act(MIRA, "approve", r, subject=now.digest[:16])
    assert project(w.situation(w.again(r)))["again"] == {}
    entry = next(step for step in w.steps if step.verb == "content_changed" and step.outcome.withdraw)
    assert entry.outcome.record["parts"] == ["configuration"] and entry.via == "itself"


@pytest.mark.parametrize("change", ["flags", "notes", "migrations"])
def test_every_part_that_can_move_by_itself_does_it(change: str) -> None:
    w, r = ready(TABLE)
    w.act(MIRA, "approve", r)
    if change == "migrations":
        read_anew(w, r)
    elif change == "flags":
        w.releases[r.id] = replace(w.again(r), flags=("new_search at 10 %",))
        w.report(r.id, "look_again", {})
    else:  # a product without a CHANGELOG: nothing but the text itself can be signed
        w.policy = w.policy.model_copy(update={"notes": w.policy.notes.model_copy(update={"changelog": ""})})
        c, notes = w.again(r).candidate, w.again(r).notes
        assert c and notes and c.manifest
        bare = replace(c, section="", manifest=replace(c.manifest, notes=notes.text))
        w.releases[r.id] = replace(w.again(r), candidates=(bare,))
        w.report(r.id, "look_again", {})
        assert w.situation(w.again(r)).approvals("product_manager"), "the same text is the same content"
        w.act(PRIYA, "classify", r, item="known", text="Search is slow on Mondays")
    assert not w.situation(w.again(r)).approvals("product_manager")
    changed = [p["part"] for p in project(w.situation(w.again(r)))["again"][MIRA]["parts"] if any(p["count"])]
    assert changed == [change]


def test_also_on_hold_nobody_has_approved_what_is_other_content_now() -> None:
    w, r = ready(TABLE)
    w.act(MIRA, "approve", r)
    w.act(QADIR, "hold", r, reason="the bank is closed")
    read_anew(w, r)
    assert not w.situation(w.again(r)).approvals("product_manager")


def test_an_objection_stays_when_the_content_is_read_otherwise() -> None:
    w, r = ready()
    w.act(MIRA, "reject", r, reason="the month is wrong")
    read_anew(w, r, TABLE)
    assert [d.reason for d in w.situation(w.again(r)).rejections()] == ["the month is wrong"]
    assert w.said("content_changed") == [], "nobody's approval fell, so nobody has to look twice"


def test_the_same_reading_and_a_candidate_of_before_void_nothing() -> None:
    w, r = ready(TABLE)
    w.act(MIRA, "approve", r)
    read_anew(w, r, TABLE)
    assert w.situation(w.again(r)).approvals("product_manager")
    c = w.again(r).candidate
    assert c is not None
    w.releases[r.id] = replace(w.again(r), candidates=(replace(c, manifest=None),))
    read_anew(w, r, TABLE, SETTING)
    assert present(w.situation(w.again(r))) is None
    assert w.situation(w.again(r)).approvals("product_manager"), "an upgrade takes no signature away"


def test_a_new_candidate_tells_the_other_parts_beside_its_commits() -> None:
    w, r = ready(TABLE)
    w.act(MIRA, "approve", r)
    w.commit(r.branch, "fix1")
    w.look()
    w.drafts[r.id] = replace(w.drafts[r.id], findings=(TABLE, SETTING))
    w.act(THEO, "candidate", r)
    place, _, told = next(p for p in w.posts if p[1] == "withdrawn" and p[0].startswith("dm:"))
    parts = {p["part"]: p["count"] for p in told["parts"]}
    assert place == f"dm:{MIRA}" and parts["commit"] == [1, 1]
    assert parts["migrations"] == [0, 0] and parts["configuration"] == [1, 0]
    again = w.again(r).last_signed[MIRA]
    assert again.candidate == "v1.3.0-rc.1" and [c["subject"] for c in again.came] == ["fix: one"]
    assert told["notes"]["came"][0] == ["Bug Fixes", "change of fix1"] and told["notes"]["gone"] == 0
    kept = [c.lines for c in w.again(r).candidates]
    assert kept[0] == () and kept[1], "the newest one alone is compared"


def test_lines_of_the_notes_are_compared_by_marks_and_very_long_notes_are_not() -> None:
    old = [("Bug Fixes", "one"), ("New Features", "two")]
    marks = [mark_of(line) for line in old]
    now = [("Improvements", "one"), old[1], *(("Bug Fixes", str(n)) for n in range(7))]
    found = lines_between(marks, now)
    assert found == NoteLines((now[0], *now[2:6]), 3, 1), "a line under another heading is another line"
    assert lines_between(marks, old) == NoteLines() == lines_between((), old), "nothing was kept of an old candidate"
    assert lines_between(marks, [("x", str(n)) for n in range(MOST_MARKS)]) == NoteLines()


def test_a_go_that_was_asked_for_other_content_is_taken_back() -> None:
    w = World()
    r = minor(w)
    to_staging(w, r)
    w.sign_all("go", r)
    release = w.again(r)
    assert release.departs_at and release.coming_at
    w.at(release.coming_at)
    w.at(release.departs_at)
    w.pumping = False
    w.act(PRIYA, "go", r)
    assert w.again(r).go is not None
    w.drafts[r.id] = Draft("main0", release.candidate.sha if release.candidate else "", findings=(TABLE,))
    w.report(r.id, "look_again", {})
    assert w.again(r).go is None and w.again(r).phase is Phase.PREPARATION
    assert not w.situation(w.again(r)).signed("go", str(w.again(r).epoch))


def test_an_approver_asks_the_lead_and_who_wrote_what_the_question_names() -> None:
    w, r = ready()
    wrote = (Change("8f3c2ab" + "0" * 33, "feat: ledger", "Dana", "dana@asset-anchor.example", 1),
             Change("9f3c2ab" + "0" * 33, "fix: logs", "Theo", "Theo@asset-anchor.example", None))  # fmt: skip
    w.releases[r.id] = replace(w.again(r), scope=wrote)
    w.act(MIRA, "ask", r, reason="Are 9F3C2AB and 8f3c2ab one thing?")
    assert w.again(r).questions[-1].to == (THEO, DANA, PRIYA)
    w.act(MIRA, "ask", r, reason="Why does #1 touch the ledger?")
    question = w.again(r).questions[-1]
    assert (question.by, question.to, question.candidate) == (MIRA, (DANA, PRIYA), "v1.3.0-rc.1")
    w.act(MIRA, "ask", r, reason="Is the plan for #7 written?")
    assert w.again(r).questions[-1].to == (PRIYA,), "nobody here wrote that"
    item = Item("#9", "ledger", pull=9, login="Theo-AA")  # the mail of its commit is nobody's, the host knows the login
    w.drafts[r.id] = replace(w.drafts[r.id], items=(item,))
    w.act(MIRA, "ask", r, reason="And #9?")
    assert w.again(r).questions[-1].to == (THEO, PRIYA)
    assert w.said("asked") == ["thread"] * 4
    assert not w.situation(w.again(r)).approvals("product_manager"), "asking decides nothing"
    with pytest.raises(Refused) as refused:
        w.act(OLU, "ask", r, reason="May I ask too?")
    assert refused.value.blockers[0].code == "not_holder" and MIRA in refused.value.blockers[0].who
    w.act(QADIR, "hold", r, reason="the bank is closed")
    w.act(MIRA, "ask", r, reason="How long will that take?")
