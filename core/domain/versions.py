"""Version numbers and their own order: rc < final < hotfix (by SemVer a hotfix would sort below its release)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

import semver

from core.errors import NotFound

_SUFFIX = re.compile(r"^(?:hotfix\.(?P<hotfix>[1-9]\d{0,5}))?(?:\.?rc\.(?P<rc>[1-9]\d{0,5}))?$", re.ASCII)
_NUMBER = r"(0|[1-9]\d{0,5})"
_SHORT = re.compile(rf"^v?{_NUMBER}\.{_NUMBER}(?:\.{_NUMBER})?$", re.IGNORECASE | re.ASCII)


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """major.minor.patch, optionally a hotfix of it and a candidate: 1.3.0-rc.2, 1.2.2-hotfix.1, 1.2.2-hotfix.1.rc.1.

    Order is (major, minor, patch, hotfix, rc before final, rc number). Every text is valid SemVer 2.0;
    only the order differs, on purpose, because a hotfix of 1.2.2 is newer than 1.2.2.
    """

    major: int
    minor: int
    patch: int
    hotfix: int = 0
    rc: int = 0

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read `1.3.0`, `v1.3.0-rc.2`, `v1.3`. Raises NotFound when the text is no version of this scheme."""
        bare = text.strip()
        short = _SHORT.match(bare)
        if short:
            return cls(int(short[1]), int(short[2]), int(short[3] or 0))
        try:
            parsed = semver.Version.parse(bare[1:] if bare[:1] in "vV" else bare)
        except ValueError:
            raise NotFound(f"{text!r} is not a version", text=text) from None
        suffix = _SUFFIX.match(parsed.prerelease or "")
        if parsed.build or suffix is None or len(bare) > 60:
            raise NotFound(f"{text!r} is not a version", text=text)
        return cls(parsed.major, parsed.minor, parsed.patch, int(suffix["hotfix"] or 0), int(suffix["rc"] or 0))

    @classmethod
    def maybe(cls, text: str) -> Version | None:
        """Like `parse`, with None for text that is no version (tags of other shapes are left alone)."""
        try:
            return cls.parse(text)
        except NotFound:
            return None

    def __str__(self) -> str:
        suffix = ".".join(
            part
            for part in (f"hotfix.{self.hotfix}" if self.hotfix else "", f"rc.{self.rc}" if self.rc else "")
            if part
        )
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-{suffix}" if suffix else "")

    @property
    def tag(self) -> str:
        return f"v{self}"

    @property
    def final(self) -> Version:
        """The same number without the candidate part."""
        return Version(self.major, self.minor, self.patch, self.hotfix)

    def candidate(self, number: int) -> Version:
        return Version(self.major, self.minor, self.patch, self.hotfix, number)

    @property
    def branch(self) -> str:
        """The branch on which this version is stabilized."""
        return f"{'hotfix' if self.hotfix else 'release'}/{self.final}"

    @property
    def key(self) -> tuple[int, int, int, int, int, int]:
        return (self.major, self.minor, self.patch, self.hotfix, 0 if self.rc else 1, self.rc)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return self.key < other.key


def newest(tags: Iterable[str]) -> Version | None:
    """The newest released version among tag names; candidates and foreign tags do not count."""
    return max(released(tags), default=None)


def foreign(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags that this scheme leaves alone, sorted: those that are not written as a version of it is written.

    `1.2.2` and `v1.2` are read as numbers that are taken, and still named here, because nothing is tagged like that.
    """
    return tuple(sorted(tag for tag in tags if (found := Version.maybe(tag)) is None or found.tag != tag))


def released(tags: Iterable[str]) -> dict[Version, str]:
    """The released versions among tag names, oldest first, each with its tag; of two spellings the common one."""
    named: dict[Version, str] = {}
    for tag in sorted(tags):
        version = Version.maybe(tag)
        if version is not None and not version.rc and named.get(version) != version.tag:
            named[version] = tag
    return dict(sorted(named.items()))


def is_latest(version: Version, tags: Iterable[str]) -> bool:
    """Whether a release page of this version is the newest one; a hotfix of an older line is not."""
    return version >= (newest(tags) or version)


def proposed(kind: str, production: Version, taken: Iterable[Version]) -> Version:
    """The next free number of this kind after what runs in production.

    `taken` are the numbers of tags and of open releases; a taken number is stepped over, never reused.
    """
    used = {v.final for v in taken}
    if kind == "hotfix":
        step = Version(production.major, production.minor, production.patch, production.hotfix + 1)
        while step in used:
            step = Version(step.major, step.minor, step.patch, step.hotfix + 1)
        return step
    major, minor, patch = production.major, production.minor, production.patch
    while True:
        if kind == "major":
            major, minor, patch = major + 1, 0, 0
        elif kind == "minor":
            minor, patch = minor + 1, 0
        else:
            patch += 1
        step = Version(major, minor, patch)
        if step not in used:
            return step


def fits(kind: str, version: Version, base: Version) -> bool:
    """Whether `version` has the shape that a release of this kind on this base has."""
    if version.rc:
        return False
    if kind == "hotfix":
        return bool(version.hotfix) and (version.major, version.minor, version.patch) == (
            base.major,
            base.minor,
            base.patch,
        )
    if version.hotfix:
        return False
    if kind == "patch":
        return (version.major, version.minor) == (base.major, base.minor) and version.patch > base.patch
    if kind == "minor":
        return version.major == base.major and version.minor > base.minor and version.patch == 0
    return version.major > base.major and version.minor == 0 and version.patch == 0
