"""Reading commits: one `git log` for a whole range, fields parted by NUL because a message may hold anything else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.integrations.gitrepo.process import Git
from core.domain.repository import Commit, pull_number

_FIELDS = ("%H", "%P", "%an", "%ae", "%ct", "%s", "%b", "%T")
_FORMAT = "--format=tformat:" + "%x00".join(_FIELDS)


def commits(git_: Git, include: Sequence[str], exclude: Sequence[str], limit: int) -> list[tuple[Commit, str]]:
    """Commits reachable from `include` and not from `exclude`, newest first, with their trees."""
    wanted = "".join(f"{sha}\n" for sha in include) + "".join(f"^{sha}\n" for sha in exclude)
    out = git_.read(
        "log", "-z", f"--max-count={limit}", "--date-order", "--ignore-missing", _FORMAT, "--stdin",
        stdin=wanted.encode(),
    ).out  # fmt: skip
    parts = out.decode("utf-8", "replace").split("\0")
    width = len(_FIELDS)
    return [_commit(parts[at : at + width]) for at in range(0, len(parts) - width + 1, width)]


def _commit(fields: Sequence[str]) -> tuple[Commit, str]:
    sha, parents, author, email, seconds, subject, body, tree = fields
    body = body.strip("\n")
    at = datetime.fromtimestamp(int(seconds), UTC)
    commit = Commit(sha, tuple(parents.split()), author, email, at, subject, body, pull_number(subject, body))
    return commit, tree


def people(git_: Git, sides: tuple[str, str], files: Sequence[str], each: int = 3) -> dict[str, tuple[str, ...]]:
    """Who changed each file last on the two sides of a merge since they parted, newest first."""
    base = git_.read("merge-base", *sides, codes=(0, 1)).text
    out = git_.read(
        "--literal-pathspecs", "log", "-z", "--max-count=200", "--no-merges", "--name-only", "--no-renames",
        "--format=tformat:%x01%an", "--stdin", "--", *files,
        stdin="".join(f"{sha}\n" for sha in sides).encode() + (f"^{base}\n".encode() if base else b""),
    ).out  # fmt: skip
    found: dict[str, list[str]] = {file: [] for file in files}
    author = ""
    for part in out.decode("utf-8", "replace").split("\0"):
        word = part.lstrip("\n")
        if word.startswith("\x01"):
            author = word[1:]
        elif word in found and author not in found[word]:
            found[word].append(author)
    return {file: tuple(names[:each]) for file, names in found.items() if names}
