"""Making commits, tags and merges without a work tree; the same input gives the same SHA on any machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot.integrations.gitrepo.process import Git

_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Merge:
    """The tree of a merge, or the files that conflict; `files` may be empty when the histories are unrelated."""

    tree: str
    clean: bool
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Maker:
    """Name, mail and instant come from outside; time zone, locale and settings of the machine have no say."""

    git: Git
    name: str
    email: str
    at: datetime

    def commit(self, tree: str, parents: tuple[str, ...], message: str) -> str:
        stamp = f"@{int(self.at.timestamp())} +0000"
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", self.name), ("EMAIL", self.email), ("DATE", stamp))
        }
        flags = [part for parent in dict.fromkeys(parents) for part in ("-p", parent)]
        return self.git.read("commit-tree", *flags, "-F", "-", tree, stdin=_message(message), env=who).text

    def tag(self, name: str, commit: str, message: str) -> str:
        tagger = f"{self.name} <{self.email}> {int(self.at.timestamp())} +0000"
        head = f"object {commit}\ntype commit\ntag {name}\ntagger {tagger}\n\n"
        return self.git.read("mktag", stdin=head.encode() + _message(message)).text


def tree_of(git: Git, commit: str) -> str:
    return git.read("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}").text


def merge(git: Git, ours: str, theirs: str) -> Merge:
    if not git.read("merge-base", ours, theirs, codes=(0, 1)).text:
        return Merge("", False)
    answer = git.read("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs, codes=(0, 1))
    tree, *files = [part for part in answer.out.decode("utf-8", "replace").split("\0") if part]
    return Merge(tree, answer.code == 0, tuple(dict.fromkeys(files)))


def is_ancestor(git: Git, ancestor: str, descendant: str) -> bool:
    return git.read("merge-base", "--is-ancestor", ancestor, descendant, codes=(0, 1)).code == 0


def files_changed(git: Git, old: str, new: str) -> int:
    return git.read("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new).out.count(b"\0")


def _message(text: str) -> bytes:
    """Foreign words as a commit message: control characters would end it early or hide what follows."""
    plain = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return (plain + "\n").encode("utf-8", "replace")
