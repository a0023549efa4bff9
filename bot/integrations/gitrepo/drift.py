"""What stands on main that nobody released: commits that the promotion would silently leave behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.integrations.gitrepo import history
from bot.integrations.gitrepo.objects import Facts
from bot.integrations.gitrepo.process import Git
from core.domain.repository import Commit

_LOOKED_AT = 5000


def drift(git: Git, main: str, known: Sequence[str]) -> list[Commit]:
    """Commits of main that none of the known ones (versions, a candidate) holds, newest first.

    A commit with exactly the tree of a known version is an earlier promotion (the tag may sit on the release branch,
    or it was squashed), and a merge with the tree of one of its parents adds nothing of its own; whatever else such a
    merge brought is listed by itself.
    """
    found = history.read(git, [main], known, _LOOKED_AT)
    if not found.commits:
        return []
    merges = {parent for commit in found.commits if len(commit.parents) > 1 for parent in commit.parents}
    trees = _trees(git, {*known, *merges})
    shipped = {trees[sha] for sha in known if sha in trees}
    strangers = []
    for commit in found.commits:
        tree = found.trees[commit.sha]
        parents = commit.parents if len(commit.parents) > 1 else ()
        if tree not in shipped and tree not in {trees.get(parent) for parent in parents}:
            strangers.append(commit)
    return strangers


def is_promotion(main: str, candidate: str, facts: Mapping[str, Facts]) -> bool:
    """Whether main's head already is the candidate's promotion: before an abort, or merged by hand."""
    merged = candidate in facts[main].parents and facts[main].tree == facts[candidate].tree
    return merged or main == candidate


def _trees(git: Git, commits: Iterable[str]) -> dict[str, str]:
    wanted = sorted(commits)
    asked = "".join(f"{sha}^{{tree}}\n" for sha in wanted)
    answer = git.read("cat-file", "--batch-check=%(objectname)", stdin=asked.encode())
    lines = answer.out.decode().splitlines()
    return {sha: line for sha, line in zip(wanted, lines, strict=True) if not line.endswith(" missing")}
