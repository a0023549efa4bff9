"""Which executor does which steps; every family has a file of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bot.runner.commands import Commands, Told, Workshop
from bot.runner.job import Executor, Job
from bot.runner.steps.checks import Evidence, Looks, OverHttp
from bot.runner.steps.databases import Databases
from bot.runner.steps.hosts import HostSteps
from bot.runner.steps.publishing import Publishing
from core.domain.pipeline.model import Uses
from core.domain.policy_model import Policy
from core.ports import ServiceHost
from core.store import attempts, releases
from core.usecases.context import Context
from core.usecases.recheck import still_proven


@dataclass(frozen=True, slots=True)
class Families:
    """The executors of one process, by what a step uses."""

    by_use: Mapping[Uses, Executor] = field(default_factory=dict)

    def of(self, uses: Uses) -> Executor | None:
        """None where nobody here can do it."""
        return self.by_use.get(uses)


def families_of(ctx: Context, workshop: Workshop, backups: Path, hosts: Mapping[str, ServiceHost]) -> Families:
    """All of them. A host that the policy names and nobody has set up says so when it is asked."""
    databases = Databases(Bearings(ctx).policy, Bearings(ctx).point, backups, workshop.environment)
    commands = Commands(workshop, _as_written, databases.named)
    about_database = Commands(workshop, databases.wording, databases.named)
    http = OverHttp(Bearings(ctx).policy, workshop.environment)
    at_host = HostSteps(hosts, http.healthy)
    return Families(
        {
            "run": commands,
            "backup": about_database, "migrate": about_database, "migrate_back": about_database,
            "publish": Publishing(ctx.repository),
            "checks": Looks(Evidence(partial(still_proven, ctx)).work),
            "verify": Looks(http.verify), "smoke": Looks(http.smoke), "watch": Looks(http.watch),
            "deploy": at_host, "live": at_host, "roll_back": at_host,
        }
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bearings:
    """What executors ask the store."""

    ctx: Context

    async def policy(self, job: Job) -> Policy:
        """The one that the release is judged by; without a release the active one."""
        async with self.ctx.store.database.reader.connect() as conn:
            if job.release is None:
                return await self.ctx.active_policy(conn)
            return await self.ctx.pinned_policy(conn, await releases.policy_hash(conn, job.release))

    async def point(self, job: Job) -> str:
        """The newest restore point of the job's environment, by the file that describes it; "" without one."""
        async with self.ctx.store.database.reader.connect() as conn:
            found = await attempts.newest_found(conn, job.product, job.environment, "point")
        return str(found or "")


async def _as_written(job: Job, checkout: Path, folder: Path) -> Told:
    words: Sequence[str] = job.step.command
    return Told(words)
