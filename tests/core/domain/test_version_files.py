"""A version is found by the policy's pattern and replaced alone."""

from __future__ import annotations

import pytest

from core.domain.version_files import bump, found

TOML = '[project]\nname = "x"\nversion = "1.2.2"\nother = "version = 9"\n'
PATTERN = r'^version = "(.+)"$'


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_only_the_version_changes(ending):
    text = "é\n\n" + TOML
    text = text.replace("\n", ending)
    assert found(text, PATTERN) == "1.2.2"
    assert bump(text, PATTERN, "1.2.2-hotfix.1") == text.replace("1.2.2", "1.2.2-hotfix.1")
    assert found(bump(text, PATTERN, "1.3.0"), PATTERN) == "1.3.0"


def test_line_ends_of_both_kinds_in_one_file():
    text = 'a\r\nb\n\r\nversion = "1.2.2"\r\nc\n'
    assert bump(text, PATTERN, "1.3.0") == 'a\r\nb\n\r\nversion = "1.3.0"\r\nc\n'


@pytest.mark.parametrize("pattern", [r'^version = "(x)"$', "version", r"(z)?version"])
def test_a_pattern_that_finds_nothing(pattern):
    assert found(TOML, pattern) is None
    with pytest.raises(ValueError, match="no version"):
        bump(TOML, pattern, "1.3.0")


def test_a_file_that_is_the_version():
    assert bump("1.2.2\n", r"^(\d\S*)$", "1.3.0") == "1.3.0\n"
