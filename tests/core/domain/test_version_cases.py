"""What the next number is, case by case: each row is a situation that made some release tool give a wrong answer."""

from __future__ import annotations

import pytest

from core.domain.versions import Version, fits, foreign, is_latest, newest, proposed

# what is the matter | kind | production | tags and open releases | the next number
NEXT = [
    ("nothing else", "patch", "1.2.2", "", "1.2.3"),
    ("nothing else", "minor", "1.2.2", "", "1.3.0"),
    ("nothing else", "major", "1.2.2", "", "2.0.0"),
    ("nothing else", "hotfix", "1.2.2", "", "1.2.2-hotfix.1"),
    ("the first release ever", "minor", "0.0.0", "", "0.1.0"),
    ("before 1.0 a breaking change still is a major", "major", "0.9.4", "", "1.0.0"),
    ("ten comes after nine", "patch", "1.2.9", "", "1.2.10"),
    ("ten comes after nine", "minor", "1.9.7", "", "1.10.0"),
    ("ten comes after nine", "hotfix", "1.2.2-hotfix.9", "", "1.2.2-hotfix.10"),
    ("a minor drops the patch", "minor", "1.2.22", "", "1.3.0"),
    ("a major drops both", "major", "4.17.21", "", "5.0.0"),
    ("after a hotfix the patch is not the released base again", "patch", "1.2.2-hotfix.1", "v1.2.2", "1.2.3"),
    ("after a hotfix the minor is its own", "minor", "1.2.2-hotfix.3", "v1.2.2", "1.3.0"),
    ("after a hotfix the major is its own", "major", "1.2.2-hotfix.3", "v1.2.2", "2.0.0"),
    ("a hotfix of a hotfix counts on", "hotfix", "1.2.2-hotfix.1", "v1.2.2-hotfix.1", "1.2.2-hotfix.2"),
    ("the hotfix counter is that of all tags", "hotfix", "1.2.2", "v1.2.2-hotfix.1 v1.2.2-hotfix.2", "1.2.2-hotfix.3"),
    ("a gap in the counter is filled only from below", "hotfix", "1.2.2", "v1.2.2-hotfix.2", "1.2.2-hotfix.1"),
    ("hotfixes of other numbers do not count", "hotfix", "1.2.2", "v1.2.1-hotfix.4 v1.3.0-hotfix.1", "1.2.2-hotfix.1"),
    ("the hotfix of an old line after a newer minor", "hotfix", "1.2.2", "v1.3.0 v1.3.1", "1.2.2-hotfix.1"),
    ("a candidate of a hotfix uses its number up", "hotfix", "1.2.2", "v1.2.2-hotfix.1.rc.1", "1.2.2-hotfix.2"),
    ("tags on release branches, not reachable from main", "minor", "1.2.2", "v1.3.0 v1.3.1 v1.4.0", "1.5.0"),
    ("tags on release branches, not reachable from main", "major", "2.0.0", "v43.4.1 v42.0.0", "3.0.0"),
    ("only the exact number matters, not the newest tag", "patch", "1.2.2", "v1.9.0 v3.0.0", "1.2.3"),
    ("an open release has the number", "minor", "1.2.2", "1.3.0", "1.4.0"),
    ("two open releases have the numbers", "minor", "1.2.2", "1.3.0 1.4.0", "1.5.0"),
    ("an open patch has the number", "patch", "1.2.2", "1.2.3", "1.2.4"),
    ("an open hotfix has the number", "hotfix", "1.2.2", "1.2.2-hotfix.1", "1.2.2-hotfix.2"),
    ("an open major does not hold up a minor", "minor", "1.2.2", "2.0.0", "1.3.0"),
    ("an open minor does not hold up a patch", "patch", "1.2.2", "1.3.0", "1.2.3"),
    ("a cancelled release leaves candidates behind", "minor", "1.2.2", "v1.3.0-rc.1 v1.3.0-rc.2", "1.4.0"),
    ("a candidate of a patch uses its number up", "patch", "1.2.2", "v1.2.3-rc.10", "1.2.4"),
    ("a tag that was put there by hand", "patch", "1.2.2", "v1.2.3 v1.2.4", "1.2.5"),
    ("a tag without the v is the same number", "minor", "1.2.2", "1.3.0", "1.4.0"),
    ("a short tag is the same number", "minor", "1.2.2", "v1.3", "1.4.0"),
    ("a short tag of a major", "major", "1.2.2", "v2.0", "3.0.0"),
    ("a large V", "patch", "1.2.2", "V1.2.3", "1.2.4"),
    ("tags of another product in the same repository", "minor", "1.2.2", "web-v1.3.0 api/v1.3.0", "1.3.0"),
    ("nightly builds", "minor", "1.2.2", "nightly-20261122 latest stable", "1.3.0"),
    ("betas of another scheme are no number of ours", "minor", "1.2.2", "v1.3.0-beta.1 v1.3.0-alpha", "1.3.0"),
    ("build metadata is no number of ours", "patch", "1.2.2", "v1.2.3+build.7", "1.2.3"),
    ("a leading zero is no version", "patch", "1.2.2", "v1.2.03", "1.2.3"),
    ("digits of another script are no version", "patch", "1.2.2", "v1.2.\u0663 \uff11.2.3", "1.2.3"),
    ("a candidate without its number is no candidate", "minor", "1.2.2", "v1.3.0-rc v1.3.0-rc1 v1.3.0rc1", "1.3.0"),
    ("candidate zero is no candidate", "minor", "1.2.2", "v1.3.0-rc.0", "1.3.0"),
    ("a hotfix of a candidate is nothing", "hotfix", "1.2.2", "v1.2.2-rc.1.hotfix.1", "1.2.2-hotfix.1"),
    ("hotfix and its candidate in the other spelling", "hotfix", "1.2.2", "v1.2.2-hotfix.1-rc.1", "1.2.2-hotfix.1"),
    ("four parts are no version", "patch", "1.2.2", "v1.2.3.1", "1.2.3"),
    ("one part is no version", "major", "1.2.2", "v2", "2.0.0"),
    ("a tag named like an option", "minor", "1.2.2", "-v1.3.0 --force", "1.3.0"),
    ("a tag named HEAD", "minor", "1.2.2", "HEAD @ refs/heads/main", "1.3.0"),
    ("a rolled back number stays used", "minor", "1.2.2", "v1.3.0", "1.4.0"),
    ("production behind its own tags", "hotfix", "1.2.2", "v1.2.2 v1.2.3", "1.2.2-hotfix.1"),
    ("a date as a version", "minor", "2026.11.22", "", "2026.12.0"),
    ("numbers with many digits", "patch", "1.2.99999", "", "1.2.100000"),
]  # fmt: skip


@pytest.mark.parametrize(("matter", "kind", "production", "taken", "number"), NEXT)
def test_the_next_number(matter: str, kind: str, production: str, taken: str, number: str) -> None:
    base = Version.parse(production)
    found = proposed(kind, base, filter(None, map(Version.maybe, taken.split())))
    assert str(found) == number
    assert fits(kind, found, base), "what is proposed has the shape that a start asks for"
    assert found > base, "what ships next is newer than what runs"


# from the oldest to the newest, as they were shipped
SHIPPED = [
    ("0.9.9", "1.0.0"),
    ("1.2.2-rc.9", "1.2.2-rc.10"),
    ("1.2.2-rc.10", "1.2.2"),
    ("1.2.2", "1.2.2-hotfix.1"),
    ("1.2.2-hotfix.1.rc.1", "1.2.2-hotfix.1"),
    ("1.2.2-hotfix.1", "1.2.2-hotfix.2.rc.1"),
    ("1.2.2-hotfix.2", "1.2.2-hotfix.10"),
    ("1.2.2-hotfix.10", "1.2.3-rc.1"),
    ("1.2.3-rc.1", "1.2.3"),
    ("1.2.10", "1.10.2"),
    ("1.10.2", "2.0.0-rc.1"),
]


@pytest.mark.parametrize(("older", "newer"), SHIPPED)
def test_what_ships_later_is_newer(older: str, newer: str) -> None:
    assert Version.parse(older) < Version.parse(newer)
    assert newest([f"v{older}", f"v{newer}"]) != Version.parse(older) or Version.parse(newer).rc


def test_a_hotfix_of_an_older_line_is_not_the_latest_release() -> None:
    tags = ["v1.2.2", "v1.3.0", "v1.2.2-hotfix.1", "v2.0.0-rc.1", "nightly"]
    assert is_latest(Version.parse("1.3.0"), tags)
    assert not is_latest(Version.parse("1.2.2-hotfix.1"), tags)
    assert is_latest(Version.parse("1.2.2-hotfix.1"), ["v1.2.2"]), "the hotfix of what is newest is the newest"
    assert is_latest(Version.parse("1.0.0"), [])


def test_tags_of_other_shapes_are_named() -> None:
    tags = ["v1.2.2", "1.2.2", "v1.2", "nightly", "v1.3.0-beta.1", "v1.2.2-hotfix.1", "v1.3.0-rc.1", "web-v1.0.0"]
    assert foreign(tags) == ("1.2.2", "nightly", "v1.2", "v1.3.0-beta.1", "web-v1.0.0")

