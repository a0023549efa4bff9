"""A product's history in memory: commits with whole trees, and who is behind whom. Nothing is ever forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.domain import changelog, version_files
from core.domain.pulls import pull_number
from core.domain.repository import Commit, VersionFiles

Tree = Mapping[str, str]  # path -> text


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a commit."""

    name: str
    email: str


@dataclass(slots=True)
class History:
    """Commits in the order in which they were made; `_behind` has for each the bits of all that it leads back to."""

    commits: dict[str, Commit] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)
    written: dict[str, datetime] = field(default_factory=dict)  # when its first author wrote it: picks keep that
    _order: list[str] = field(default_factory=list)
    _behind: dict[str, int] = field(default_factory=dict)

    def add(self, commit: Commit, tree: Tree, written: datetime | None = None) -> str:
        """Keep a commit; without a SHA it gets the one that its contents give it. Returns the SHA."""
        sha = commit.sha or self._named(commit, tree)
        if sha in self.commits:
            return sha
        pull = commit.pull if commit.pull is not None else pull_number(commit.subject, commit.body)
        self.commits[sha], self.trees[sha] = replace(commit, sha=sha, pull=pull), tree
        self.written[sha] = written or commit.at
        behind = 1 << len(self._order)
        for parent in commit.parents:
            behind |= self._behind.get(parent, 0)
        self._behind[sha] = behind
        self._order.append(sha)
        return sha

    def made(
        self, parents: Sequence[str], author: Author, at: datetime, message: str, tree: Tree,
        written: datetime | None = None,
    ) -> str:  # fmt: skip
        """A new commit; the same again is the same one."""
        subject, _, body = message.partition("\n")
        at = at.replace(microsecond=0)
        commit = Commit("", tuple(parents), author.name, author.email, at, subject, body.strip("\n"))
        return self.add(commit, tree, written)

    def _named(self, commit: Commit, tree: Tree) -> str:
        before = self.trees[commit.parents[0]] if commit.parents else {}
        said = hashlib.sha1(usedforsecurity=False)
        for text in (*commit.parents, commit.email, commit.at.isoformat(), commit.subject, commit.body):
            said.update(f"{text}\0".encode())
        for path in differing(before, tree):
            said.update(f"{path}\0{tree.get(path, '')}\0".encode())
        return said.hexdigest()

    # -- who is behind whom ----------------------------------------------------------------------------------------

    def reach(self, shas: Iterable[str]) -> int:
        """The bits of everything that these commits lead back to, they themselves included."""
        bits = 0
        for sha in shas:
            bits |= self._behind.get(sha, 0)
        return bits

    def holds(self, descendant: str, ancestor: str) -> bool:
        mine = self._behind[ancestor].bit_length() - 1
        return bool(self._behind[descendant] >> mine & 1)

    def of(self, bits: int) -> list[Commit]:
        """The commits of these bits, newest first."""
        found = []
        while bits:
            newest = bits.bit_length() - 1
            found.append(self.commits[self._order[newest]])
            bits ^= 1 << newest
        return found

    def range(self, base: str, head: str) -> list[Commit]:
        """Commits of `base..head`, newest first."""
        return self.of(self._behind[head] & ~self.reach([base] if base else []))

    def since(self, when: datetime) -> int:
        """A mask for the commits that were made at `when` or later."""
        first = len(self._order)
        while first and self.commits[self._order[first - 1]].at >= when:
            first -= 1
        return -1 << first

    # -- trees -----------------------------------------------------------------------------------------------------

    def changed(self, sha: str) -> list[str]:
        """The paths in which a commit differs from its first parent."""
        parents = self.commits[sha].parents
        return differing(self.trees[parents[0]] if parents else {}, self.trees[sha])

    def merge(self, ours: str, theirs: str) -> tuple[dict[str, str], list[str]]:
        """The tree of a merge with the texts of `ours` where both sides changed a file, and which files those are."""
        common = self._behind[ours] & self._behind[theirs]
        base: Tree = self.trees[self._order[common.bit_length() - 1]] if common else {}
        return joined(base, self.trees[ours], self.trees[theirs])


def differing(before: Tree, after: Tree) -> list[str]:
    if before is after:
        return []
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def joined(base: Tree, ours: Tree, theirs: Tree) -> tuple[dict[str, str], list[str]]:
    """What `theirs` changed since `base`, laid over `ours`; where both changed a file differently it is named."""
    made, clash = dict(ours), []
    for path in differing(base, theirs):
        if ours.get(path) == base.get(path):
            if path in theirs:
                made[path] = theirs[path]
            else:
                made.pop(path, None)
        elif ours.get(path) != theirs.get(path):
            clash.append(path)
    return made, clash


@dataclass(frozen=True, slots=True)
class Known:
    """The files whose conflicts need no person: the CHANGELOG and the files that say the version."""

    changelog: str
    version_files: VersionFiles

    def solved(self, clash: Sequence[str], made: dict[str, str], base: Tree, theirs: Tree) -> list[str]:
        """Mends `made` where the conflict is understood; what is left for people."""
        left = []
        for path in clash:
            if path == self.changelog and path in made and path in theirs:
                made[path] = changelog.union(base.get(path, ""), made[path], theirs[path])
            elif not any(path == p and version_files.found(made.get(p, ""), how) for p, how in self.version_files):
                left.append(path)
        return left
