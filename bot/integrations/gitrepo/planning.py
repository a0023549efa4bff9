"""From an order to a plan: make every object in the clone, say which refs will move, move nothing.

The same order on the same remote refs gives the same plan on any machine; that is how a plan that was stored
before a crash can be published by another process afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.integrations.gitrepo import history, objects
from bot.integrations.gitrepo.drift import drift, standing_promotion
from bot.integrations.gitrepo.mirror import Mirror, Refs
from bot.integrations.gitrepo.names import HEADS, TAGS, branch_ref, full_sha, printable, tag_ref
from bot.integrations.gitrepo.objects import Maker
from bot.integrations.gitrepo.process import Git
from core.domain.repository import (
    Commit,
    CutBranch,
    GitOrder,
    GitPlan,
    MergeConflict,
    PlanKind,
    Promote,
    RefChange,
    TagCandidate,
)
from core.errors import Blocker, Refused

_FILES_SHOWN = 50
_COMMITS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans against `refs`; `only` keeps a plan that is made again to the refs it had the first time."""

    mirror: Mirror
    git: Git
    refs: Refs
    only: Collection[str] | None = None

    def plan(self, order: GitOrder) -> GitPlan:
        if self.mirror.shallow():
            raise Refused([Blocker("git.shallow")])
        match order:
            case CutBranch():
                return self._cut(order)
            case TagCandidate():
                return self._candidate(order)
            case Promote():
                return self._promote(order)

    def _cut(self, order: CutBranch) -> GitPlan:
        ref = branch_ref(order.branch)
        base = self._commit(order.from_sha)
        there = self.refs.get(ref)
        if there and there != base and not self._cut_before(base, there):
            raise Refused([Blocker("git.branch_exists", {"branch": order.branch, "at": there, "wanted": base})])
        refs = [RefChange(ref, there, there or base)]
        if order.tag is not None:
            refs.append(self._tag(order, order.tag, base, order.message))
        return self._finished("cut", order, refs, base)

    def _cut_before(self, base: str, head: str) -> bool:
        """The branch was cut from `base` already and people have gone on: its own line leads back to it."""
        line = self.git.read("rev-list", "--first-parent", head, f"^{base}").text.split()
        last = line[-1] if line else head
        return base in self.git.read("rev-list", "--parents", "--max-count=1", last).text.split()[1:2]

    def _candidate(self, order: TagCandidate) -> GitPlan:
        ref = branch_ref(order.branch)
        sha = self._commit(order.sha)
        head = self._head(order.branch)
        if head != sha:
            raise Refused([Blocker("git.branch_moved", {"branch": order.branch, "at": head, "wanted": sha})])
        tag = self._tag(order, order.tag, sha, order.message)
        return self._finished("candidate", order, [RefChange(ref, sha, sha), tag], sha)

    def _promote(self, order: Promote) -> GitPlan:
        main_ref, main = branch_ref(order.main), self._head(order.main)
        candidate = self._commit(order.candidate_sha)
        branches = self._branches(order)
        self._refuse(order, main, candidate)
        promotion = standing_promotion(self.git, main, candidate)
        if not promotion:
            title = order.title or f"Release {order.tag}"
            promotion = self._maker(order).commit(objects.tree_of(self.git, candidate), (main, candidate), title)
        tag = self._tag(order, order.tag, promotion, order.message or order.title)
        refs = [RefChange(main_ref, main, promotion), tag]
        conflicts = []
        for branch, head in branches.items():
            made = self._merged_back(order, branch, head, promotion)
            if isinstance(made, MergeConflict):
                conflicts.append(made)
            else:
                refs.append(RefChange(HEADS + branch, head, made))
        plan = self._finished("promote", order, refs, promotion)
        changed = objects.files_changed(self.git, main, promotion)
        return replace(plan, conflicts=tuple(conflicts), files_changed=changed)

    def _branches(self, order: Promote) -> dict[str, str]:
        """The branches to merge into with their heads; in a plan made again, those that did not conflict then."""
        gone = [name for name in order.may_be_gone if not self.refs.get(branch_ref(name))]
        names = [name for name in dict.fromkeys(order.merge_into) if name != order.main and name not in gone]
        return {name: self._head(name) for name in names if self.only is None or branch_ref(name) in self.only}

    def _refuse(self, order: Promote, main: str, candidate: str) -> None:
        blockers: list[Blocker] = []
        if order.production:
            production = self._commit(order.production)
            if not objects.is_ancestor(self.git, production, candidate):
                lacking = self.git.read("rev-list", "--count", production, f"^{candidate}").text
                detail = f"The candidate lacks {lacking} commits that production runs."
                facts = {"candidate": candidate, "production": production, "commits": int(lacking), "detail": detail}
                blockers.append(Blocker("git.behind", facts))
        known = [full_sha(sha) for sha in (*order.known, *filter(None, [order.production]))]
        if strangers := drift(self.git, main, candidate, known):
            blockers.append(_drifted(order.main, strangers))
        if blockers:
            raise Refused(blockers)

    def _merged_back(self, order: Promote, branch: str, head: str, promotion: str) -> str | MergeConflict:
        """merge(branch, candidate) with the promotion as second parent: main's old content never comes along."""
        if objects.is_ancestor(self.git, promotion, head):
            return head
        merged = objects.merge(self.git, head, order.candidate_sha)
        if merged.clean:
            return self._maker(order).commit(merged.tree, (head, promotion), f"Merge {order.tag} into {branch}")
        shown = merged.files[:_FILES_SHOWN]
        people = history.people(self.git, (head, order.candidate_sha), shown) if shown else {}
        return MergeConflict(branch, merged.files, people)

    def _tag(self, order: GitOrder, name: str, commit: str, message: str) -> RefChange:
        ref = tag_ref(name)
        there = self.refs.get(ref)
        made = self._maker(order).tag(name, commit, message or name)
        # After an abort the same content may go again, with the tag that it has.
        mine = there == made or (isinstance(order, Promote) and self.refs.peeled.get(ref) == commit)
        if there and not mine:
            at = self.refs.peeled.get(ref, there)
            raise Refused([Blocker("git.tag_exists", {"tag": name, "at": at, "wanted": commit})])
        return RefChange(ref, there, there or made)

    def _head(self, branch: str) -> str:
        head = self.refs.get(branch_ref(branch))
        if not head:
            raise Refused([Blocker("git.branch_missing", {"branch": branch})])
        return head

    def _commit(self, sha: str) -> str:
        if self.mirror.missing(self.git, [f"{full_sha(sha)}^{{commit}}"]):
            raise Refused([Blocker("git.commit_missing", {"commit": printable(sha)})])
        return sha

    def _maker(self, order: GitOrder) -> Maker:
        return Maker(self.git, self.mirror.settings.name, self.mirror.settings.email, order.made_at)

    def _finished(self, kind: PlanKind, order: GitOrder, refs: list[RefChange], commit: str) -> GitPlan:
        return GitPlan(
            kind=kind,
            made_at=order.made_at,
            refs=tuple(refs),
            git_version=self.git.read("version").text.removeprefix("git version "),
            commit=commit,
            tree=objects.tree_of(self.git, commit),
        )


def _drifted(main: str, strangers: list[Commit]) -> Blocker:
    """`commits` are words for people, one per commit; the full SHAs beside them are for whoever must find them."""
    shown = strangers[:_COMMITS_SHOWN]
    words = [f"{printable(commit.author, 60)}, “{printable(commit.subject, 100)}”" for commit in shown]
    facts = {"branch": main, "count": len(strangers), "commits": words, "shas": [commit.sha for commit in shown]}
    return Blocker("git.drift", facts | {"newest": strangers[0].at.isoformat()})


def moving(plan: GitPlan) -> list[RefChange]:
    """The refs that the plan changes; the others stand in it because they must not move meanwhile."""
    return [change for change in plan.refs if change.old != change.new]


def checked(plan: GitPlan) -> GitPlan:
    """A plan from the store is input like any other: only full names and full SHAs go on to git."""
    for change in plan.refs:
        (tag_ref if change.ref.startswith(TAGS) else branch_ref)(change.ref.removeprefix(TAGS).removeprefix(HEADS))
        for sha in filter(None, (change.old, change.new)):
            full_sha(sha)
    return plan
