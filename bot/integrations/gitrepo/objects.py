"""Making commits, tags and merges without a work tree; the same input gives the same SHA on any machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.integrations.gitrepo.process import Git

_INSTANT = re.compile(rb"^(tagger .*>) \d+ [+-]\d{4}$", re.M)
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a commit holds and what it follows."""

    tree: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """The tree of a merge, or the files that conflict; `stages` is empty when the histories are unrelated.

    `stages` has for each file in conflict what it is before (1) and on the two sides (2 ours, 3 theirs): mode and blob.
    """

    tree: str
    clean: bool
    stages: Mapping[str, Mapping[int, tuple[str, str]]] = field(default_factory=dict)

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(self.stages)


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote what a commit carries on, and when, as git writes it: "@1765897200 +0100"."""

    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class Maker:
    """Name, mail and instant come from outside; time zone, locale and settings of the machine have no say."""

    git: Git
    name: str
    email: str
    at: datetime

    def commit(self, tree: str, parents: tuple[str, ...], message: str, author: Author | None = None) -> str:
        me = Author(self.name, self.email, f"@{int(self.at.timestamp())} +0000")
        who = {
            f"GIT_{role}_{what}": value
            for role, person in (("AUTHOR", author or me), ("COMMITTER", me))
            for what, value in (("NAME", person.name), ("EMAIL", person.email), ("DATE", person.date))
        }
        flags = [part for parent in dict.fromkeys(parents) for part in ("-p", parent)]
        return self.git.read("commit-tree", *flags, "-F", "-", tree, stdin=_message(message), env=who).text

    def tag(self, name: str, commit: str, message: str) -> str:
        tagger = f"{self.name} <{self.email}> {int(self.at.timestamp())} +0000"
        head = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n"
        return self.git.read("mktag", stdin=head.encode() + _message(message)).text


def same_tag(git: Git, one: str, other: str) -> bool:
    """Whether two annotated tags differ in nothing but the instant at which they were made."""
    texts = [git.read("cat-file", "tag", sha).out for sha in (one, other)]
    return len({_INSTANT.sub(rb"\1", text, count=1) for text in texts}) == 1


def tree_of(git: Git, commit: str) -> str:
    return git.read("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}").text


def facts(git: Git, commits: Iterable[str]) -> dict[str, Facts]:
    """Tree and parents of those of the commits that the clone has, read in one go."""
    wanted = list(dict.fromkeys(commits))
    out = git.read("cat-file", "--batch", stdin="".join(f"{sha}^{{commit}}\n" for sha in wanted).encode()).out
    found: dict[str, Facts] = {}
    at = 0
    for sha in wanted:
        head, at = out[at : out.index(b"\n", at)].split(b" "), out.index(b"\n", at) + 1
        if head[-1] == b"missing":
            continue
        lines = out[at : at + int(head[2])].partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
        parents = tuple(line.removeprefix("parent ") for line in lines if line.startswith("parent "))
        found[sha] = Facts(lines[0].removeprefix("tree "), parents)
        at += int(head[2]) + 1
    return found


def merge(git: Git, ours: str, theirs: str) -> Merge:
    options = ("--write-tree", "-z", "--no-messages")
    answer = git.read("merge-tree", *options, ours, theirs, codes=(0, 1), excused="unrelated histories")
    if answer.code not in (0, 1):
        return Merge("", False)
    tree, *conflicts = [part for part in answer.out.decode("utf-8", "replace").split("\0") if part]
    stages: dict[str, dict[int, tuple[str, str]]] = {}
    for line in conflicts:
        what, _, path = line.partition("\t")
        mode, blob, stage = what.split()
        stages.setdefault(path, {})[int(stage)] = (mode, blob)
    return Merge(tree, answer.code == 0, stages)


def is_ancestor(git: Git, ancestor: str, descendant: str) -> bool:
    return git.read("merge-base", "--is-ancestor", ancestor, descendant, codes=(0, 1)).code == 0


def _message(text: str) -> bytes:
    """Foreign words as a commit message: control characters would end it early or hide what follows."""
    plain = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return (plain + "\n").encode("utf-8", "replace")
