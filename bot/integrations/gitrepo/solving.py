"""Conflicts that need no person: two CHANGELOGs, two versions in a file that says the version."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.integrations.gitrepo import trees
from bot.integrations.gitrepo.objects import Merge
from bot.integrations.gitrepo.process import Git
from core.domain import changelog, version_files
from core.domain.repository import VersionFiles

Sides = Literal["both", "ours"]


@dataclass(frozen=True, slots=True)
class Known:
    """The files whose conflicts are understood; `sections` says whether a CHANGELOG gets those of both sides."""

    changelog: str
    version_files: VersionFiles
    sections: Sides = "both"

    def solved(self, git: Git, merged: Merge) -> str:
        """The tree of a merge whose conflicts are all understood, else ""."""
        patterns = self._patterns()
        if not merged.tree or not merged.stages or merged.stages.keys() - patterns.keys():
            return ""
        files: dict[str, trees.Entry] = {}
        for path, stages in merged.stages.items():
            mode = stages.get(2, ("", ""))[0]
            if mode not in trees.FILES or stages.get(3, ("", ""))[0] != mode:
                return ""  # deleted on one side, or not a plain file there: somebody must decide
            found = trees.blobs(git, [name for _, name in stages.values()])
            if len(found) < len({name for _, name in stages.values()}):
                return ""
            texts = {number: trees.text(found[name]) for number, (_, name) in stages.items()}
            made = self._joined(git, path, texts.get(1, ""), texts[2], texts[3])
            if made is None:
                return ""
            files[path] = (mode, trees.blob(git, made))
        return trees.with_files(git, merged.tree, files)

    def own(self, git: Git, tree: str, ours: str) -> str:
        """`tree` with the CHANGELOG and the versions that `ours` has."""
        patterns = self._patterns()
        mine, there = (trees.entries(git, name, list(patterns)) for name in (ours, tree))
        files: dict[str, trees.Entry] = {}
        for path in [p for p in patterns if p in mine and p in there and mine[p] != there[p]]:
            if path == self.changelog:
                files[path] = mine[path]
                continue
            found = trees.blobs(git, [mine[path][1], there[path][1]])
            if len(found) == 2 and there[path][0] in trees.FILES:
                texts = [trees.text(found[name]) for name in (mine[path][1], there[path][1])]
                files[path] = (there[path][0], trees.blob(git, _versioned(texts[1], texts[0], patterns[path])))
        return trees.with_files(git, tree, files)

    def _patterns(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {self.changelog: []} if self.changelog else {}
        for path, pattern in self.version_files:
            found.setdefault(path, []).append(pattern)
        return found

    def _joined(self, git: Git, path: str, base: str, ours: str, theirs: str) -> str | None:
        if path == self.changelog:
            return changelog.union(base, ours, theirs) if self.sections == "both" else ours
        patterns = self._patterns()[path]
        return _merged(git, _versioned(base, ours, patterns), ours, _versioned(theirs, ours, patterns))


def _versioned(text: str, ours: str, patterns: Sequence[str]) -> str:
    """`text` with the versions that `ours` says."""
    for pattern in patterns:
        version = version_files.found(ours, pattern)
        if version and version_files.found(text, pattern):
            text = version_files.bump(text, pattern, version)
    return text


def _merged(git: Git, base: str, ours: str, theirs: str) -> str | None:
    """Git's own merge of three texts; None when it conflicts."""
    if theirs in (base, ours):
        return ours
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            file = Path(folder) / name
            file.write_bytes(text.encode("utf-8", "surrogateescape"))
            names.append(str(file))
        answer = git.read("merge-file", "-p", "--quiet", *names, codes=tuple(range(128)))
    return trees.text(answer.out) if answer.code == 0 else None
