"""Steps at the git remote: the tag and main stand there, or the rest of a promotion is pushed now, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.runner.job import Job
from core.domain.facts import blocker_json
from core.domain.moves.outcome import order_of
from core.domain.pipeline.model import Seen
from core.domain.plans.steps import PUSH_BACK
from core.domain.repository import GitOrder, GitPlan, PushResult
from core.errors import Refused
from core.ports import Repository
from core.store.records import decode

HEADS = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Publishing:
    """The family of `publish`. Everything is one look: a push that was done before is found done."""

    repository: Repository

    async def find(self, job: Job) -> str | None:
        return ""

    async def begin(self, job: Job) -> str:
        return ""

    async def look(self, job: Job, ref: str) -> Seen:
        git = job.body.get("git")
        if not git:
            return Seen("skipped", "nothing is published for this environment")
        if job.step.trigger != "push":
            return await self._stands(job, git)
        if "plan" not in git:
            return Seen("failed", reason="the plan of the promotion is not known, so nothing was pushed")
        order, plan = order_of(git["order"]), decode(GitPlan, git["plan"])
        return await (self._back(order, git) if job.step.name == PUSH_BACK else self._main(order, plan, git))

    async def end(self, job: Job, ref: str) -> None:
        """A push ends by itself, within its own time."""

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        return ()

    async def _stands(self, job: Job, git: Mapping[str, Any]) -> Seen:
        """What was published before the run is still there."""
        remote = await self.repository.look(max_age=0.0)
        tag, main = str(git["tag"]), str(git["main"])
        there = remote.tags.get(tag, "")
        if there != job.sha:
            at = f"stands on {there[:12]}" if there else "is not there"
            return Seen("failed", reason=f"the tag {tag} {at}, not on {job.sha[:12]}")
        if "plan" in git:
            return Seen("done", f"{tag} stands on {job.sha[:12]}; {main} is pushed later", found={"tag": tag})
        head = remote.heads.get(main, "")
        if not head or (head != job.sha and not await self.repository.contains(job.sha, head)):
            return Seen("failed", reason=f"{main} does not contain {job.sha[:12]}")
        return Seen("done", f"{tag} and {main} stand on {job.sha[:12]}", found={"tag": tag})

    async def _main(self, order: GitOrder, plan: GitPlan, git: Mapping[str, Any]) -> Seen:
        """Main alone, if it still stands where the plan saw it."""
        only = replace(plan, refs=tuple(r for r in plan.refs if r.ref == HEADS + str(git["main"])))
        return _judged(await self.repository.push(order, only), only)

    async def _back(self, order: GitOrder, git: Mapping[str, Any]) -> Seen:
        """The other branches, merged anew with what came there meanwhile; one that conflicts was told before."""
        try:
            fresh = await self.repository.plan(order)
        except Refused as refused:
            why = "; ".join(str(b["facts"].get("detail") or b["code"]) for b in map(blocker_json, refused.blockers))
            return Seen("failed", reason=f"the branches cannot be merged: {why}")
        main = HEADS + str(git["main"])
        only = replace(fresh, refs=tuple(r for r in fresh.refs if r.ref.startswith(HEADS) and r.ref != main))
        if not only.refs:
            return Seen("skipped", "there is no branch to bring it back to")
        return _judged(await self.repository.push(order, only), only)


def _judged(pushed: PushResult, plan: GitPlan) -> Seen:
    names = ", ".join(r.ref.removeprefix(HEADS) for r in plan.refs)
    if pushed.outcome in ("done", "already"):
        return Seen("done", f"{names} pushed", found={"refs": {r.ref: r.new for r in plan.refs}})
    if pushed.outcome == "moved":
        return Seen("failed", reason=f"somebody else has pushed {pushed.detail}, so nothing was pushed")
    return Seen("failed", reason=f"the remote refused {names}: {pushed.detail}")
