"""The notes in Markdown: the strategy's template, links, and that no text can be more than text."""

from datetime import date

import pytest

from core.domain.notes.markdown import changelog_section, cut, escape, markdown
from core.domain.notes.model import Heading, Line, Links, Notes

DAY = date(2026, 12, 16)
LINKS = Links(
    commit="https://f.test/c/{sha}", pull="https://f.test/pull/{number}", compare="https://f.test/compare/{base}...{head}",
    issue="https://t.test/browse/{key}",
)  # fmt: skip
NOTES = Notes(
    {
        Heading.FEATURES: (Line("#1", "Saved searches", ("AA-1", "AA-2"), 1), Line("b" * 12, "Maps", commit="b" * 40)),
        Heading.FIXES: (Line("#2", "Late fees", (), 2, breaking=True),),
        Heading.UPGRADE: (Line("upgrade:#2", "Divide by `100`", breaking=True),),
    },
    base="a" * 40,
)


def test_the_forges_text_follows_the_template():
    assert markdown(NOTES, "1.3.0", DAY, LINKS) == (
        "# Release v1.3.0 - 2026-12-16\n\n## New Features\n"
        "- Saved searches [AA-1](https://t.test/browse/AA-1) [AA-2](https://t.test/browse/AA-2) ([#1](https://f.test/pull/1))\n"
        f"- Maps ([bbbbbbbb](https://f.test/c/{'b' * 40}))\n\n"
        "## Bug Fixes\n- **Breaking:** Late fees ([#2](https://f.test/pull/2))\n\n"
        "## Upgrade Notes\n- Divide by `100`\n\n"
        f"[All changes](https://f.test/compare/{'a' * 40}...v1.3.0)\n"
    )


def test_without_links_the_keys_and_numbers_stay():
    text = markdown(NOTES, "1.3.0", DAY, Links())
    assert "- Saved searches [AA-1] [AA-2] (#1)\n- Maps\n" in text and "All changes" not in text


def test_the_changelogs_section_is_in_the_common_form():
    text = changelog_section(NOTES, "1.3.0", DAY, Links())
    assert text.startswith("## [1.3.0] - 2026-12-16\n\n### New Features\n- Saved searches") and text.endswith("`100`\n")
    assert "No changes" in changelog_section(Notes(), "1.3.0", DAY, Links())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[x](http://evil.test)", r"\[x\](http://evil.test)"),
        ("![x](y) *a* __b__ _c_ ~~d~~", r"!\[x\](y) \*a\* \_\_b\_\_ \_c\_ \~~d\~~"),
        ("snake_case stays", "snake_case stays"),
        ("<script>alert(1)</script> &lt; a & b", r"\<script\>alert(1)\</script\> &amp;lt; a & b"),
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("> no quote", r"\> no quote"),
        ("`code` stays, ` does not", r"`code` stays, \` does not"),
        ("thanks @team/ops and @dana", "thanks `@team/ops` and `@dana`"),
        ("a@b stays", "a@b stays"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_text_stays_text(text: str, shown: str):
    assert escape(text) == shown


def test_a_hostile_line_is_one_line_and_its_link_goes_where_the_policy_says():
    line = Line("#1", "x](http://evil.test)", ("A)B-1 [x]",), 1)
    text = changelog_section(Notes({Heading.FIXES: (line,)}), "1.3.0", DAY, LINKS)
    assert text.count("\n") == 4 and "](http://evil.test)" not in text.replace("\\]", "")
    assert "https://t.test/browse/A%29B-1%20%5Bx%5D" in text


def test_a_long_text_is_cut_at_a_line_that_says_so():
    lines = tuple(Line(f"#{n}", f"Change {n} " + "x" * 300, (), n) for n in range(1, 1_000))
    notes = Notes({Heading.FEATURES: lines[:500], Heading.FIXES: lines[500:]})
    whole, text = markdown(notes, "1.3.0", DAY, LINKS, None), markdown(notes, "1.3.0", DAY, LINKS)
    assert len(whole) > 125_000 >= len(text)
    kept = text.split("\n\n*")[0]
    assert whole.startswith(kept + "\n"), "nothing is broken in the middle of a line"
    missing = whole.count("\n- ") - kept.count("\n- ")
    assert text.endswith(f"*{missing} more lines did not fit here; the attached file has them all.*\n")
    assert missing > 500


def test_cutting_leaves_no_heading_without_lines():
    text = "# Release\n\n## A\n- a\n\n## B\n- " + "b" * 500 + "\n- c\n"
    assert cut(text, len(text)) == text
    end = "*2 more lines did not fit here; the attached file has them all.*"
    assert cut(text, 300) == f"# Release\n\n## A\n- a\n\n{end}\n"
