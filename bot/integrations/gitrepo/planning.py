"""From an order to a plan: make every object in the clone, say which refs will move, move nothing.

The same order on the same remote refs gives the same plan on any machine; that is how a plan that was stored
before a crash can be published by another process afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.integrations.gitrepo import objects
from bot.integrations.gitrepo.carrying import conflict, marked, merged_in, picked, reverted
from bot.integrations.gitrepo.drift import drift, is_promotion
from bot.integrations.gitrepo.mirror import Mirror, Refs
from bot.integrations.gitrepo.names import HEADS, TAGS, branch_ref, full_sha, printable, tag_ref
from bot.integrations.gitrepo.objects import Maker
from bot.integrations.gitrepo.preparing import filed, prepared
from bot.integrations.gitrepo.process import Git
from bot.integrations.gitrepo.solving import Known
from core.domain.filing import FileDocuments
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
    Promote,
    RefChange,
    Revert,
    Solve,
    TagCandidate,
)
from core.domain.secrets import redact
from core.errors import Blocker, Refused

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
            case FinalTag():
                sha = self._commit(order.sha)
                return self._finished("tag", order, [self._tag(order, order.tag, sha, order.message)], sha)
            case Pick() | Revert() | MergeBranch():
                return self._carry(order)
            case Solve():
                return self._offer(order)
            case FileDocuments():
                head = self._head(order.branch)
                made = filed(self._maker(order), head, order)
                return self._finished("file", order, [RefChange(branch_ref(order.branch), head, made)], made)

    def _cut(self, order: CutBranch) -> GitPlan:
        ref = branch_ref(order.branch)
        base = self._commit(order.from_sha)
        there = self.refs.get(ref)
        if there and there != base and not self._cut_before(base, there):
            raise Refused([Blocker("git.branch_exists", {"branch": order.branch, "at": there, "wanted": base})])
        head = tagged = there or base
        if order.prepare:
            head = tagged = prepared(self._maker(order), head, order.prepare)
        elif order.tag is not None:
            tagged = base  # what was signed for, whatever people did on the branch since
        refs = [RefChange(ref, there, head)]
        if order.tag is not None:
            refs.append(self._tag(order, order.tag, tagged, order.message))
        plan = self._finished("cut", order, refs, tagged if order.prepare else base)
        return replace(plan, prepared=bool(order.prepare) and tagged != (there or base))

    def _cut_before(self, base: str, head: str) -> bool:
        """The branch was cut from `base` already and people have gone on: its own line leads back to it."""
        line = self.git.read("rev-list", "--first-parent", head, f"^{base}").text.split()
        last = line[-1] if line else head
        return base in self.git.read("rev-list", "--parents", "--max-count=1", last).text.split()[1:2]

    def _candidate(self, order: TagCandidate) -> GitPlan:
        ref = branch_ref(order.branch)
        head = self._standing(order.branch, order.sha)
        made = prepared(self._maker(order), head, order.prepare) if order.prepare else head
        tag = self._tag(order, order.tag, made, order.message)
        plan = self._finished("candidate", order, [RefChange(ref, head, made), tag], made)
        return replace(plan, prepared=made != head)

    def _carry(self, order: Pick | Revert | MergeBranch) -> GitPlan:
        ref = branch_ref(order.branch)
        head, maker = self._standing(order.branch, order.head), self._maker(order)
        for sha in (order.source_sha,) if isinstance(order, MergeBranch) else order.commits:
            self._commit(sha)
        kind: PlanKind
        match order:
            case Pick():
                kind, made = "pick", picked(maker, head, order)
            case Revert():
                kind, made = "revert", reverted(maker, head, order)
            case MergeBranch():
                kind, made = "merge", merged_in(maker, head, order)
        return self._finished(kind, order, [RefChange(ref, head, made)], made)

    def _offer(self, order: Solve) -> GitPlan:
        ref = branch_ref(order.branch)
        there = self.refs.get(ref)
        for sha in (order.head, *order.commits):
            self._commit(sha)
        made = there or marked(self._maker(order), order)
        return self._finished("solve", order, [RefChange(ref, there, made)], made)

    def _promote(self, order: Promote) -> GitPlan:
        main_ref, main = branch_ref(order.main), self._head(order.main)
        candidate = full_sha(order.candidate_sha)
        facts = objects.facts(self.git, [main, candidate, *map(full_sha, filter(None, [order.production]))])
        for sha in filter(None, (candidate, order.production)):
            if sha not in facts:
                raise Refused([Blocker("git.commit_missing", {"commit": sha})])
        branches = self._branches(order)
        self._refuse(order, main, candidate)
        promotion, tree = main, facts[candidate].tree
        standing = is_promotion(main, candidate, facts)
        if not standing:
            promotion = self._maker(order).commit(tree, (main, candidate), order.title or f"Release {order.tag}")
        tag = self._tag(order, order.tag, promotion, order.message or order.title)
        refs = [RefChange(main_ref, main, promotion), tag]
        conflicts = []
        for branch, head in branches.items():
            there = standing and objects.is_ancestor(self.git, promotion, head)
            made = head if there else self._merged_back(order, branch, head, promotion)
            if isinstance(made, MergeConflict):
                conflicts.append(made)
            else:
                refs.append(RefChange(HEADS + branch, head, made))
        return replace(self._finished("promote", order, refs, promotion, tree), conflicts=tuple(conflicts))

    def _branches(self, order: Promote) -> dict[str, str]:
        """The branches to merge into with their heads; in a plan made again, those that did not conflict then."""
        gone = [name for name in order.may_be_gone if not self.refs.get(branch_ref(name))]
        names = [name for name in dict.fromkeys(order.merge_into) if name != order.main and name not in gone]
        return {name: self._head(name) for name in names if self.only is None or branch_ref(name) in self.only}

    def _refuse(self, order: Promote, main: str, candidate: str) -> None:
        blockers: list[Blocker] = []
        if order.production:
            production = order.production
            if not objects.is_ancestor(self.git, production, candidate):
                lacking = self.git.read("rev-list", "--count", production, f"^{candidate}").text
                detail = f"The candidate lacks {lacking} commits that production runs."
                facts = {"candidate": candidate, "production": production, "commits": int(lacking), "detail": detail}
                blockers.append(Blocker("git.behind", facts))
        known = [full_sha(sha) for sha in (candidate, *order.known, *filter(None, [order.production]))]
        if strangers := drift(self.git, main, known):
            blockers.append(_drifted(order.main, strangers))
        if blockers:
            raise Refused(blockers)

    def _merged_back(self, order: Promote, branch: str, head: str, promotion: str) -> str | MergeConflict:
        """merge(branch, candidate) with the promotion as second parent: main's old content never comes along."""
        merged = objects.merge(self.git, head, order.candidate_sha)
        tree = merged.tree if merged.clean else Known(order.changelog, order.version_files).solved(self.git, merged)
        if tree:
            return self._maker(order).commit(tree, (head, promotion), f"Merge {order.tag} into {branch}")
        return conflict(self.git, branch, merged, (head, order.candidate_sha))

    def _tag(self, order: GitOrder, name: str, commit: str, message: str) -> RefChange:
        ref = tag_ref(name)
        there = self.refs.get(ref)
        made = self._maker(order).tag(name, commit, message or name)
        # After an abort the same content may go again, with the tag that it has. An earlier plan of the same order may
        # have got there although we heard another verdict: it differs from this one in its instant alone.
        here = self.refs.peeled.get(ref) == commit
        again = here and (isinstance(order, Promote | FinalTag) or objects.same_tag(self.git, there, made))
        mine = there == made or again
        if there and not mine:
            at = self.refs.peeled.get(ref, there)
            raise Refused([Blocker("git.tag_exists", {"tag": name, "at": at, "wanted": commit})])
        return RefChange(ref, there, there or made)

    def _head(self, branch: str) -> str:
        head = self.refs.get(branch_ref(branch))
        if not head:
            raise Refused([Blocker("git.branch_missing", {"branch": branch})])
        return head

    def _standing(self, branch: str, wanted: str) -> str:
        head = self._head(branch)
        if head != self._commit(wanted):
            raise Refused([Blocker("git.branch_moved", {"branch": branch, "at": head, "wanted": wanted})])
        return head

    def _commit(self, sha: str) -> str:
        if self.mirror.missing(self.git, [f"{full_sha(sha)}^{{commit}}"]):
            raise Refused([Blocker("git.commit_missing", {"commit": printable(sha)})])
        return sha

    def _maker(self, order: GitOrder) -> Maker:
        return Maker(self.git, self.mirror.settings.name, self.mirror.settings.email, order.made_at)

    def _finished(
        self, kind: PlanKind, order: GitOrder, refs: list[RefChange], commit: str, tree: str = ""
    ) -> GitPlan:
        return GitPlan(
            kind=kind,
            made_at=order.made_at,
            refs=tuple(refs),
            git_version=self.git.version(),
            commit=commit,
            tree=tree or objects.tree_of(self.git, commit),
        )


def _drifted(main: str, strangers: list[Commit]) -> Blocker:
    """`commits` are words for people, one per commit; the full SHAs beside them are for whoever must find them."""
    shown = strangers[:_COMMITS_SHOWN]
    words = [f"{printable(commit.author, 60)}, “{printable(redact(commit.subject)[0], 100)}”" for commit in shown]
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
