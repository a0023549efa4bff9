"""From an order to a plan on a history in memory; what git refuses is refused here by the same names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.simulate.history import Author, History, Known, Tree, joined
from core.domain import version_files
from core.domain.filing import FileDocuments
from core.domain.prepared import as_wanted
from core.domain.repository import (
    Commit,
    CutBranch,
    FinalTag,
    GitOrder,
    GitPlan,
    MergeBranch,
    MergeConflict,
    Pick,
    PlanKind,
    Prepare,
    Promote,
    RefChange,
    Revert,
    Solve,
    TagCandidate,
)
from core.errors import Blocker, Refused

HEADS, TAGS = "refs/heads/", "refs/tags/"
BOT = Author("release-bot", "release-bot@localhost")


@dataclass(frozen=True, slots=True)
class Orders:
    """Plans against refs as they stand; the commits of a plan are made, no ref is moved."""

    history: History
    refs: Mapping[str, str]

    def plan(self, order: GitOrder) -> GitPlan:
        match order:
            case CutBranch():
                return self._cut(order)
            case TagCandidate():
                head = self._standing(order.branch, order.sha)
                made = self._prepared(head, order.prepare, order.made_at)
                refs = [RefChange(HEADS + order.branch, head, made), self._tag(order.tag, made)]
                return _plan("candidate", order, refs, made, prepared=made != head)
            case Promote():
                return self._promote(order)
            case FinalTag():
                return _plan("tag", order, [self._tag(order.tag, self._there(order.sha))], order.sha)
            case Pick() | Revert():
                return self._carried(order)
            case Solve():
                return self._offered(order)
            case MergeBranch():
                return self._merged(order)
            case FileDocuments():
                head = self._head(order.branch)
                tree = {**self.history.trees[head], **order.files}
                made = self.history.made([head], BOT, order.made_at, order.title, tree)
                return _plan("file", order, [RefChange(HEADS + order.branch, head, made)], made)

    def _cut(self, order: CutBranch) -> GitPlan:
        ref, base = HEADS + order.branch, self._there(order.from_sha)
        there = self.refs.get(ref, "")
        if there and not self.history.holds(there, base):
            raise Refused([Blocker("git.branch_exists", {"branch": order.branch, "at": there, "wanted": base})])
        head = self._prepared(there or base, order.prepare, order.made_at)
        refs = [RefChange(ref, there, head)]
        if order.tag is not None:
            refs.append(self._tag(order.tag, head if order.prepare else base))
        made = head if order.prepare else base
        return _plan("cut", order, refs, made, prepared=bool(order.prepare) and head != (there or base))

    def _prepared(self, head: str, wanted: Prepare | None, at: datetime) -> str:
        """The candidate's own commit on top of `head`; `head` itself when there is nothing to be written."""
        if wanted is None:
            return head
        tree = self.history.trees[head]
        made = as_wanted(tree, known_here(wanted, tree))
        if made == tree:
            return head
        return self.history.made([head], BOT, at, wanted.title or f"Prepare v{wanted.version}", made)

    def _promote(self, order: Promote) -> GitPlan:
        main, candidate = self._head(order.main), self._there(order.candidate_sha)
        self._refuse(order, main, candidate)
        tree = self.history.trees[candidate]
        promotion = main
        standing = main == candidate or (
            candidate in self.history.commits[main].parents and self.history.trees[main] == tree
        )
        if not standing:
            title = order.title or f"Release {order.tag}"
            promotion = self.history.made([main, candidate], BOT, order.made_at, title, tree)
        refs = [RefChange(HEADS + order.main, main, promotion), self._tag(order.tag, promotion)]
        conflicts = []
        for branch in dict.fromkeys(order.merge_into):
            if branch == order.main or (branch in order.may_be_gone and HEADS + branch not in self.refs):
                continue
            head = self._head(branch)
            made = head if standing and self.history.holds(head, promotion) else self._home(order, branch, promotion)
            if isinstance(made, MergeConflict):
                conflicts.append(made)
            else:
                refs.append(RefChange(HEADS + branch, head, made))
        return replace(_plan("promote", order, refs, promotion), conflicts=tuple(conflicts))

    def _home(self, order: Promote, branch: str, promotion: str) -> str | MergeConflict:
        head = self._head(branch)
        made, clash = self.history.merge(head, order.candidate_sha)
        theirs = self.history.trees[order.candidate_sha]
        left = Known(order.changelog, order.version_files).solved(clash, made, {}, theirs)
        if left:
            return MergeConflict(branch, tuple(left))
        return self.history.made([head, promotion], BOT, order.made_at, f"Merge {order.tag} into {branch}", made)

    def _refuse(self, order: Promote, main: str, candidate: str) -> None:
        blockers = []
        if order.production and not self.history.holds(candidate, self._there(order.production)):
            lacking = len(self.history.range(candidate, order.production))
            facts = {"candidate": candidate, "production": order.production, "commits": lacking}
            detail = f"The candidate lacks {lacking} commits that production runs."
            blockers.append(Blocker("git.behind", facts | {"detail": detail}))
        found = self.strangers(main, [candidate, *order.known, *filter(None, [order.production])])
        if found:
            words = [f"{commit.author}, “{commit.subject}”" for commit in found[:20]]
            facts = {"branch": order.main, "count": len(found), "commits": words}
            told = {"shas": [commit.sha for commit in found[:20]], "newest": found[0].at.isoformat()}
            blockers.append(Blocker("git.drift", facts | told))
        if blockers:
            raise Refused(blockers)

    def strangers(self, main: str, known: Iterable[str]) -> list[Commit]:
        """Commits of main that none of the known ones holds and no promotion explains."""
        here = [sha for sha in known if sha in self.history.commits]
        found = self.history.of(self.history.reach([main]) & ~self.history.reach(here))
        shipped = [self.history.trees[sha] for sha in here]

        def stranger(commit: Commit) -> bool:
            tree = self.history.trees[commit.sha]
            merged = commit.parents if len(commit.parents) > 1 else ()
            return not any(tree == other for other in (*shipped, *(self.history.trees[p] for p in merged)))

        return [commit for commit in found if stranger(commit)]

    def _carried(self, order: Pick | Revert) -> GitPlan:
        """Each change is laid on the branch, the oldest first when it is picked, the newest when it is taken back."""
        head = tip = self._standing(order.branch, order.head)
        picks = isinstance(order, Pick)
        for sha in reversed(order.commits) if picks else order.commits:
            commit = self.history.commits[self._there(sha)]
            before: Tree = self.history.trees[commit.parents[0]] if commit.parents else {}
            sides = (before, self.history.trees[sha]) if picks else (self.history.trees[sha], before)
            made, clash = joined(sides[0], self.history.trees[tip], sides[1])
            left = Known(order.changelog, order.version_files).solved(clash, made, *sides)
            if left:
                raise Refused([_conflict(order, left)])
            if made == self.history.trees[tip]:
                continue
            note = f"(cherry picked from commit {sha})" if picks else f"This reverts commit {sha}."
            subject = commit.subject if picks else f'Revert "{commit.subject}"'
            author = Author(commit.author, commit.email) if picks else BOT
            written = self.history.written[sha] if picks else None
            tip = self.history.made([tip], author, order.made_at, f"{subject}\n\n{note}", made, written)
        return _plan("pick" if picks else "revert", order, [RefChange(HEADS + order.branch, head, tip)], tip)

    def _offered(self, order: Solve) -> GitPlan:
        there = self.refs.get(HEADS + order.branch, "")
        made = there or self.history.made(
            [order.head], BOT, order.made_at, "To be solved by people", self.history.trees[self._there(order.head)]
        )
        return _plan("solve", order, [RefChange(HEADS + order.branch, there, made)], made)

    def _merged(self, order: MergeBranch) -> GitPlan:
        head, source = self._standing(order.branch, order.head), self._there(order.source_sha)
        if self.history.holds(head, source):
            return _plan("merge", order, [RefChange(HEADS + order.branch, head, head)], head)
        made, clash = self.history.merge(head, source)
        own = {order.changelog, *(path for path, _ in order.version_files)} & self.history.trees[head].keys()
        made |= {path: self.history.trees[head][path] for path in own}  # what the source says was never released
        if left := [path for path in clash if path not in own]:
            raise Refused([_conflict(order, left)])
        tip = self.history.made([head, source], BOT, order.made_at, order.message or f"Merge into {order.branch}", made)
        return _plan("merge", order, [RefChange(HEADS + order.branch, head, tip)], tip)

    def _tag(self, name: str, sha: str) -> RefChange:
        there = self.refs.get(TAGS + name, "")
        if there and there != sha:
            raise Refused([Blocker("git.tag_exists", {"tag": name, "at": there, "wanted": sha})])
        return RefChange(TAGS + name, there, sha)

    def _head(self, branch: str) -> str:
        if HEADS + branch not in self.refs:
            raise Refused([Blocker("git.branch_missing", {"branch": branch})])
        return self.refs[HEADS + branch]

    def _standing(self, branch: str, wanted: str) -> str:
        head = self._head(branch)
        if head != self._there(wanted):
            raise Refused([Blocker("git.branch_moved", {"branch": branch, "at": head, "wanted": wanted})])
        return head

    def _there(self, sha: str) -> str:
        if sha not in self.history.commits:
            raise Refused([Blocker("git.commit_missing", {"commit": sha[:40]})])
        return sha


def known_here(wanted: Prepare, tree: Tree) -> Prepare:
    """Without the version files that a simulated product does not have: nobody wrote them."""
    files = tuple((p, pattern) for p, pattern in wanted.version_files if version_files.found(tree.get(p, ""), pattern))
    return replace(wanted, version_files=files)


def _conflict(order: Pick | Revert | MergeBranch, files: Sequence[str]) -> Blocker:
    return Blocker("git.conflict", {"branch": order.branch, "files": list(files), "people": {}})


def _plan(
    kind: PlanKind, order: GitOrder, refs: Sequence[RefChange], commit: str, *, prepared: bool = False
) -> GitPlan:
    return GitPlan(kind, order.made_at, tuple(refs), "in memory", commit, prepared)
