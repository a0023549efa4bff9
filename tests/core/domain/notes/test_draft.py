"""The draft: what shipped before, gaps, hostile texts, and that all of it can be stored."""

import json
import time
from dataclasses import replace

from core.domain.forge import Pull
from core.domain.notes.by_paths import undecided, with_paths
from core.domain.notes.draft import draft, numbers
from core.domain.notes.gaps import with_issues
from core.domain.notes.model import Draft, Gap, Heading, Issue, NotesRules
from core.domain.notes.refs import matching
from core.store.records import decode, encode
from tests.core.domain.notes.told import changed, commit, drafted, line, sha, titles


def gaps(found: Draft, *codes: str) -> list[tuple[str, str, bool]]:
    return [(g.code, g.item, g.blocking) for g in found.gaps if g.code in codes]


def test_an_empty_range_has_an_empty_draft():
    found = drafted([])
    assert (found.items, found.shipped, found.findings) == ((), (), ()) and gaps(found, "known_issues_open")


def test_what_shipped_is_set_aside_with_its_version():
    picked = commit("a", "fix: a", f"(cherry picked from commit {'9' * 40})")
    history = line(commit("c", "feat: c"), commit("b", "fix: b (#2)"), picked)
    found = drafted(history, shipped={sha("c"): "1.2.1", "9" * 40: "1.2.2", "#2": "1.2.2-hotfix.1"})
    assert titles(found) == [] and [(s.item.title, s.version) for s in found.shipped] == [
        ("C", "1.2.1"), ("B", "1.2.2-hotfix.1"), ("A", "1.2.2"),
    ]  # fmt: skip
    assert drafted(history, shipped={sha("c"): ""}).shipped[0].version == "an earlier version"


def test_a_pull_request_of_which_only_a_part_shipped_stays_and_says_so():
    history = line(commit("b", "feat: b (#1)"), commit("a", "feat: a (#1)"))
    found = drafted(history, shipped={sha("a"): "1.2.1"})
    assert len(found.items) == 1 and gaps(found, "partly_shipped") == [("partly_shipped", "#1", False)]
    assert drafted(history, shipped={sha("a"): "1.2.1", sha("b"): "1.2.2"}).shipped[0].version == "1.2.2"


def test_a_pick_of_something_in_the_same_range_counts_with_it():
    history = line(
        commit("p", "fix: a", f"(cherry picked from commit {sha('a')})"),
        commit("q", "[1.3] fix: b (#9)", "Backport of #7"),
        commit("b", "fix: b (#7)"), commit("a", "fix: a"),
    )  # fmt: skip
    found = drafted(history)
    assert [(i.title, len(i.commits)) for i in found.items] == [("B", 2), ("A", 2)]


def test_gaps_of_items():
    pulls = [
        Pull(1, "feat: a", author="dana", state="merged"),
        Pull(2, "fix: b", author="dana", reviewers=("theo",), state="merged"),
        Pull(8, "feat: elsewhere", state="merged"),
        Pull(9, "still open"),
    ]
    direct = (commit("d", "docs: d"), commit("c", "fix: c"))
    history = line(*direct, commit("b", "fix: b AA-4 (#2)"), commit("a", "feat: a (#1)"))
    found = drafted(history, pulls=pulls, issue_pattern="AA-[0-9]+")
    assert gaps(found, "no_key") == [("no_key", sha("c")[:12], False), ("no_key", "#1", False)]
    assert gaps(found, "no_pull") == [("no_pull", sha("c")[:12], False)]
    assert gaps(found, "unreviewed") == [("unreviewed", "#1", False)]
    assert gaps(found, "not_in_range") == [("not_in_range", "#8", False)]
    assert gaps(drafted(history, pulls=[Pull(1, "feat: a", author="dana", reviewers=("dana",))]), "unreviewed")
    pushed = Pull(1, "feat: a", author="dana", reviewers_before=("dana", "theo"))
    told = [g for g in drafted(history, pulls=[pushed]).gaps if g.item == "#1" and "review" in g.code]
    assert [(g.code, g.facts["before"]) for g in told] == [("unreviewed", ["theo"])], "before the last push"


def test_an_item_knows_the_issues_that_it_closes_and_the_change_that_it_brings_from_elsewhere():
    closing = commit("b", "fix: b", "Closes: #12 and resolves #13")
    history = line(commit("c", "Pick it (#9)"), closing, commit("a", "a #3"))
    found = drafted(history, pulls=[Pull(9, "Pick it", "It conflicts.\n\nBackport of #7")])
    assert [i.closes for i in found.items] == [("#7",), ("#12", "#13"), ()]
    assert [i.id for i in matching(found.items, "#7")] == ["#9"]


def test_without_pull_requests_no_commit_lacks_one():
    assert not gaps(drafted(line(commit("a", "fix: a"))), "no_pull", "unreviewed")


def test_what_is_not_done_in_the_tracker_is_named():
    issue = Issue("AA-4", "Billing", "In review", done=False)
    rules = NotesRules(issue_pattern="AA-[0-9]+")
    made = draft(
        line(commit("b", "fix: b AA-4")), shipped={}, pulls={}, difference=None, rules=rules, base="", head="h"
    )
    assert with_issues(made, {"AA-9": issue, "AA-4": replace(issue, done=True)}) == made
    found = with_issues(made, {"AA-4": issue})
    facts = [g.facts for g in found.gaps if g.code == "key_not_done"]
    assert facts == [{"title": "B AA-4", "key": "AA-4", "state": "In review"}]


def test_a_patch_that_breaks_something_contradicts_itself():
    history = line(commit("a", "fix!: a"))
    for kind, expected in (("patch", True), ("hotfix", True), ("minor", False), ("major", False), ("", False)):
        assert bool(gaps(drafted(history, release_type=kind), "contradiction")) is expected
    gone = changed({"app/web.py": ('@app.get("/units")\ndef units(): ...\n', "def units(): ...\n")})
    kinds = ("patch", "minor", "major")
    found = [gaps(drafted([], difference=gone, release_type=k), "contradiction") for k in kinds]
    assert [[blocking for *_, blocking in f] for f in found] == [[True], [False], []]


def test_what_blocks_comes_first():
    found = drafted(line(commit("b", "b"), commit("a", "feat!: a (#1)")))
    assert [g.blocking for g in found.gaps] == sorted((g.blocking for g in found.gaps), reverse=True)


def test_a_draft_is_stored_and_read_as_it_was():
    new = changed({"db/migrations/V2__x.sql": (None, "DROP TABLE a;"), "app/x.py": ("", 'os.environ["NEW_FLAG"]')})
    found = drafted(
        line(commit("r", "revert: feat: z"), commit("z", "feat: z"), commit("b", "feat(x)!: y (#1)"), commit("a", "x")),
        shipped={sha("a"): "1.2.1"}, difference=new, issue_pattern="AA-1", hosts=("*.acme",),
    )  # fmt: skip
    assert found.findings and found.shipped and found.reverted and found.gaps and found.hosts
    assert decode(Draft, json.loads(json.dumps(encode(found)))) == found


def test_numbers_to_ask_about():
    trailer = commit("a", "y", "PR-URL: https://f.test/pull/3")
    assert numbers(line(commit("b", "x (#7)"), trailer, commit("c", "z (#7)"))) == (3, 7)


def test_hostile_texts_stay_plain_bounded_and_quick():
    evil = "\u202eevil\x00\x1b[31m \u200btext\ud800 <!channel> [x](http://evil.test) `"
    subjects = [
        evil, "", "\n", "A" * 1_000_000, "feat: " + "b" * 1_000_000, "\ufffd\ufffd broken", "((((" * 50_000,
        "feat(" * 40_000,
    ]  # fmt: skip
    bodies = [
        "B" * 1_000_000, "BREAKING CHANGE: " + "c" * 1_000_000, "This reverts commit " * 50_000,
        "Co-authored-by: " * 60_000, "(cherry picked from commit " * 40_000, "* " * 400_000, "\n" * 1_000_000,
    ]  # fmt: skip
    history = line(*(commit(f"{n}-{m}", t, b) for n, t in enumerate(subjects) for m, b in enumerate(bodies)))
    began = time.perf_counter()
    found = drafted(history, issue_pattern="AA-[0-9]+")
    assert time.perf_counter() - began < 6.0
    assert len(found.items) == len(history)
    for item in found.items:
        assert item.title.isprintable() and len(item.title) <= 310 and len(item.breaking) <= 1000
        item.title.encode()


def test_secrets_in_titles_are_gone_before_anything_is_stored():
    title = "fix: use ghp_abcdefghijklmnopqrstuvwx1234 on db1.acme"
    found = drafted(line(commit("a", title, "BREAKING CHANGE: mail bob@acme.test")), hosts=("*.acme",))
    assert "ghp_" not in str(found) and "bob@" not in str(found) and "db1.acme" not in str(found)
    assert found.redacted == 3


def test_what_was_touched_decides_where_words_do_not():
    merge = commit("m", "Merge pull request #7 from t/x", "Lease work", ["base", "a"])
    plain = [commit("b", "Prove it"), commit("c", "Billing"), commit("d", "feat: d"), commit("e", "Odd!")]
    history = line(merge, commit("a", "wip", parents=["base"]), *plain)
    found = drafted(history)
    asked = undecided(found)
    assert sha("d") not in asked and set(asked) >= {sha("m"), sha("a"), sha("b")}
    touched = {
        sha("m"): (), sha("a"): ("docs/x.md",), sha("b"): ("tests/x.py", "README.md"),
        sha("c"): ("app/x.py", "docs/x.md"),
    }  # fmt: skip
    after = with_paths(found, touched, NotesRules())
    assert [(i.title, i.why) for i in after.items] == [
        ("Lease work", "path:docs"), ("Prove it", "path:test"), ("Billing", ""), ("D", "prefix:feat"), ("Odd!", ""),
    ]  # fmt: skip
    assert [i.heading for i in after.items[:2]] == [Heading.HIDDEN] * 2 and after.items[0].fix
    open_ = [g.item for g in after.gaps if g.code == "unclassified"]
    assert open_ == [sha("c")[:12], sha("e")[:12]] and isinstance(after.gaps[0], Gap)
