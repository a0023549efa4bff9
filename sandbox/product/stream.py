"""A whole git history in one `git fast-import`: milliseconds, no work tree, the same SHAs every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.product.edits import Edit, changed


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str

    def at(self, when: datetime) -> str:
        return f"{self.name} <{self.email}> {int(when.timestamp())} +0000"


@dataclass(slots=True)
class Stream:
    """Collects commits, merges and tags; `trees` remembers what each mark contains."""

    parts: list[bytes] = field(default_factory=list)
    trees: dict[int, dict[str, str]] = field(default_factory=dict)
    mark: int = 0

    def commit(
        self, branch: str, who: str, message: str, edits: tuple[Edit, ...], parents: tuple[int, ...] = ()
    ) -> int:
        """Commit the edits onto the tree of the first parent; further parents make it a merge."""
        before = self.trees[parents[0]] if parents else {}
        files = changed(before, edits)
        self.mark += 1
        self.trees[self.mark] = before | files
        self._line(f"commit refs/heads/{branch}\nmark :{self.mark}\nauthor {who}\ncommitter {who}")
        self._data(message)
        for number, parent in enumerate(parents):
            self._line(f"{'merge' if number else 'from'} :{parent}")
        self.files(files)
        return self.mark

    def files(self, files: Mapping[str, str]) -> None:
        for path, text in sorted(files.items()):
            self._line(f"M 100644 inline {path}")
            self._data(text)

    def tag(self, name: str, mark: int, who: str, message: str) -> None:
        self._line(f"tag {name}\nfrom :{mark}\ntagger {who}")
        self._data(message)

    def branch(self, name: str, mark: int) -> None:
        self._line(f"reset refs/heads/{name}\nfrom :{mark}\n")

    def forget(self, branch: str) -> None:
        """Delete the branch; its commits stay where they were merged."""
        self._line(f"reset refs/heads/{branch}\nfrom {'0' * 40}\n")

    def onto(self, ref: str, parents: tuple[str, ...], who: str, message: str, files: Mapping[str, str]) -> None:
        """One commit on top of SHAs that the repository already has."""
        self._line(f"commit {ref}\nauthor {who}\ncommitter {who}")
        self._data(message)
        for number, parent in enumerate(parents):
            self._line(f"{'merge' if number else 'from'} {parent}")
        self.files(files)

    def bytes(self) -> bytes:
        return b"".join(self.parts) + b"done\n"

    def _line(self, text: str) -> None:
        self.parts.append(text.encode() + b"\n")

    def _data(self, text: str) -> None:
        raw = text.encode()
        self.parts.append(b"data %d\n%s\n" % (len(raw), raw))
