"""What of a range shipped before in another dress: cherry-picked, backported, or held by a shipped line itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.integrations.gitrepo import history
from bot.integrations.gitrepo.history import Logged
from bot.integrations.gitrepo.process import Git
from core.domain.repository import RangeRead

_FROM = re.compile(r"\(cherry picked from commit ([0-9a-f]{40})\)")
_REVERTS = re.compile(r"\bThis reverts commit ([0-9a-f]{40})\b")
_MOST = 20_000  # commits of the shipped lines that are compared

Twins = dict[str, str]


def read_range(git: Git, base: str, head: str, against: Sequence[str], limit: int) -> RangeRead:
    """The commits of `base..head` and their counterparts on the lines of `against` and `base`."""
    rows = history.commits(git, [head], [base] if base else [], limit + 1)
    whole, rows = len(rows) <= limit, rows[:limit]
    lines = [*dict.fromkeys([*against, *([base] if base else [])])]
    commits = tuple(row.commit for row in rows)
    if not rows or not lines:
        return RangeRead(commits, whole=whole)
    oldest = min(row.written for row in rows)  # a counterpart is never committed before its first author wrote it
    others = history.commits(git, lines, [], _MOST, f"--since=@{max(oldest, 0)}")
    twins = counterparts(git, rows, others)
    holders = _holders(lines, others)
    shipped = {row.commit.sha: twins[row.commit.sha] for row in rows if row.commit.sha in twins}
    return RangeRead(commits, shipped, {sha: holders[twin] for sha, twin in shipped.items()}, whole)


def counterparts(git: Git, rows: Sequence[Logged], others: Sequence[Logged]) -> Twins:
    """For the commits that have one: the commit among `others` that brought the same change and was not taken back."""
    undone = _undone([*rows, *others])
    there = [row for row in others if row.commit.sha not in undone]
    twins = _named(rows, there)
    rest = [row for row in rows if row.commit.sha not in twins and len(row.commit.parents) < 2]
    taken = set(twins.values())
    free = [row for row in there if row.commit.sha not in taken and len(row.commit.parents) < 2]
    if rest and free:
        twins |= _same_patch(git, [row.commit.sha for row in rest], [row.commit.sha for row in free])
    _spread(rows, twins)
    return twins


def _named(rows: Sequence[Logged], there: Sequence[Logged]) -> Twins:
    """Counterparts by SHA, by git's own note of a cherry-pick, by author and instant, by number and title."""
    marks = {mark: row.commit.sha for row in reversed(there) for mark in _marks(row)}
    shas = {row.commit.sha for row in there}
    twins: Twins = {}
    for row in rows:
        sha = row.commit.sha
        twin = sha if sha in shas else next((marks[mark] for mark in _marks(row) if mark in marks), "")
        if twin:
            twins[sha] = twin
    return twins


def _marks(row: Logged) -> list[object]:
    commit = row.commit
    marks: list[object] = [commit.sha, *_FROM.findall(commit.body)] if "cherry picked" in commit.body else [commit.sha]
    if len(commit.parents) < 2:
        marks.append((commit.email, row.written, commit.subject))
        if commit.pull is not None:
            marks.append((commit.pull, commit.subject))
    return marks


def _undone(rows: Iterable[Logged]) -> set[str]:
    """Commits that another one took back, unless that one was taken back itself."""
    by = {row.commit.sha: _REVERTS.findall(row.commit.body) for row in rows if "This reverts" in row.commit.body}
    undone: set[str] = set()
    for sha in reversed(by):  # the newest are first, and a revert is older than what takes it back
        undone.update(by[sha])
    for sha in by:
        if sha in undone:
            undone.difference_update(by[sha])
    return undone


def _same_patch(git: Git, shas: Sequence[str], others: Sequence[str]) -> Twins:
    """Pairs with the same change by patch id; only those that touch the same files are compared, as git does."""
    files = _files(git, [*shas, *others])
    wanted = {files[sha] for sha in others if sha in files}
    near = [sha for sha in shas if files.get(sha) in wanted]
    touched = {files[sha] for sha in near}
    far = [sha for sha in others if files.get(sha) in touched]
    if not near:
        return {}
    ids = _patch_ids(git, [*near, *far])
    known = {ids[sha]: sha for sha in reversed(far) if sha in ids}
    return {sha: known[ids[sha]] for sha in near if ids.get(sha) in known}


def _files(git: Git, shas: Sequence[str]) -> dict[str, str]:
    """For each commit the files that it touches and how, as one text; those that touch none are left out."""
    out = git.read("diff-tree", "--stdin", "-r", "--root", "--name-status", "--no-renames", stdin=_lines(shas)).out
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in out.decode("utf-8", "replace").split("\n"):
        if "\t" in line:
            current.append(line)
        elif line:
            current = found.setdefault(line, [])
    return {sha: "\n".join(lines) for sha, lines in found.items() if lines}


def _patch_ids(git: Git, shas: Sequence[str]) -> dict[str, str]:
    patches = git.read("diff-tree", "--stdin", "-p", "--root", "--no-renames", "--full-index", stdin=_lines(shas)).out
    said = git.read("patch-id", "--stable", stdin=patches).text
    return {sha: patch for patch, _, sha in (line.partition(" ") for line in said.splitlines())}


def _spread(rows: Sequence[Logged], twins: Twins) -> None:
    """A merge shipped when all that it brought did, and what it brought shipped when the whole merge was picked."""
    inside = {row.commit.sha: row.commit.parents for row in rows}
    line, at = [], rows[0].commit.sha if rows else ""
    while at in inside:
        line.append(at)
        at = inside[at][0] if inside[at] else ""
    assigned = set(line)
    for merge in reversed(line):  # the oldest first: what an older merge brought is not brought again
        brought = _walk(inside[merge][1:], inside, assigned)
        if merge in twins and twins[merge] != merge:
            twins.update({sha: twins[merge] for sha in brought if sha not in twins})
        own = [sha for sha in brought if len(inside[sha]) < 2]
        if own and all(sha in twins for sha in own):
            for sha in (merge, *brought):
                twins.setdefault(sha, twins[own[0]])


def _walk(starts: Sequence[str], inside: Mapping[str, Sequence[str]], assigned: set[str]) -> list[str]:
    found: list[str] = []
    todo = list(starts)
    while todo:
        sha = todo.pop()
        if sha in inside and sha not in assigned:
            assigned.add(sha)
            found.append(sha)
            todo += inside[sha]
    return found


def _holders(lines: Sequence[str], others: Sequence[Logged]) -> dict[str, str]:
    """For each commit of the lines the first of them that holds it."""
    inside = {row.commit.sha: row.commit.parents for row in others}
    assigned: set[str] = set()
    return {sha: line for line in lines for sha in _walk([line], inside, assigned)}


def _lines(shas: Sequence[str]) -> bytes:
    return "".join(f"{sha}\n" for sha in shas).encode()
