"""What of a range shipped before in another dress: cherry-picked, backported, or held by a shipped line itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.integrations.gitrepo import history
from bot.integrations.gitrepo.history import Log
from bot.integrations.gitrepo.process import Git
from core.domain.repository import Commit, RangeRead

_FROM = re.compile(r"\(cherry picked from commit ([0-9a-f]{40})\)")
_REVERTS = re.compile(r"\bThis reverts commit ([0-9a-f]{40})\b")
_MOST = 20_000  # commits of the shipped lines that are compared

Twins = dict[str, str]


def read_range(git: Git, base: str, head: str, against: Sequence[str], limit: int) -> RangeRead:
    """The commits of `base..head` and their counterparts on the lines of `against` and `base`."""
    log = history.read(git, [head], [base] if base else [], limit + 1)
    whole = len(log.commits) <= limit
    del log.commits[limit:]
    lines = [*dict.fromkeys([*against, *([base] if base else [])])]
    if not log.commits or not lines:
        return RangeRead(tuple(log.commits), whole=whole)
    oldest = min(log.written.values())  # a counterpart is never committed before its first author wrote it
    others = history.read(git, lines, [], _MOST, f"--since=@{max(oldest, 0)}")
    twins = counterparts(git, log, others)
    holders = _holders(lines, others.commits)
    shipped = {commit.sha: twins[commit.sha] for commit in log.commits if commit.sha in twins}
    return RangeRead(tuple(log.commits), shipped, {sha: holders[twin] for sha, twin in shipped.items()}, whole)


def counterparts(git: Git, log: Log, others: Log) -> Twins:
    """For the commits that have one: the commit among `others` that brought the same change and was not taken back."""
    undone = _undone([*log.commits, *others.commits])
    there = [commit for commit in others.commits if commit.sha not in undone]
    marks = {mark: commit.sha for commit in reversed(there) for mark in _marks(commit, others)}
    twins: Twins = {}
    for commit in log.commits:
        if twin := next((marks[mark] for mark in _marks(commit, log) if mark in marks), ""):
            twins[commit.sha] = twin
    taken = set(twins.values())
    rest = [commit.sha for commit in log.commits if commit.sha not in twins and len(commit.parents) < 2]
    free = [commit.sha for commit in there if commit.sha not in taken and len(commit.parents) < 2]
    if rest and free:
        twins |= _same_patch(git, rest, free)
    _spread(log.commits, twins)
    return twins


def _marks(commit: Commit, log: Log) -> list[object]:
    """By what a counterpart is known: SHA, git's own note of a cherry-pick, author and instant, number and title."""
    marks: list[object] = [commit.sha]
    if "cherry picked" in commit.body:
        marks += _FROM.findall(commit.body)
    if len(commit.parents) < 2:
        marks.append((commit.email, log.written[commit.sha], commit.subject))
        if commit.pull is not None:
            marks.append((commit.pull, commit.subject))
    return marks


def _undone(commits: Iterable[Commit]) -> set[str]:
    """Commits that another one took back, unless that one was taken back itself."""
    by = {commit.sha: _REVERTS.findall(commit.body) for commit in commits if "This reverts" in commit.body}
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


def _spread(commits: Sequence[Commit], twins: Twins) -> None:
    """A merge shipped when all that it brought did, and what it brought shipped when the whole merge was picked."""
    inside = {commit.sha: commit.parents for commit in commits}
    line, at = [], commits[0].sha if commits else ""
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


def _holders(lines: Sequence[str], commits: Sequence[Commit]) -> dict[str, str]:
    """For each commit of the lines the first of them that holds it."""
    inside = {commit.sha: commit.parents for commit in commits}
    assigned: set[str] = set()
    return {sha: line for line in lines for sha in _walk([line], inside, assigned)}


def _lines(shas: Sequence[str]) -> bytes:
    return "".join(f"{sha}\n" for sha in shas).encode()
