"""Builds real git repositories from a told history, fast: one `git fast-import` for all of it."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.integrations.gitrepo import history
from bot.integrations.gitrepo.process import Git, Running
from bot.integrations.gitrepo.remote import Remote
from core.domain.forge import Pull
from core.domain.repository import Commit

HERE = Path(__file__).parent
Files = dict[str, str | bytes | None] | None
PEOPLE = (("Dana", "dana@example.test"), ("Theo", "theo@example.test"), ("Ines", "ines@example.test"))


@dataclass(slots=True)
class Story:
    """A bare repository that is told commit by commit; nothing is written before `tell`."""

    path: Path
    parts: list[bytes] = field(default_factory=list)
    marks: int = 0
    shas: dict[int, str] = field(default_factory=dict)

    def commit(self, parents: Sequence[int], message: str | bytes, *, files: Files = None, author: int = 0) -> int:
        """A commit and its mark; files that are None are deleted."""
        self.marks += 1
        name, mail = PEOPLE[author % len(PEOPLE)]
        when = f"{1_700_000_000 + self.marks * 60} +0000"
        data = message if isinstance(message, bytes) else message.encode()
        lines = [f"commit refs/heads/told\nmark :{self.marks}\n".encode()]
        lines.append(f"author {name} <{mail}> {when}\ncommitter Host <host@example.test> {when}\n".encode())
        lines.append(b"data %d\n%s\n" % (len(data), data))
        if parents:
            lines.append(f"from :{parents[0]}\n".encode())
            lines += [f"merge :{p}\n".encode() for p in parents[1:]]
        else:
            lines.insert(0, b"reset refs/heads/told\n")
        for path, content in (files if files is not None else {f"file{self.marks % 97}": str(self.marks)}).items():
            if content is None:
                lines.append(f"D {path}\n".encode())
            else:
                raw = content if isinstance(content, bytes) else content.encode()
                lines.append(f"M 100644 inline {path}\ndata {len(raw)}\n".encode() + raw + b"\n")
        self.parts.append(b"".join(lines) + b"\n")
        return self.marks

    def tag(self, name: str, mark: int) -> None:
        who = f"Host <host@example.test> {1_700_000_000 + mark * 60} +0000"
        self.parts.append(f"tag {name}\nfrom :{mark}\ntagger {who}\ndata 0\n\n".encode())

    def branch(self, name: str, mark: int) -> None:
        self.parts.append(f"reset refs/heads/{name}\nfrom :{mark}\n\n".encode())

    def tell(self) -> None:
        """Write it; afterwards `shas` are the commits by mark."""
        marks = self.path.with_suffix(".marks")
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(self.path)], check=True)
        subprocess.run(
            ["git", "fast-import", "--quiet", f"--export-marks={marks}"],
            cwd=self.path, input=b"".join(self.parts), check=True,
        )  # fmt: skip
        self.shas = {int(m[1:]): sha for m, sha in (line.split() for line in marks.read_text().splitlines())}

    def git(self) -> Git:
        return Git(self.path, Remote.parse(str(self.path)), 60.0, Running())

    def read(self, base: int | None, head: int) -> list[Commit]:
        """The commits of a range as the product reads them, newest first."""
        exclude = [self.shas[base]] if base else []
        return history.read(self.git(), [self.shas[head]], exclude, 100_000).commits


@dataclass(frozen=True, slots=True)
class Labelled:
    """One pull request of the labelled history; `heading` is what a person chose, "-" where none is sure."""

    how: str
    title: str
    labels: tuple[str, ...]
    heading: str


def labelled(name: str) -> list[Labelled]:
    with (HERE / name).open(newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if not row[0].startswith("#")]
    return [Labelled(how, title, tuple(filter(None, marks.split(","))), heading) for how, title, marks, heading in rows]


def merged(story: Story, on: int, number: int, pull: Labelled, text: str = "") -> tuple[int, Pull]:
    """Put one pull request on a line as its row says; returns the new end of the line and what the forge tells.

    `text` is what its author wrote below the title.
    """
    told = Pull(number, pull.title, labels=pull.labels, author="dana", state="merged", reviewers=("theo",))
    if pull.how == "squash":
        body = "* try\n\n* again\n\n---------\n\nCo-authored-by: Theo <theo@example.test>\n" if number % 3 else ""
        return story.commit([on], f"{pull.title} (#{number})\n\n{text}{body}", author=number), told
    if pull.how == "merge":
        first = story.commit([on], "wip", author=number)
        second = story.commit([first], "Fix review comments", author=number + 1)
        text = f"Merge pull request #{number} from team/work-{number}\n\n{pull.title}\n\n{text}"
        return story.commit([on, second], text, files={}, author=number), told
    first = story.commit([on], f"{pull.title} (#{number})", author=number)
    return story.commit([first], f"More of it (#{number})", author=number), told
