"""Steps about the product's database: each is our own command under a shim, so a restart of the bot leaves it alone."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bot
from bot.runner.commands import Told
from bot.runner.job import Job
from core.domain.environment_names import told_of
from core.domain.policy_model import Policy
from core.domain.policy_pipeline import Database
from core.errors import IntegrationError
from core.usecases.by_hand import RESTORE

VENDOR = "database"
VERBS = {"backup": "backup", "migrate": "apply", "migrate_back": "back"}
# From where our own code lies, installed or not, and never from the checkout in which it runs.
BY_PATH = "import runpy, sys; sys.path.insert(0, {!r}); runpy.run_module('bot.databases', run_name='__main__')"

PolicyOf = Callable[[Job], Awaitable[Policy]]
PointOf = Callable[[Job], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Databases:
    """`policy` is the one that a job is judged by; `point` the newest proven restore point of its environment, ""
    where there is none. A deployment only migrates after a restore point of its own."""

    policy: PolicyOf
    point: PointOf
    folder: Path  # of the backups
    environment: Mapping[str, str] = field(repr=False)

    async def wording(self, job: Job, checkout: Path, folder: Path) -> Told:
        """The command for one job. Raises a final `IntegrationError` for what is not set up."""
        rules = await self._rules(job)
        variable = told_of(job.environment, rules.settings) or ""
        address = self.environment.get(variable, "")
        if not address:
            raise IntegrationError(VENDOR, _unset(job, variable), retryable=False)
        agreed = job.step.uses == "migrate_back" and job.body.get(RESTORE) == job.attempt
        verb = "restore" if agreed else VERBS[job.step.uses]
        words = [
            *(verb, "--environment", job.environment, "--database", rules.model_dump_json()),
            *("--checkout", str(checkout), "--label", job.version, "--at", job.began.isoformat()),
            *("--report", str(folder / "report.json")),
        ]
        if verb == "backup":
            name = f"{job.version or 'now'}-{job.run_id}-{job.attempt}"
            words += ["--into", str(self.folder / job.environment), "--name", name]
        elif point := await self._point(job):
            words += ["--point", point]
        if job.step.uses == "migrate_back" and not job.body.get("point"):  # else it was said where to
            taken_back = job.previous if job.kind == "roll back" else job.version
            words += ["--into", str(self.folder / job.environment), "--of", taken_back]
        if verb == "restore":
            words += ["--second-person", str(job.body.get("second", ""))]
        ours = BY_PATH.format(str(Path(bot.__file__).parents[1]))
        return Told((sys.executable, "-P", "-c", ours, *words), {"DATABASE_URL": address})

    async def named(self, job: Job) -> Sequence[str]:
        """Variables with addresses of databases: nobody reads what stands in them."""
        policy = await self.policy(job)
        return [name for one in policy.deployment.databases.values() for name in one.settings.values()]

    async def _rules(self, job: Job) -> Database:
        found = (await self.policy(job)).deployment.databases
        for one in found.values():
            if job.environment in one.settings:
                return one
        raise IntegrationError(VENDOR, f"The policy names no database of {job.environment}.", retryable=False)

    async def _point(self, job: Job) -> str:
        named = str(job.body.get("point") or job.earlier.get("backup", {}).get("point") or "")
        return named or ("" if job.kind == "deploy" else await self.point(job))


def _unset(job: Job, variable: str) -> str:
    return f"The address of the database of {job.environment} is not known: {variable} is not set."
