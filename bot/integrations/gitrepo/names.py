"""Which ref names and SHAs may be handed to git: an allow-list, because its plumbing takes nearly anything."""

from __future__ import annotations

import re

from core.errors import Blocker, Refused

_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9._+-]*[A-Za-z0-9_+-])?"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40}", re.ASCII)
_LONGEST = 200

HEADS = "refs/heads/"
TAGS = "refs/tags/"


def branch_ref(name: str) -> str:
    """The full ref of a branch; refuses what could be read as an option, a special name or another ref."""
    return HEADS + _allowed(name)


def tag_ref(name: str) -> str:
    return TAGS + _allowed(name)


def full_sha(value: str) -> str:
    """A full SHA and nothing else: short ones and names are resolved by whoever knows what was meant."""
    if not _SHA.fullmatch(value):
        raise Refused([Blocker("git.commit_missing", {"commit": printable(value)})])
    return value


def _allowed(name: str) -> str:
    good = (
        len(name) <= _LONGEST
        and _NAME.fullmatch(name) is not None
        and ".." not in name
        and name.split("/")[0] not in ("refs", "HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD")
        and not any(part.endswith(".lock") for part in name.split("/"))
    )
    if not good:
        raise Refused([Blocker("git.bad_name", {"name": printable(name)})])
    return name


def printable(text: str, longest: int = 80) -> str:
    """Foreign text that is safe to show: one line, no control characters, cut."""
    line = "".join(char if char.isprintable() else "?" for char in text)
    return line if len(line) <= longest else line[: longest - 1] + "…"
