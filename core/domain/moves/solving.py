"""What git could not bring together: it is kept by name, and people solve it in a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.domain.contents import Conflict
from core.domain.effects import Effect
from core.domain.moves.forging import conflict_pull, solving_pull
from core.domain.moves.outcome import Outcome, ask_git, order_of
from core.domain.release import GitWork, Release
from core.domain.repository import Pick, Revert, Solve
from core.domain.situation import Act, Situation


def pull(s: Situation, act: Act) -> Outcome:
    """A pull request for each conflict that is meant; git makes a branch first for what was picked or taken back."""
    effects: list[Effect] = []
    release = s.release
    meant = release.conflicts_with(act.text("item") or act.text("reason"))
    for one in meant:
        if one.head:
            effects += conflict_pull(s, release, one.head, one.base, list(one.files))
        elif not release.git_at_work:
            release, effect = ask_git(s, release, "solve", _order(s, one), act.actor)
            effects.append(effect)
    return Outcome(release, tuple(effects), notes={"pending": "git"}, record={"into": [c.base for c in meant]})


def _order(s: Situation, one: Conflict) -> Solve:
    """The branch bears where it starts, so that another try on another head is another branch."""
    r, rules = s.release, s.policy.notes
    what = "-".join(ref.lstrip("#") for ref in one.refs[:3])
    verb = "revert" if one.reverted else "pick"
    branch = f"solve/{r.tag}-{verb}-{what or one.commits[0][:7]}-{r.branch_head[:7]}"
    return Solve(branch, r.branch_head, one.commits, s.now, one.reverted, rules.files, rules.changelog)


def solve_pushed(s: Situation, release: Release, order: Solve) -> Outcome:
    """The branch is there: the pull request is opened from it."""
    found = next((c for c in release.conflicts if c.commits == order.commits), None)
    effects = solving_pull(s, order.branch, found) if found else ()
    return Outcome(release, effects, record={"branch": order.branch})


def tried(release: Release, head: str, conflicts: Sequence[Mapping[str, Any]]) -> Release:
    """The release with what a dry run of the merges of the branch `head` has met."""
    picks = tuple(c for c in release.conflicts if not c.head)
    met = tuple(Conflict(str(c["branch"]), head, tuple(c["files"])) for c in conflicts)
    return replace(release, conflicts=(*met, *picks))


def could_not(release: Release, work: GitWork, blockers: Sequence[Mapping[str, Any]]) -> Release:
    """The release with what could not be picked or taken back because it conflicts."""
    files = [f for b in blockers if b["code"] == "git.conflict" for f in b["facts"].get("files", ())]
    order = order_of(work.order) if work.order and files else None
    if not isinstance(order, Pick | Revert):
        return release
    back = isinstance(order, Revert)
    one = Conflict(order.branch, "", tuple(files), order.commits, work.about, back)
    return replace(release, conflicts=(*(c for c in release.conflicts if c.commits != order.commits), one))


def solved(release: Release, commits: tuple[str, ...]) -> Release:
    """The release when these commits are picked or taken back after all."""
    return replace(release, conflicts=tuple(c for c in release.conflicts if c.commits != commits))
