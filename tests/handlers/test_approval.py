"""The approver's message: each point in words, the difference only, the question; and nothing foreign breaks it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.domain.facts import project
from core.domain.manifest import Manifest, NoteLines, Signed
from core.domain.release import Question
from core.domain.risk import Point
from handlers.views.approval import ask
from handlers.views.approval_again import withdrawn
from handlers.views.blocks import SECTION
from handlers.views.risk_words import TABLE, worth_knowing
from tests.handlers import drafts
from tests.handlers.desk import labels, words
from tests.handlers.layout import HOSTILE, check_message
from tests.handlers.story import DANA, MIRA, NOW, PRIYA, SHA, THEO, release, situation

OLD = Manifest("7" * 40, "1.3.0", "n", ("db/0042.py: adds a table",), ("app/settings.py: New setting `a`",))
LINKED: dict[str, Any] = {"links": drafts.LINKS}
DATA: dict[str, dict[str, Any]] = {  # what each point carries, at its largest
    "evidence_failed": {"kind": "regression", "name": HOSTILE, "url": "https://ci.example/1",
                        "numbers": {"tests": 1284.0, "failed": 3.0}, "failing": [HOSTILE, HOSTILE]},
    "evidence_missing": {"kind": "performance"}, "evidence_running": {"kind": "automated"},
    "evidence_passed": {"kinds": ["automated", "regression", "uat", "security", "performance"]},
    "item_open": {"title": HOSTILE}, "hotfix": {"reason": HOSTILE}, "after_rollback": {"version": "1.2.9"},
    "candidate": {"number": 3}, "concern": {"by": DANA, "text": HOSTILE},
    "moved_by_hand": {"ref": HOSTILE, "by": THEO, "reason": HOSTILE},
    "way_back": {"version": "1.2.2", "by": THEO}, "way_back_open": {"version": "1.2.2", "by": ""},
    "override": {"title": HOSTILE, "by": [PRIYA, THEO], "reason": HOSTILE},
    "migrations": {"count": 2, "what": [HOSTILE] * 5, "removed": 1, "classes": {HOSTILE: 1, "additive": 1}},
    "no_migration": {},
    "settings": {"count": 1, "what": ["New setting `search.index`"]}, "flags": {"count": 1, "what": [HOSTILE]},
    "area": {"area": "payments", "files": 3, "paths": [HOSTILE], "items": ["#341", "#342"], "count": 2, "of": 14},
    "breaking": {"items": ["#337"], "count": 1}, "unreviewed": {"items": ["#338", "8f3c2ab"], "count": 7},
    "reviewed_before": {"items": ["#341"], "count": 1},
    "all_reviewed": {}, "late": {"item": "#346", "by": THEO, "reason": HOSTILE}, "embargoed": {"count": 2},
    "unclassified": {"count": 2}, "size": {"changes": 14, "files": 23, "authors": 6},
    "larger": {"changes": 41, "usual": 12, "releases": 5}, "texts_drafted": {},
    "departure_near": {"at": NOW.isoformat()}, "outside_hours": {"at": ""},
    "freeze_near": {"name": HOSTILE, "from": NOW.isoformat()},
}  # fmt: skip
SAID = {
    "evidence_failed": "⛔ The full regression failed on this commit: <https://ci.example/1|3 of 1,284 failed",
    "evidence_passed": "✅ The automated tests, the full regression, the user acceptance test, the security scan and 1",
    "area": "⚠️ 2 of 14 changes touch payments: ",
    "unreviewed": "and 5 more were approved by nobody but the author",
    "reviewed_before": "was approved before the last push, by nobody since",
    "size": "14 changes in 23 files by 6 people",
    "larger": "It is 3 times as large as usual: 41 changes; half of the last 5 of its kind had 12 or fewer",
    "settings": "1 setting to look after: New setting",
    "departure_near": "It leaves within a day, ",
}


def facts(**more: Any) -> dict[str, Any]:
    r = release()
    c = replace(r.candidates[0], manifest=replace(OLD, commit=SHA))
    return project(situation(replace(r, candidates=(c,), **more))) | LINKED


def moved(**changes: Any) -> dict[str, Signed]:
    return {MIRA: Signed("v1.3.0-rc.1", OLD.commit, NOW, manifest=OLD, **changes)}


def test_every_point_that_the_domain_knows_has_words_and_data_here() -> None:
    source = Path("core/domain/risk.py").read_text(encoding="utf-8")
    known = set(re.findall(r'Point\("([a-z_]+)"', source)) | {"evidence_failed", "evidence_running", "way_back_open"}
    assert known == set(TABLE) == set(DATA)


@pytest.mark.parametrize("code", TABLE)
def test_a_point_says_what_and_why_in_one_line_whatever_it_is_made_of(code: str) -> None:
    line = worth_knowing([Point(code, DATA[code])], facts())
    assert "\n" not in line and "{" not in re.sub(r"<!date[^>]*>", "", line) and "None" not in line and len(line) > 20
    assert SAID.get(code, TABLE[code][0]) in line
    made = facts() | {"points": [{"code": code, "data": DATA[code]}]}
    check_message(ask(made, MIRA, "product_manager", NOW), foreign=True)


def test_all_points_at_once_fit_with_the_bad_ones_first() -> None:
    text = worth_knowing([Point(code, DATA[code]) for code in reversed(TABLE)], facts())
    assert len(text) <= SECTION and text.startswith("⛔") and re.search(r"and \d+ more$", text)


def test_who_has_approved_before_reads_only_the_difference() -> None:
    commit = {"subject": "fix: the lease's own month", "author": "Dana", "sha": "d20f7b1" + "0" * 33, "pull": 345}
    made = facts(last_signed=moved(came=(commit,), changes=3))
    shown = ask(made, MIRA, "product_manager", NOW)
    text = words(shown)
    assert "changed after you approved it" in shown.text and "or object" in shown.text
    assert "Your approval of rc.1 was withdrawn, because rc.2 was tagged" in text and "Only this is different" in text
    assert "*Different: 1 change*" in text and "the lease's own month, by Dana" in text
    assert "*The same as before:* notes · 1 migration · 1 setting · flags · the other 3 changes" in text
    assert "New for customers" not in text
    assert {"Approve again (last signature)", "Object…", "Ask…", "See what changed"} <= set(labels(shown.blocks))
    check_message(shown)
    other = ask(made, THEO, "product_manager", NOW)
    assert "Approve v1.3.0?" in words(other) and "Reject…" in labels(other.blocks)


def test_a_part_that_moved_without_a_candidate_is_told_by_its_lines() -> None:
    old = replace(OLD, commit=SHA, notes="m", migrations=("db/0041.py: is gone",), configuration=())
    signed = {MIRA: Signed("v1.3.0-rc.2", SHA, NOW, "content", old)}
    text = words(ask(facts(last_signed=signed), MIRA, "product_manager", NOW))
    assert "the commit is the same, but not all that comes with it" in text
    assert "*The notes read otherwise*" in text and "*1 migration more and 1 migration less*" in text
    assert "• db/0042.py: adds a table" in text and "• not any more: db/0041.py: is gone" in text
    assert "*1 setting more*" in text and "*The same as before:* the commit" in text


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        (NoteLines((("Bug Fixes", "The right month"),)), "*1 line of the notes*, under Bug Fixes\n• “The right month”"),
        (NoteLines((("Bug Fixes", "A"), ("Improvements", "B")), 3, 1), "*5 lines of the notes*\n• Bug Fixes: “A”"),
        (NoteLines((), 0, 2), "2 lines of the notes are not there any more"),
        (NoteLines(), "*The notes read otherwise*"),
    ],
)
def test_the_lines_of_the_notes_stand_in_the_difference(notes: NoteLines, said: str) -> None:
    signed = {MIRA: Signed("v1.3.0-rc.1", OLD.commit, NOW, manifest=replace(OLD, notes="old"), notes=notes)}
    assert said in words(ask(facts(last_signed=signed), MIRA, "product_manager", NOW))


def test_a_difference_that_nobody_knows_asks_for_the_whole_content() -> None:
    signed = {MIRA: Signed("v1.3.0-rc.1", OLD.commit, NOW)}
    made = ask(facts(last_signed=signed), MIRA, "product_manager", NOW)
    assert "Only this is different" not in words(made) and "What you approve" in words(made)
    assert "Approve again (last signature)" in labels(made.blocks)


def test_hostile_parts_and_commits_hold() -> None:
    many = tuple(f"{n}{HOSTILE}" for n in range(60))
    bad = replace(OLD, migrations=(HOSTILE,) * 3, configuration=many, flags=(HOSTILE,))
    row = {"subject": HOSTILE, "author": HOSTILE, "sha": SHA, "pull": None}
    signed = {MIRA: Signed("v1.3.0-rc.1", OLD.commit, NOW, "candidate", bad, (row,) * 10, 90, (row,) * 10, 3)}
    signed[MIRA] = replace(signed[MIRA], notes=NoteLines(((HOSTILE, HOSTILE),) * 5, 7, 2))
    made = facts(last_signed=signed, questions=(Question(1, MIRA, NOW, HOSTILE, (PRIYA,), "v1.3.0-rc.2"),) * 9)
    check_message(ask(made, MIRA, "product_manager", NOW), foreign=True)
    data = {"facts": made, "before": "v1.3.0-rc.1", "actor": THEO} | made["again"][MIRA]
    check_message(withdrawn(data, "product_manager"), foreign=True)


def test_what_somebody_asked_stands_in_their_own_request_with_the_way_to_the_answer() -> None:
    question = Question(1, MIRA, NOW, "Why does #341 touch payments?", (DANA, PRIYA), "v1.3.0-rc.2")
    made = facts(questions=(question, replace(question, id=2, candidate="v1.3.0-rc.1", text="Old?")))
    made["thread"] = "https://code.example/archives/C1/p1"
    text = words(ask(made, MIRA, "product_manager", NOW))
    link = "<https://code.example/archives/C1/p1|in the thread>"
    assert f"“Why does #341 touch payments?” of <@U0DANA> and <@U0PRIYA>, {link}" in text
    assert "Old?" not in text, "that was about other content"
    assert "You asked" not in words(ask(made, THEO, "product_manager", NOW))


def test_database_and_settings_stand_beside_the_commit() -> None:
    text = words(ask(facts(), MIRA, "product_manager", NOW))
    assert "1 migration: adds a table" in text and "*Settings and flags*\n1 setting" in text
    none = facts()
    none["content"] = None
    assert "*Database*" not in words(ask(none, MIRA, "product_manager", NOW)), "nobody knows of an old candidate"
