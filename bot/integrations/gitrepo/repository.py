"""`core.ports.Repository` on GitPython: asynchronous outside, one blocking operation at a time inside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from bot.integrations.gitrepo import finding, history, objects
from bot.integrations.gitrepo.drift import drift
from bot.integrations.gitrepo.extracting import extract
from bot.integrations.gitrepo.mentions import mentions
from bot.integrations.gitrepo.mirror import Mirror
from bot.integrations.gitrepo.names import full_sha
from bot.integrations.gitrepo.planning import Planner, checked, moving
from bot.integrations.gitrepo.preparing import faults
from bot.integrations.gitrepo.process import CloneBroken, Git
from bot.integrations.gitrepo.publishing import Publisher
from bot.integrations.gitrepo.settings import GitSettings
from bot.integrations.gitrepo.shipped import read_range
from core.domain.flags.in_code import Places
from core.domain.repository import (
    Commit,
    Difference,
    FileFault,
    GitOrder,
    GitPlan,
    Holding,
    Prepare,
    PushResult,
    RangeRead,
    RemoteState,
)
from core.errors import IntegrationError, NotFound

T = TypeVar("T")
Failpoint = Callable[[str], Awaitable[object]]


async def _unarmed(_name: str) -> None:
    return None


class GitRepository:
    """The remote is the truth and the clone a cache: any process may publish a plan that another one made."""

    def __init__(self, settings: GitSettings, failpoint: Failpoint = _unarmed) -> None:
        self._mirror = Mirror(settings)
        self._failpoint = failpoint
        self._turn = asyncio.Lock()  # writers of this process queue here, so that no thread sleeps on the file lock

    def seen(self) -> RemoteState | None:
        return self._mirror.seen

    async def look(self, max_age: float = 60.0) -> RemoteState:
        async with self._turn:
            seen = self._mirror.seen
            if seen is not None and seen.age(time.monotonic()) <= max_age:
                return seen
            await self._alone(self._mirror.refresh)
            assert self._mirror.seen is not None
            return self._mirror.seen

    async def head(self) -> str:
        async with self._turn:
            return await self._alone(self._mirror.default_head)

    async def changes(self, base: str, head: str, limit: int = 2000) -> Sequence[Commit]:
        """An empty `base` reads from the first commit on."""
        ends = [full_sha(sha) for sha in (head, base) if sha]
        await self._have(ends)

        def read(git: Git) -> list[Commit]:
            return history.read(git, ends[:1], ends[1:], limit).commits

        return await self._reading(read)

    async def read_range(
        self, base: str, head: str, *, against: Sequence[str] = (), limit: int = 50_000
    ) -> RangeRead:
        ends = [full_sha(sha) for sha in (head, base) if sha]
        lines = [full_sha(sha) for sha in against]
        await self._have(ends, lines)
        return await self._reading(lambda git: read_range(git, base, head, lines, limit))

    async def difference(self, base: str, head: str, wanted: Callable[[str], bool]) -> Difference:
        """An empty `base` compares with nothing at all."""
        ends = [full_sha(sha) for sha in (head, base) if sha]

        def read(git: Git) -> Difference:
            return finding.difference(git, base, head, wanted)

        try:  # the commits are nearly always there, and git says so when they are not
            return await asyncio.to_thread(read, self._mirror.reading())
        except CloneBroken:
            await self._have(ends)
        return await self._reading(read)

    async def touched(self, shas: Sequence[str]) -> dict[str, tuple[str, ...]]:
        names = [full_sha(sha) for sha in shas]
        return await self._reading(lambda git: finding.touched(git, names)) if names else {}

    async def mentions(self, sha: str, names: Sequence[str]) -> Places:
        await self._have([full_sha(sha)])
        return await self._reading(lambda git: mentions(git, sha, names)) if names else {}

    async def files(self, sha: str, paths: Sequence[str]) -> dict[str, str | None]:
        await self._have([full_sha(sha)])
        return await self._reading(lambda git: finding.files(git, sha, paths))

    async def checkout(self, sha: str, folder: Path) -> None:
        await self._have([full_sha(sha)])
        await self._reading(lambda git: extract(git, sha, folder))

    async def prepared(self, sha: str, wanted: Prepare) -> tuple[FileFault, ...]:
        await self._have([full_sha(sha)])
        return await self._reading(lambda git: faults(git, sha, wanted))

    async def find(self, text: str) -> tuple[Commit, ...]:
        if self._mirror.seen is None:
            await self.look()
        return await self._reading(lambda git: finding.find(git, text))

    async def holding(self, sha: str) -> Holding:
        await self._have([full_sha(sha)])
        return await self._reading(lambda git: finding.holding(git, sha))

    async def strangers(self, main: str, known: Sequence[str]) -> Sequence[Commit]:
        ends = [full_sha(sha) for sha in known]
        await self._have([full_sha(main)])
        return await self._reading(lambda git: drift(git, main, ends))

    async def contains(self, ancestor: str, descendant: str) -> bool:
        await self._have([full_sha(ancestor), full_sha(descendant)])
        return await self._reading(lambda git: objects.is_ancestor(git, ancestor, descendant))

    async def plan(self, order: GitOrder) -> GitPlan:
        def make(git: Git) -> GitPlan:
            return Planner(self._mirror, git, self._mirror.refresh(git)).plan(order)

        async with self._turn:
            return await self._alone(make)

    async def push(self, order: GitOrder, plan: GitPlan) -> PushResult:
        """Look, make what is missing, push once, look again; every step may be repeated by another process."""
        checked(plan)
        async with self._turn:
            decided = await self._alone(lambda git: self._prepare(git, order, plan))
            if decided is not None:
                return decided
            await self._failpoint("git.objects")
            return await self._alone(lambda git: Publisher(self._mirror, git).push(plan), again=False)

    def close(self) -> None:
        """End what talks to the remote now; a push cut here is found by looking at the remote."""
        self._mirror.running.stop()

    def _prepare(self, git: Git, order: GitOrder, plan: GitPlan) -> PushResult | None:
        publisher = Publisher(self._mirror, git)
        standing, refs = publisher.look(plan)
        if standing == "elsewhere":  # a branch may only have gone on from where the plan put it; the fetch can tell
            self._mirror.refresh(git)
            standing, refs = publisher.look(plan)
        decided = publisher.result(plan, standing, refs)
        if decided is not None or not self._mirror.missing(git, [change.new for change in plan.refs]):
            return decided
        refs = self._mirror.refresh(git)
        again = Planner(self._mirror, git, refs, only={change.ref for change in plan.refs}).plan(order)
        if set(moving(plan)) <= set(again.refs):  # those that only must not move have their lease
            return None
        return PushResult("moved", f"git {again.git_version} makes other objects than git {plan.git_version} did")

    async def _have(self, shas: Sequence[str], also: Sequence[str] = ()) -> None:
        """Fetch once when the clone lacks a commit: it may be newer than our last look, or the clone is gone.

        Raises NotFound when the remote lacks one of `shas`; those of `also` may be gone for good.
        """

        def lacking(git: Git) -> list[str]:
            names = self._mirror.missing(git, [f"{sha}^{{commit}}" for sha in (*shas, *also)])
            return [name.removesuffix("^{commit}") for name in names]

        try:
            if not await asyncio.to_thread(lacking, self._mirror.reading()):
                return
        except CloneBroken:
            pass
        async with self._turn:
            _, missing = await self._alone(lambda git: (self._mirror.refresh(git), lacking(git)))
        if gone := [sha for sha in missing if sha in shas]:
            raise NotFound("The repository has no such commit.", commits=gone)

    async def _reading(self, work: Callable[[Git], T]) -> T:
        try:
            return await asyncio.to_thread(work, self._mirror.reading())
        except CloneBroken:
            async with self._turn:
                await self._alone(self._mirror.refresh)
            try:
                return await asyncio.to_thread(work, self._mirror.reading())
            except CloneBroken as fault:
                raise _unusable(fault) from fault

    async def _alone(self, work: Callable[[Git], T], *, again: bool = True) -> T:
        """Run under the clone's lock, off the loop; a clone that cannot be used is made again, once."""

        def run() -> T:
            with self._mirror.held() as git:
                return work(git)

        def run_with_new_clone() -> T:
            self._mirror.discard()
            with self._mirror.held() as git:
                self._mirror.refresh(git)
                return work(git)

        try:
            return await asyncio.to_thread(run)
        except CloneBroken as fault:
            if not again:
                raise _unusable(fault) from fault
        except OSError as fault:
            raise _unusable(fault) from fault
        try:
            return await asyncio.to_thread(run_with_new_clone)
        except (CloneBroken, OSError) as fault:
            raise _unusable(fault) from fault


def _unusable(fault: Exception) -> IntegrationError:
    words = "The clone of the repository cannot be used."
    return IntegrationError("git", words, retryable=True, reason="clone", words=str(fault))
