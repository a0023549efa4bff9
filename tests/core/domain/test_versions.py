"""Version numbers: their own order, the next free one, and what is no version at all."""

from __future__ import annotations

import random

import pytest

from core.domain.versions import Version, fits, newest, proposed
from core.errors import NotFound

RISING = [
    "1.2.1", "1.2.2-rc.1", "1.2.2-rc.2", "1.2.2-rc.10", "1.2.2", "1.2.2-hotfix.1.rc.1", "1.2.2-hotfix.1",
    "1.2.2-hotfix.2", "1.2.3-rc.1", "1.2.3", "1.3.0", "1.10.0", "2.0.0-rc.1", "2.0.0",
]  # fmt: skip


def v(text: str) -> Version:
    return Version.parse(text)


def test_a_hotfix_is_newer_than_what_it_fixes() -> None:
    """By SemVer 1.2.2-hotfix.1 would sort below 1.2.2; sorted like that, production would go back."""
    shuffled = random.Random(7).sample(RISING, len(RISING))
    assert [str(version) for version in sorted(map(v, shuffled))] == RISING


@pytest.mark.parametrize("text", RISING)
def test_text_and_tag_lead_back_to_the_version(text: str) -> None:
    assert str(v(text)) == text
    assert v(v(text).tag) == v(text)


@pytest.mark.parametrize(("typed", "meant"), [("v1.3", "1.3.0"), ("V1.3.0", "1.3.0"), (" 1.3.0-rc.2 ", "1.3.0-rc.2")])
def test_short_forms_are_read(typed: str, meant: str) -> None:
    assert str(v(typed)) == meant


@pytest.mark.parametrize(
    "text",
    ["", "1", "latest", "1.2.3.4", "1.2.3-beta.1", "1.2.3+build", "1.2.3-rc.0", "1.2.3-rc.01", "-1.2.3", "1.02.3",
     "1.2.2-rc.1.hotfix.1", "1.2.2-hotfix", "9" * 80 + ".0.0"],
)  # fmt: skip
def test_what_is_no_version_is_refused(text: str) -> None:
    assert Version.maybe(text) is None
    with pytest.raises(NotFound):
        Version.parse(text)


def test_branch_and_candidate() -> None:
    assert v("1.3.0").candidate(2).tag == "v1.3.0-rc.2"
    assert v("1.3.0-rc.2").branch == "release/1.3.0"
    assert v("1.2.2-hotfix.1.rc.3").branch == "hotfix/1.2.2-hotfix.1"
    assert v("1.2.2-hotfix.1.rc.3").final == v("1.2.2-hotfix.1")


def test_the_newest_release_is_no_candidate_and_no_foreign_tag() -> None:
    assert newest(["v1.2.2", "v1.2.2-hotfix.1", "v1.3.0-rc.4", "nightly-2026"]) == v("1.2.2-hotfix.1")
    assert newest(["nightly-2026"]) is None


@pytest.mark.parametrize(
    ("kind", "taken", "number"),
    [
        ("patch", [], "1.2.3"),
        ("minor", [], "1.3.0"),
        ("major", [], "2.0.0"),
        ("hotfix", [], "1.2.2-hotfix.1"),
        ("patch", ["1.2.3-rc.1"], "1.2.4"),
        ("minor", ["1.3.0", "1.4.0"], "1.5.0"),
        ("hotfix", ["1.2.2-hotfix.1"], "1.2.2-hotfix.2"),
    ],
)
def test_the_next_number_steps_over_what_is_taken(kind: str, taken: list[str], number: str) -> None:
    found = proposed(kind, v("1.2.2"), map(v, taken))
    assert str(found) == number
    assert fits(kind, found, v("1.2.2"))


@pytest.mark.parametrize(
    ("kind", "number"),
    [("patch", "1.3.0"), ("patch", "1.2.2"), ("minor", "1.3.1"), ("minor", "2.0.0"), ("major", "2.1.0"),
     ("hotfix", "1.2.3"), ("hotfix", "1.2.1-hotfix.1"), ("minor", "1.3.0-rc.1")],
)  # fmt: skip
def test_a_number_of_another_kind_does_not_fit(kind: str, number: str) -> None:
    assert not fits(kind, v(number), v("1.2.2"))
