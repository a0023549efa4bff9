"""Large products for the benches of git: a wide tree with a release to promote, a long history to read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAIN, RELEASE, DEVELOP = "refs/heads/main", "refs/heads/release/1.3.0", "refs/heads/develop"
_QUIET = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C", "TZ": "UTC"}
_BEGIN = 1_760_000_000


@dataclass(frozen=True, slots=True)
class Bare:
    """A bare repository, worked on by plain git commands."""

    path: Path

    def git(self, *args: str, stdin: bytes = b"") -> str:
        own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _QUIET
        command = ["git", "--git-dir", str(self.path), *args]
        return subprocess.run(command, input=stdin, env=own, capture_output=True, check=True).stdout.decode().strip()

    def fill(self, stream: Iterator[str]) -> None:
        self.git("fast-import", "--quiet", "--done", stdin="".join([*stream, "done\n"]).encode())

    def head(self, ref: str) -> str:
        return self.git("rev-parse", "--verify", f"{ref}^{{commit}}")


def begun(path: Path) -> Bare:
    bare = Bare(path)
    path.mkdir(parents=True)
    bare.git("init", "--quiet", "--bare", "--initial-branch=main")
    bare.git("config", "gc.auto", "0")
    bare.git("config", "receive.autogc", "false")
    return bare


def wide(path: Path, files: int, changed: int) -> Bare:
    """A tree of `files` files; the release and develop each changed `changed` of them, none the same."""
    bare = begun(path)
    bare.fill(_wide(files, changed))
    return bare


def long(path: Path, commits: int, picked: int) -> Bare:
    """`commits` commits on develop since main, the newest `picked` of them also on the release, in other words."""
    bare = begun(path)
    bare.fill(_long(commits, picked))
    return bare


def _wide(files: int, changed: int) -> Iterator[str]:
    yield _commit(MAIN, 0, "Start")
    for number in range(files):
        yield _file(_path(number), f"file {number}\n" * 3)
    for side, ref in enumerate((RELEASE, DEVELOP)):
        for part in range(10):
            start = f"from {MAIN}\n" if part == 0 else ""
            yield _commit(ref, part + 1, f"Change {part} of {side}") + start
            for number in range(side * changed + part, (side + 1) * changed, 10):
                yield _file(_path(number * 20 % files + side), f"changed {number}\n" * 4)


def _long(commits: int, picked: int) -> Iterator[str]:
    yield _commit(MAIN, 0, "Start")
    for number in range(400):
        yield _file(_path(number), f"file {number}\n" * 3)
    for number in range(commits):
        start = f"from {MAIN}\n" if number == 0 else ""
        words = f"feat: change {number} (#{number + 1})\n\nWhy it is so, AA-{number}."
        path = f"picked/{number}.txt" if number >= commits - picked else _path(number % 400)
        yield _commit(DEVELOP, number + 1, words) + start
        yield _file(path, f"line {number}\n" * 4)
    for turn in range(picked):
        number = commits - picked + turn
        start = f"from {MAIN}\n" if turn == 0 else ""
        yield _commit(RELEASE, commits + turn + 1, f"Backport of change {number}") + start
        yield _file(f"picked/{number}.txt", f"line {number}\n" * 4)


def _commit(ref: str, number: int, message: str) -> str:
    return f"commit {ref}\ncommitter Dana <dana@x.example> {_BEGIN + 60 * number} +0000\n{_data(message)}"


def _file(path: str, text: str) -> str:
    return f"M 100644 inline {path}\n{_data(text)}"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _path(number: int) -> str:
    return f"part{number // 2500}/folder{number // 50 % 50}/file{number % 50}.txt"
