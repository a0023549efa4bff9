"""The first drafts for stakeholders and support: plain words, no numbers of ours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.moves.texts import draft, kind_of, plain
from core.domain.release import Change
from tests.core.domain.world import policy

INNER = re.compile(
    r"\b[0-9a-f]{7,40}\b|#\d+|\b(feat|fix|chore)(\([^)]*\))?!?:|\b[A-Z][A-Z0-9]{1,9}-\d+\b|\b(release|hotfix)/"
)


def change(subject: str, pull: int | None = 12) -> Change:
    return Change("0123abc" * 5, subject, "Dana", "dana@asset-anchor.example", pull)


@pytest.mark.parametrize(("subject", "kind"), [
    ("feat: export to spreadsheet", "new"),
    ("feat(search)!: new ranking (#41)", "new"),
    ("Add a dark theme", "new"),
    ("fix: totals are right in leap years", "fix"),
    ("Fixes the login on old tablets", "fix"),
    ("security: check the token's age", "fix"),
    ("revert: export to spreadsheet", "fix"),
    ("chore: bump versions", "inner"),
    ("ci(cache): keep wheels", "inner"),
    ("Merge branch 'develop' into release/1.3.0", "inner"),
    ("prefix the numbers", "new"),
])  # fmt: skip
def test_the_kind_of_a_change_follows_from_its_subject(subject, kind):
    assert kind_of(subject) == kind


@pytest.mark.parametrize(("subject", "words"), [
    ("feat(reports): export to spreadsheet (#12)", "Export to spreadsheet"),
    ("fix: totals are right in leap years [AA-17].", "Totals are right in leap years"),
    ("AA-99 faster start", "Faster start"),
    ("FIX: Shout less", "Shout less"),
    ("a" * 300, "A" + "a" * 119),
])  # fmt: skip
def test_a_subject_becomes_plain_words(subject, words):
    assert plain(subject) == words


def test_the_draft_has_new_and_solved_apart_each_once_and_no_number_of_ours():
    subjects = ["feat: export to spreadsheet (#12)", "feat: export to spreadsheet (#13)", "fix: leap years (AA-7)",
                "chore: tidy", "Merge branch 'release/1.3.0'"]  # fmt: skip
    texts = draft([change(s) for s in subjects], policy())
    assert texts.stakeholders.gets == ("Export to spreadsheet",) == texts.support.new
    assert texts.support.solved == ("Leap years",) and texts.stakeholders.better == "1 fix."
    assert texts.support.contact and texts.support.downtime and "Asset Anchor" in texts.support.say
    shown = " ".join((*texts.stakeholders.gets, texts.stakeholders.better, *texts.support.new, *texts.support.solved))
    assert not INNER.search(shown)


@pytest.mark.parametrize("subject", [
    "fix: undo 0123abcd, it broke totals", "Backport #41 to the old line", "Take release/1.2.3 back into develop",
    "feat: switch on new_search", "fix: `Totals.sum()` is right", "Merge hotfix/1.2.2-hotfix.1",
])  # fmt: skip
def test_a_change_that_names_what_only_the_team_knows_is_left_for_a_person_to_put_in_words(subject):
    texts = draft([change(subject), change("feat: dark theme"), change("fix: decade and defaced signs")], policy())
    assert texts.stakeholders.gets == ("Dark theme",) and texts.support.solved == ("Decade and defaced signs",)


def test_of_many_changes_the_draft_names_eight_and_counts_nothing_twice():
    texts = draft([change(f"feat: thing {chr(97 + n)}") for n in range(20)], policy())
    assert len(texts.stakeholders.gets) == 8 and texts.stakeholders.better == ""


@given(st.lists(st.sampled_from(["feat: ", "fix(core): ", "AA-12 ", "chore!: ", ""]), max_size=2), st.integers(1, 9999),
       st.text(alphabet="abc xyz", min_size=1, max_size=200))
def test_prefix_key_and_pull_number_never_reach_a_stakeholder(prefixes, pull, rest):
    words = plain("".join(prefixes[:1]) + rest.strip() + f" (#{pull})")
    assert len(words) <= 120 and not INNER.search(words)


def test_no_change_is_an_empty_draft_that_somebody_has_to_write():
    texts = draft([], policy())
    assert texts.stakeholders.gets == () and texts.stakeholders.better == "" and texts.edited_by == ""
