"""From commits to units: one per pull request, over squash, merge and rebase histories; merges are no changes.

Every commit of the range ends in exactly one unit, but for merges that only carry the work of others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from core.domain.forge import Pull
from core.domain.notes import message
from core.domain.pulls import IN_BODY, OF_MERGE
from core.domain.repository import Commit

_GITLAB = re.compile(r"^Merge branch '([^']{1,250})'(?: into '?[^' ]{1,250}'?)?$")
_BITBUCKET = re.compile(r"^Merged in (\S{1,250}) \(pull request #([1-9][0-9]{0,8})\)")
_AZURE = re.compile(r"^Merged PR ([1-9][0-9]{0,8}): ")


@dataclass(slots=True)
class Unit:
    """One change: its commits, newest first (the merge among them), and the title of its pull request where told.

    What follows from these is asked for again and again, so `complete` works it out once: `own` are its commits without
    merges, when it has any; `titles` its title first, then what its commits say, newest first; `led`: the first of them
    speaks for all, as that of a pull request, or of the only commit.
    """

    pull: int | None
    commits: list[Commit] = field(default_factory=list)
    title: str = ""
    body: str = ""
    branch: str = ""
    id: str = ""
    own: Sequence[Commit] = ()
    titles: Sequence[str] = ()
    led: bool = False

    @property
    def newest(self) -> Commit:
        return self.commits[0]

    def complete(self) -> None:
        own = self.commits
        if len(own) > 1:
            own = [c for c in own if len(c.parents) < 2] or own
        said = [message.tidy(c.subject) for c in own]
        if self.title:
            said = [self.title, *said]
        elif len(own) == 1 and own[0].body:
            said += message.listed(message.trimmed(own[0].body))
        self.id = f"#{self.pull}" if self.pull else self.commits[-1].sha[:12]
        self.own, self.titles, self.led = own, said, bool(self.title) or len(own) == 1

    def take(self, other: Unit) -> None:
        """Make the commits of a newer unit its own."""
        self.commits = [*other.commits, *self.commits]
        self.complete()


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge of a pull request: its number, its branch, and its title when the message has one."""

    pull: int
    branch: str
    title: str


def merge_of(commit: Commit) -> Merge | None:
    """The pull request that a merge commit merged, in the forms of the hosts; None for any other merge."""
    if len(commit.parents) < 2:
        return None
    subject = commit.subject
    first = commit.body.strip().split("\n", 1)[0]
    if found := OF_MERGE.match(subject):
        return Merge(int(found[1]), (found[2] or "").partition("/")[2] or (found[2] or ""), message.tidy(first))
    if found := _BITBUCKET.match(subject):
        return Merge(int(found[2]), found[1], message.tidy(first))
    if found := _AZURE.match(subject):
        return Merge(int(found[1]), "", message.tidy(subject[found.end() :]))
    request = IN_BODY.search(message.trimmed(commit.body))
    if request:
        branch = _GITLAB.match(subject)
        title = "" if first.startswith("See merge request") else message.tidy(first)
        return Merge(int(request[1]), branch[1] if branch else "", title if branch else message.tidy(subject))
    if commit.pull:  # the title of the pull request is the subject of its merge
        return Merge(commit.pull, "", message.numberless(message.tidy(subject)))
    return None


def units(commits: Sequence[Commit], pulls: Mapping[int, Pull], lasting: Sequence[str]) -> list[Unit]:
    """The units of a range, newest first. `commits` are newest first, as git gives them."""
    inside = {c.sha: c for c in commits}
    merges = {c.sha: m for c in commits if len(c.parents) > 1 and (m := merge_of(c))}
    carriers = {
        sha for sha, m in merges.items()
        if any(fnmatchcase(_branch(m, pulls), name) for name in lasting) and _branch(m, pulls)
    }  # fmt: skip
    owner = _owners(commits, inside, merges, carriers)
    numbers = _merged_by_rebase(inside, pulls)
    found: dict[object, Unit] = {}
    holds_others: set[int] = set()
    for commit in commits:
        mine = merges.get(commit.sha)
        around = owner[commit.sha]
        number = mine.pull if mine else commit.pull or numbers.get(commit.sha) or message.pull_trailer(commit.body)
        if len(commit.parents) > 1 and (mine is None or commit.sha in carriers):
            continue
        if around and around.pull != number:
            if mine or (number and number in pulls):
                holds_others.add(around.pull)
            else:
                number = around.pull
        unit = found.get(number or commit.sha)
        if unit is None:
            unit = found[number or commit.sha] = Unit(number)
        unit.commits.append(commit)
        if mine:
            unit.title, unit.branch = unit.title or mine.title or _from_branch(mine.branch), unit.branch or mine.branch
    kept = [u for u in found.values() if not (holds_others and _carries_only(u, merges, holds_others))]
    for unit in kept:
        if pulls:
            _name(unit, pulls)
        unit.complete()
    return kept


def _branch(merge: Merge, pulls: Mapping[int, Pull]) -> str:
    pull = pulls.get(merge.pull)
    return (pull.head if pull else "") or merge.branch


def _carries_only(unit: Unit, merges: Mapping[str, Merge], holds_others: set[int]) -> bool:
    return unit.pull in holds_others and all(c.sha in merges for c in unit.commits)


def _name(unit: Unit, pulls: Mapping[int, Pull]) -> None:
    pull = pulls.get(unit.pull) if unit.pull else None
    if pull:
        unit.title, unit.body = message.tidy(pull.title), message.trimmed(pull.body)
        unit.branch = unit.branch or pull.head


def _from_branch(branch: str) -> str:
    """A title for a merge that tells none: team/fix/late-fees reads "late fees"."""
    return message.tidy(branch.rpartition("/")[2].replace("-", " ").replace("_", " "))


def _merged_by_rebase(inside: Mapping[str, Commit], pulls: Mapping[int, Pull]) -> dict[str, int]:
    """Which commits without a number a pull request put there, by what the forge says about its merging."""
    found: dict[str, int] = {}
    for pull in pulls.values():
        commit = inside.get(pull.merge_sha)
        for _ in range(_commits_of(pull, commit)):
            if commit is None or commit.pull or len(commit.parents) > 1 or commit.sha in found:
                break
            found[commit.sha] = pull.number
            commit = inside.get(commit.parents[0]) if commit.parents else None
    return found


def _commits_of(pull: Pull, commit: Commit | None) -> int:
    """How many commits of the branch stand in the range: one when they were squashed under the title."""
    if commit is None:
        return 0
    squashed = message.tidy(commit.subject) == message.tidy(pull.title)
    return 1 if squashed else max(1, pull.commits)


def _owners(
    commits: Sequence[Commit], inside: Mapping[str, Commit], merges: Mapping[str, Merge], carriers: set[str]
) -> dict[str, Merge | None]:
    """The innermost merged pull request that brought each commit, None for what came directly.

    Each line is followed by first parents and walked from its oldest commit on, so that a merge brings only what no
    older one brought. Every commit is looked at once.
    """
    owner: dict[str, Merge | None] = {}

    def line(tip: str, own: Merge | None) -> list[Commit]:
        found = []
        while (commit := inside.get(tip)) is not None and tip not in owner:
            owner[tip] = own
            found.append(commit)
            tip = commit.parents[0] if commit.parents else ""
        return found  # newest first, so that popping gives the oldest

    for commit in commits:
        if commit.sha in owner:
            continue
        stack: list[tuple[list[Commit], Merge | None]] = [(line(commit.sha, None), None)]
        while stack:
            rest, own = stack[-1]
            if not rest:
                stack.pop()
                continue
            at = rest.pop()
            for other in reversed(at.parents[1:]):
                theirs = merges.get(at.sha, own) if at.sha not in carriers else None
                stack.append((line(other, theirs), theirs))
    return owner
