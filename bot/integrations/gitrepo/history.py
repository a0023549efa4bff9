"""Reading commits: one `git log` for a whole range, fields parted by NUL because a message may hold anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.integrations.gitrepo.process import Git
from core.domain.pulls import pull_number
from core.domain.repository import Commit

_FIELDS = ("%H", "%P", "%an", "%ae", "%ct", "%s", "%b", "%T", "%at")
_FORMAT = "--format=tformat:" + "%x00".join(_FIELDS)
_PIECE = 200_000  # bytes read in one go: a long answer taken whole would keep every other thread waiting


@dataclass(frozen=True, slots=True)
class Log:
    """Commits, newest first; by SHA their trees, and the second when the author wrote it, which a cherry-pick keeps."""

    commits: list[Commit] = field(default_factory=list)
    trees: dict[str, str] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)


def read(git_: Git, include: Sequence[str], exclude: Sequence[str], limit: int, *more: str) -> Log:
    """Commits reachable from `include` and not from `exclude`, newest first; `more` are options of `git log`."""
    wanted = "".join(f"{sha}\n" for sha in include) + "".join(f"^{sha}\n" for sha in exclude)
    out = git_.read(
        "log", "-z", f"--max-count={limit}", "--date-order", "--ignore-missing", *more, _FORMAT, "--stdin",
        stdin=wanted.encode(),
    ).out  # fmt: skip
    return _log(out)


def everywhere(git_: Git, limit: int, *more: str) -> Log:
    """Commits of all branches and tags, newest first."""
    return _log(git_.read("log", "-z", f"--max-count={limit}", "--branches", "--tags", *more, _FORMAT).out)


def _log(out: bytes) -> Log:
    log, width, at = Log(), len(_FIELDS), 0
    left: list[str] = []
    while at < len(out):
        end = out.find(b"\0", at + _PIECE)
        end = len(out) if end < 0 else end
        parts = left + out[at:end].decode("utf-8", "replace").split("\0")
        whole = len(parts) - len(parts) % width
        for start in range(0, whole, width):
            _add(log, parts[start : start + width])
        left, at = parts[whole:], end + 1
    return log


def _add(log: Log, fields: Sequence[str]) -> None:
    sha, parents, author, email, seconds, subject, body, tree, written = fields
    body = body.strip("\n")
    at = datetime.fromtimestamp(int(seconds), UTC)
    pull = pull_number(subject, body)
    log.commits.append(Commit(sha, tuple(parents.split()), author, email, at, subject, body, pull))
    log.trees[sha], log.written[sha] = tree, int(written or 0)


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
