"""What the files of a candidate must say: faults by name, and texts that have none any more."""

from __future__ import annotations

import pytest

from core.domain.prepared import as_wanted, section_faults, version_faults
from core.domain.repository import Prepare

WANTED = Prepare("1.3.0", (("VERSION", r"^(\d.*)$"), ("gone", r"(x)")), "CHANGELOG.md", "## [1.3.0]\n\n- Search\n")
OLD = {"VERSION": "1.2.2\n", "CHANGELOG.md": "# Changelog\n\n## [1.2.2]\n\n- Fee\n"}


def test_faults_are_named_and_gone_when_it_is_as_wanted() -> None:
    assert [(f.path, f.why, f.found) for f in version_faults(OLD, WANTED)] == [("VERSION", "other", "1.2.2")]
    assert [f.why for f in version_faults({"VERSION": "none"}, WANTED)] == ["no_version"]
    assert [f.why for f in section_faults(OLD["CHANGELOG.md"], WANTED)] == ["no_section"]
    here = Prepare("1.3.0", WANTED.version_files[:1], WANTED.changelog, WANTED.section)
    made = as_wanted(OLD, here)
    assert made["VERSION"] == "1.3.0\n" and "- Fee" in made["CHANGELOG.md"]
    assert not [*version_faults(made, here), *section_faults(made["CHANGELOG.md"], here)]


def test_another_section_and_one_without_its_heading_are_faults() -> None:
    other = Prepare("1.2.2", (), "CHANGELOG.md", "## [1.2.2]\n\n- Something else\n")
    assert [f.why for f in section_faults(OLD["CHANGELOG.md"], other)] == ["other_section"]
    bad = Prepare("1.3.0", (), "CHANGELOG.md", "no heading\n")
    assert [f.why for f in section_faults("", bad)] == ["bad_section"]
    with pytest.raises(ValueError, match="no version"):
        as_wanted({"VERSION": "none"}, Prepare("1.3.0", WANTED.version_files[:1]))
