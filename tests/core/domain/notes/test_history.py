"""A labelled history of pull requests in a real repository: what is classified right, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.integrations.gitrepo.finding import touched
from core.domain.notes.by_paths import undecided, with_paths
from core.domain.notes.draft import draft
from core.domain.notes.model import Draft, Heading, Item, NotesRules
from core.domain.repository import Commit
from tests.core.domain.notes.story import Labelled, Story, labelled, merged

SEEN, HELD = "labelled.tsv", "labelled_held.tsv"
GUESSED = (Heading.SECURITY, Heading.API)


@dataclass(frozen=True)
class Told:
    """The history with its draft, and the row of each pull request."""

    draft: Draft
    rows: Mapping[int, Labelled]
    commits: list[Commit]
    held: frozenset[int]

    def items(self) -> list[tuple[Item, Labelled]]:
        return [(i, self.rows[i.pull]) for i in self.draft.items if i.pull in self.rows]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All rows as pull requests on develop, with a merge of main now and then that carries nothing of its own."""
    story = Story(tmp_path_factory.mktemp("told") / "repo.git")
    base = at = story.commit([], "Begin")
    rows, pulls = {}, {}
    side = base
    seen = labelled(SEEN)
    for number, row in enumerate([*seen, *labelled(HELD)], start=100):
        at, pulls[number] = merged(story, at, number, row)
        rows[number] = row
        if number % 50 == 0:
            side = story.commit([side], f"chore(release): {number}")
            at = story.commit([at, side], "Merge branch 'main' into develop", files={})
    story.tell()
    commits = story.read(base, at)
    found = draft(commits, shipped={}, pulls=pulls, difference=None, rules=NotesRules(), base="b", head=story.shas[at])
    return Told(found, rows, commits, frozenset(range(100 + len(seen), 100 + len(rows))))


def test_the_history_is_large_and_varied(told: Told):
    assert len(told.rows) >= 150
    assert {row.how for row in told.rows.values()} == {"squash", "merge", "rebase"}


def test_every_pull_request_is_one_unit_and_no_commit_is_lost(told: Told):
    assert [i.pull for i in told.draft.items if i.pull] == sorted(told.rows, reverse=True)
    inside = [sha for i in told.draft.items for sha in i.commits]
    carried = {c.sha for c in told.commits if c.subject.startswith("Merge branch")}
    assert len(inside) == len(set(inside)) and {c.sha for c in told.commits} - carried == set(inside)


def test_with_prefix_or_label_all_are_right(told: Told):
    marked = [(i, row) for i, row in told.items() if not i.why.startswith("words") and (row.labels or i.why)]
    wrong = [(i.title, i.why, row.heading) for i, row in marked if i.heading != row.heading]
    assert wrong == [] and len(marked) >= 80


def test_what_touches_only_tests_or_pages_is_told_by_git(tmp_path: Path):
    story = Story(tmp_path / "repo.git")
    base = story.commit([], "Begin")
    paths = story.commit([base], "Prove it", files={"tests/test_x.py": "x", "docs/a b.md": "y"})
    side = story.commit([base], "wip", files={"docs/x.md": "x", "docs/\u00e9.md": "y"})
    text = "Merge pull request #7 from t/x\n\nLease work"
    merge = story.commit([paths, side], text, files={"docs/x.md": "x", "docs/\u00e9.md": "y"})
    head = story.commit([merge], "Billing", files={"app/x.py": "x"})
    story.tell()
    found = draft(story.read(base, head), shipped={}, pulls={}, difference=None, rules=NotesRules(), base="b", head="h")
    asked = undecided(found)
    told_ = touched(story.git(), asked)
    assert told_[story.shas[paths]] == ("docs/a b.md", "tests/test_x.py") and told_[story.shas[merge]] == ()
    after = with_paths(found, told_, NotesRules())
    assert [(i.title, i.why) for i in after.items] == [
        ("Billing", ""), ("Lease work", "path:docs"), ("Prove it", "path:test"),
    ]  # fmt: skip


def plain(told: Told, held: bool) -> list[tuple[Item, Labelled]]:
    """Those with neither label nor prefix that a person was sure about."""
    bare = [(i, row) for i, row in told.items() if not row.labels and (not i.why or i.why.startswith("words"))]
    return [(i, row) for i, row in bare if row.heading != "-" and (i.pull in told.held) is held]


@pytest.mark.parametrize("held", [False, True], ids=["seen", "held out"])
def test_with_neither_most_are_right_and_none_is_called_security_or_api(told: Told, held: bool):
    rows = plain(told, held)
    right = [i for i, row in rows if i.heading == row.heading]
    wrong = [(i.title, i.heading, row.heading) for i, row in rows if i.heading not in (None, row.heading)]
    print(f"{'held out' if held else 'seen'}: {len(right)} of {len(rows)} right, {len(wrong)} wrong: {wrong}")
    assert len(rows) >= 50
    assert len(right) >= 0.7 * len(rows)
    assert len(wrong) <= 0.05 * len(rows), wrong
    assert [i for i, _ in rows if i.heading in GUESSED] == []


def test_whom_nobody_is_sure_about_stay_unclassified_and_hold_up_the_release(told: Told):
    open_ = {i.id for i in told.draft.items if i.heading is None}
    assert open_ and {g.item for g in told.draft.gaps if g.code == "unclassified"} == open_
    assert all(g.blocking for g in told.draft.gaps if g.code == "unclassified")


def test_without_a_forge_the_same_pull_requests_are_found(told: Told):
    alone = draft(told.commits, shipped={}, pulls={}, difference=None, rules=NotesRules(), base="a", head="b")
    assert [(i.id, i.commits) for i in alone.items] == [(i.id, i.commits) for i in told.draft.items]
    unlabelled = {i.id: i for i in alone.items}
    for item in told.draft.items:
        if item.pull and not told.rows[item.pull].labels and told.rows[item.pull].how != "rebase":
            assert unlabelled[item.id].heading == item.heading, item.title


