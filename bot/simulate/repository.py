"""The Repository port answered from memory: the same orders, the same refusals, no git and no disk."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.simulate.history import Author, History, Tree, differing
from bot.simulate.orders import HEADS, TAGS, Orders, known_here
from core.domain.flags.in_code import Place, Places, names_in
from core.domain.prepared import section_faults, version_faults
from core.domain.repository import (
    Commit,
    Difference,
    FileChange,
    FileFault,
    GitOrder,
    GitPlan,
    Holding,
    Prepare,
    PushResult,
    RangeRead,
    RemoteState,
)
from core.errors import NotFound

_SHA = re.compile(r"[0-9a-f]{4,40}")
_REVERTS = re.compile(r"\bThis reverts commit ([0-9a-f]{40})\b")
_NUMBER = re.compile(r"[#!]([1-9][0-9]{0,8})")


@dataclass(slots=True)
class MemoryRepository:
    """What a git remote would answer. `refs` are full names with the commit that each stands on."""

    main: str = "main"
    history: History = field(default_factory=History)
    refs: dict[str, str] = field(default_factory=dict)

    # -- what people do with it ------------------------------------------------------------------------------------

    def commit(
        self, branch: str, author: Author, message: str, files: Tree, at: datetime, *, base: str = ""
    ) -> str:
        """A commit on a branch, which begins at `base` when it is not there; `files` are those that it changes."""
        head = self.refs.get(HEADS + branch) or base
        tree = {**(self.history.trees[head] if head else {}), **files}
        self.refs[HEADS + branch] = self.history.made([head] if head else [], author, at, message, tree)
        return self.refs[HEADS + branch]

    def branch(self, name: str, of: str) -> None:
        """A new branch where another one stands."""
        self.refs[HEADS + name] = self.refs[HEADS + of]

    def tag(self, name: str, sha: str) -> None:
        self.refs[TAGS + name] = sha

    # -- refs ------------------------------------------------------------------------------------------------------

    def seen(self) -> RemoteState | None:
        heads = {ref.removeprefix(HEADS): sha for ref, sha in self.refs.items() if ref.startswith(HEADS)}
        tags = {ref.removeprefix(TAGS): sha for ref, sha in self.refs.items() if ref.startswith(TAGS)}
        return RemoteState(heads, tags, asyncio.get_running_loop().time())

    async def look(self, max_age: float = 60.0) -> RemoteState:
        found = self.seen()
        assert found is not None
        return found

    async def head(self) -> str:
        return self.refs.get(HEADS + self.main, "")

    # -- reading ---------------------------------------------------------------------------------------------------

    async def changes(self, base: str, head: str, limit: int = 2000) -> Sequence[Commit]:
        self._have(base, head)
        return self.history.range(base, head)[:limit]

    async def read_range(
        self, base: str, head: str, *, against: Sequence[str] = (), limit: int = 50_000
    ) -> RangeRead:
        self._have(base, head)
        found = self.history.range(base, head)
        whole = len(found) <= limit
        found = found[:limit]
        lines = [*dict.fromkeys([*(sha for sha in against if sha in self.history.commits), *([base] if base else [])])]
        if not found or not lines:
            return RangeRead(tuple(found), whole=whole)
        since = self.history.since(min(self.history.written[c.sha] for c in found))
        others = self.history.of(self.history.reach(lines) & since)
        undone = {sha for c in (*found, *others) for sha in _REVERTS.findall(c.body)}
        marks = {mark: c.sha for c in reversed(others) if c.sha not in undone for mark in self._marks(c)}
        twins = {c.sha: next((marks[mark] for mark in self._marks(c) if mark in marks), "") for c in found}
        shipped = {sha: twin for sha, twin in twins.items() if twin}
        within = {sha: next(x for x in lines if self.history.holds(x, twin)) for sha, twin in shipped.items()}
        return RangeRead(tuple(found), shipped, within, whole)

    def _marks(self, commit: Commit) -> list[object]:
        """By what a change is known again: its SHA, and after it was picked elsewhere its author, instant and title."""
        own = (commit.email, self.history.written[commit.sha], commit.subject)
        return [commit.sha, *([own] if len(commit.parents) < 2 else [])]

    async def difference(self, base: str, head: str, wanted: Callable[[str], bool]) -> Difference:
        self._have(base, head)
        old: Tree = self.history.trees[base] if base else {}
        new = self.history.trees[head]
        paths = differing(old, new)
        files = tuple(FileChange("M" if p in old and p in new else "A" if p in new else "D", p) for p in paths)
        asked = [path for path in paths if wanted(path)]
        return Difference(files, {p: old[p] for p in asked if p in old}, {p: new[p] for p in asked if p in new})

    async def touched(self, shas: Sequence[str]) -> dict[str, tuple[str, ...]]:
        self._have(*shas)
        merges = {sha for sha in shas if len(self.history.commits[sha].parents) > 1}
        return {sha: () if sha in merges else tuple(self.history.changed(sha)) for sha in shas}

    async def mentions(self, sha: str, names: Sequence[str]) -> Places:
        self._have(sha)
        found: dict[str, list[Place]] = {}
        for path, text in sorted(self.history.trees[sha].items()) if names else ():
            for number, line in enumerate(text.splitlines(), 1):
                for name in names_in(line, names):
                    found.setdefault(name, []).append(Place(path, number, line))
        return {name: tuple(places) for name, places in found.items()}

    async def files(self, sha: str, paths: Sequence[str]) -> dict[str, str | None]:
        self._have(sha)
        return {path: self.history.trees[sha].get(path) for path in paths}

    async def checkout(self, sha: str, folder: Path) -> None:
        self._have(sha)
        tree = self.history.trees[sha]

        def write() -> None:
            for path, text in tree.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, encoding="utf-8")

        await asyncio.to_thread(write)

    async def prepared(self, sha: str, wanted: Prepare) -> tuple[FileFault, ...]:
        self._have(sha)
        tree = self.history.trees[sha]
        found = [*version_faults(tree, known_here(wanted, tree))]
        if wanted.section and wanted.changelog:
            found += section_faults(tree.get(wanted.changelog, ""), wanted)
        return tuple(found)

    async def find(self, text: str) -> tuple[Commit, ...]:
        held = self.history.of(self.history.reach(self.refs.values()))
        if _SHA.fullmatch(text.strip().lower()):
            return tuple(c for c in held if c.sha.startswith(text.strip().lower()))
        number = _NUMBER.fullmatch(text.strip())
        if number is not None:
            return tuple(c for c in held if c.pull == int(number[1]))
        return tuple(c for c in held if text.strip() and text.strip().casefold() in f"{c.subject}\n{c.body}".casefold())

    async def holding(self, sha: str) -> Holding:
        self._have(sha)
        refs = [ref for ref, at in self.refs.items() if self.history.holds(at, sha)]
        tags = tuple(ref.removeprefix(TAGS) for ref in refs if ref.startswith(TAGS))
        return Holding(tags, tuple(ref.removeprefix(HEADS) for ref in refs if ref.startswith(HEADS)))

    async def strangers(self, main: str, known: Sequence[str]) -> Sequence[Commit]:
        self._have(main)
        return self._orders().strangers(main, known)

    async def contains(self, ancestor: str, descendant: str) -> bool:
        self._have(ancestor, descendant)
        return self.history.holds(descendant, ancestor)

    # -- writing ---------------------------------------------------------------------------------------------------

    async def plan(self, order: GitOrder) -> GitPlan:
        return self._orders().plan(order)

    async def push(self, order: GitOrder, plan: GitPlan) -> PushResult:
        moving = [change for change in plan.refs if change.old != change.new]
        there = {change.ref: self.refs.get(change.ref, "") for change in plan.refs}
        if all(self._published(there[change.ref], change.new) for change in moving):
            return PushResult("already", refs=there)
        moved = [change.ref for change in plan.refs if there[change.ref] != change.old]
        if moved:
            return PushResult("moved", ", ".join(moved), there)
        self.refs |= {change.ref: change.new for change in moving}
        return PushResult("done", refs={change.ref: change.new for change in plan.refs})

    def _published(self, there: str, wanted: str) -> bool:
        """A branch counts too when people have gone on from where the plan put it."""
        return there == wanted or bool(there and self.history.holds(there, wanted))

    def _orders(self) -> Orders:
        return Orders(self.history, self.refs)

    def _have(self, *shas: str) -> None:
        gone = [sha for sha in shas if sha and sha not in self.history.commits]
        if gone:
            raise NotFound("The repository has no such commit.", commits=gone)
