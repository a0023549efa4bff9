"""A CHANGELOG keeps every byte that is not the section's, and no entry of two histories gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import changelog

FILE = """# Changelog

All that matters.

## [Unreleased]

## [1.2.2] - 2026-10-01

### Bug Fixes

- One thing (#12)
  that goes on

## v1.2.1 (2026-09-01)
- Another

[1.2.2]: https://host.example/compare/v1.2.1...v1.2.2
"""
NEW = "## [1.3.0] - 2026-12-16\n\n### New Features\n\n- Statements (#341)\n"


def test_a_section_comes_above_the_first_older_one_and_nothing_else_moves():
    made = changelog.insert(FILE, "1.3.0", NEW)

    assert made == FILE.replace("## [1.2.2]", NEW + "\n## [1.2.2]")
    assert changelog.section_of(made, "1.3.0") == changelog.section_of(made, "v1.3.0") == NEW.strip()


@pytest.mark.parametrize(
    ("version", "before"),
    [("1.2.2-hotfix.1", "## [1.2.2]"), ("1.2.1-hotfix.1", "## v1.2.1"), ("2.0.0", "## [1.2.2]")],
)
def test_the_order_is_that_of_releases(version, before):
    assert f"## [{version}]\n\n- x\n\n{before}" in changelog.insert(FILE, version, f"## [{version}]\n\n- x\n")


def test_the_oldest_goes_last_above_the_link_targets():
    made = changelog.insert(FILE, "1.0.0", "## [1.0.0]\n- First\n")
    assert "- Another\n\n## [1.0.0]\n- First\n\n[1.2.2]: https" in made


def test_the_same_version_is_replaced_and_what_is_around_it_stays():
    once = changelog.insert(FILE, "1.2.2", "## [1.2.2] - 2026-10-02\n\n- Better words")

    start, end = FILE.index("## [1.2.2]"), FILE.index("## v1.2.1")
    assert once == FILE[:start] + "## [1.2.2] - 2026-10-02\n\n- Better words\n\n" + FILE[end:]


def test_an_empty_file_gets_a_head_and_a_file_without_a_last_line_end_gets_one():
    assert changelog.insert("", "1.3.0", NEW) == changelog.EMPTY + "\n" + NEW
    text = "# Changes\n\n## 1.2.0\n- x"
    assert changelog.insert(text, "1.1.0", "## 1.1.0") == text + "\n\n## 1.1.0\n"


@pytest.mark.parametrize("head", ["", "# Changelog\n\n"])
def test_a_mark_of_the_byte_order_stays_first_and_hides_no_section(head: str):
    text = f"{changelog.BOM}{head}## [1.2.0]\n- x\n"
    assert changelog.section_of(text, "1.2.0") == "## [1.2.0]\n- x"
    made = changelog.insert(text, "1.3.0", "## [1.3.0]\n- y")
    assert made == f"{changelog.BOM}{head}## [1.3.0]\n- y\n\n## [1.2.0]\n- x\n"
    assert changelog.insert(made, "1.3.0", "## [1.3.0]\n- y") == made == changelog.union(text, made, text)


def test_line_ends_of_windows_are_kept():
    made = changelog.insert(FILE.replace("\n", "\r\n"), "1.3.0", NEW)
    assert made == changelog.insert(FILE, "1.3.0", NEW).replace("\n", "\r\n")


def test_headings_in_code_and_comments_are_none():
    text = "# C\n\n```\n## [9.0.0]\n```\n<!--\n## [8.0.0]\n-->\n\n## [1.0.0]\n- x\n"
    assert [s.key for s in changelog.parse(text).sections] == ["1.0.0"]
    assert changelog.insert(text, "1.1.0", "## 1.1.0\n- y").startswith("# C\n\n```\n## [9.0.0]\n```\n<!--\n")


@pytest.mark.parametrize("evil", ["## [1.2.2]\n- not the real one", "```\nnever closed", "<!-- never closed"])
def test_a_section_cannot_hide_or_break_what_follows(evil):
    made = changelog.insert(FILE, "1.3.0", f"## [1.3.0]\n\n{evil}\n")

    assert [s.key for s in changelog.parse(made).sections] == ["unreleased", "1.3.0", "1.2.2", "1.2.1"]
    assert changelog.insert(made, "1.3.0", f"## [1.3.0]\n\n{evil}\n") == made


def test_link_targets_of_a_section_join_those_of_the_file():
    made = changelog.insert(FILE, "1.3.0", NEW + "\n[1.3.0]: https://host.example/x\n")

    assert made.endswith("\n\n[1.3.0]: https://host.example/x\n[1.2.2]: https://host.example/compare/v1.2.1...v1.2.2\n")
    assert changelog.insert(made, "1.3.0", NEW + "\n[1.3.0]: https://host.example/x\n") == made


def test_a_section_of_another_version_is_a_mistake():
    for wrong in ("", "- no heading", "## [1.4.0]\n- x"):
        with pytest.raises(ValueError, match=r"1\.3\.0"):
            changelog.insert(FILE, "1.3.0", wrong)


def test_a_hotfix_and_an_open_release_both_keep_their_sections():
    release = changelog.insert(FILE, "1.3.0", NEW)
    hotfix = changelog.insert(FILE, "1.2.2-hotfix.1", "## [1.2.2-hotfix.1]\n\n- Leak closed\n")

    joined = changelog.union(FILE, release, hotfix)

    assert joined == changelog.insert(release, "1.2.2-hotfix.1", "## [1.2.2-hotfix.1]\n\n- Leak closed\n")
    assert joined == changelog.union(FILE, hotfix, release)


def test_entries_that_were_released_leave_the_unreleased_of_both_sides():
    base = "# C\n\n## [Unreleased]\n\n### Added\n\n- a\n- b\n"
    develop = base + "- c\n  and more of c\n"
    release = "# C\n\n## [Unreleased]\n\n## [1.3.0]\n\n### Added\n\n- a\n- b\n"

    joined = changelog.union(base, develop, release)

    assert changelog.section_of(joined, "Unreleased") == "## [Unreleased]\n\n### Added\n\n- c\n  and more of c"
    assert changelog.section_of(joined, "1.3.0") == "## [1.3.0]\n\n### Added\n\n- a\n- b"


def test_a_section_that_one_side_took_out_or_changed_alone():
    without = changelog.insert("# C\n", "1.3.0", NEW)
    assert "1.2.1" not in changelog.union(FILE, changelog.insert(FILE, "1.3.0", NEW), without)
    mended = FILE.replace("One thing", "The thing")
    assert "The thing" in changelog.union(FILE, changelog.insert(FILE, "1.3.0", NEW), mended)


ENTRY = st.text("abc #`<-!", max_size=8).map(lambda text: f"- {text}x")
VERSION = st.sampled_from(["1.0.0", "1.1.0", "1.1.0-hotfix.1", "1.2.0"])
BOOK = st.dictionaries(VERSION, st.lists(ENTRY, max_size=3), max_size=4)


def book(sections: dict[str, list[str]], ending: str = "\n") -> str:
    text = changelog.EMPTY
    for version, entries in sections.items():
        text = changelog.insert(text, version, "\n".join([f"## [{version}]", "", *entries]))
    return text.replace("\n", ending)


@given(BOOK, VERSION, st.lists(ENTRY, max_size=3), st.sampled_from(["\n", "\r\n"]))
def test_inserting_twice_is_inserting_once_and_the_rest_is_untouched(sections, version, entries, ending):
    text, section = book(sections, ending), "\n".join([f"## [{version}]", "", *entries])

    once = changelog.insert(text, version, section)

    assert changelog.insert(once, version, section) == once
    assert changelog.parse(once).text == once
    for other in sections.keys() - {version}:
        assert changelog.section_of(once, other) == changelog.section_of(text, other)


@given(BOOK, BOOK, BOOK)
def test_a_union_loses_no_entry_that_somebody_added(base, ours, theirs):
    joined = changelog.union(book(base), book(ours), book(theirs))

    for side in (ours, theirs):
        for version, entries in side.items():
            new = [e for e in entries if e.rstrip() not in {x.rstrip() for x in base.get(version, [])}]
            there = changelog.section_of(joined, version)
            assert not new or (there is not None and all(e.rstrip() in there for e in new))
