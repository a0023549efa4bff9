"""Steps that only look: is all still proven, does the right version answer, do the smoke checks pass and go on so.

They run in this process; whoever takes one over begins it anew, because looking twice does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.databases.address import VARIABLE
from bot.databases.written import written_since
from bot.probes import Probe, Report, Result, Target, probe, smoke_probes, version_probes
from bot.runner.job import Job
from core.domain.gates.proofs import Proofs
from core.domain.pipeline.model import Seen
from core.domain.policy_model import Policy
from core.errors import Blocker, IntegrationError

KEPT_LINES = 400  # of one attempt
KEPT_LOGS = 50  # attempts
ROUND_EVERY = 15.0  # seconds between two rounds of watching
ROUNDS_AT_LEAST = 3
ERRORS_ALLOWED = 0.05  # share of requests that may fail while it is watched
WATCHED_FOR = 300.0  # seconds, where the step has no stage that says how long
VENDOR = "checks"

Tell = Callable[[str], None]
Work = Callable[[Job, Tell], Awaitable[Seen]]


@dataclass(slots=True)
class Looks:
    """An executor whose work is a coroutine in this process."""

    work: Work
    _tasks: dict[str, asyncio.Task[Seen]] = field(default_factory=dict)
    _lines: dict[str, list[str]] = field(default_factory=dict)

    async def find(self, job: Job) -> str | None:
        return ""

    async def begin(self, job: Job) -> str:
        self._task(job)
        return job.key

    async def look(self, job: Job, ref: str) -> Seen:
        task, lines = self._task(job), self._lines[job.key]
        if not task.done():
            return Seen("running", lines[-1] if lines else "")
        del self._tasks[job.key]
        if task.cancelled():
            return Seen("failed", lines[-1] if lines else "", "it was stopped")
        return task.result()

    async def until_news(self, job: Job, ref: str) -> None:
        await asyncio.wait([self._task(job)])

    async def end(self, job: Job, ref: str) -> None:
        if task := self._tasks.get(job.key):
            task.cancel()
            await asyncio.wait([task])

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        return self._lines.get(job.key, [])[-lines:]

    async def whole_log(self, job: Job, ref: str) -> Sequence[str]:
        return ["\n".join(self._lines.get(job.key, []))]

    def _task(self, job: Job) -> asyncio.Task[Seen]:
        """The work under way; begun here where nobody of this process has begun it."""
        if job.key not in self._tasks:
            while len(self._lines) >= KEPT_LOGS:
                del self._lines[next(iter(self._lines))]
            lines = self._lines[job.key] = []

            def tell(line: str) -> None:
                lines.append(line)
                del lines[:-KEPT_LINES]

            self._tasks[job.key] = asyncio.create_task(_careful(self.work, job, tell), name=f"look:{job.key}")
        return self._tasks[job.key]


async def _careful(work: Work, job: Job, tell: Tell) -> Seen:
    try:
        return await work(job, tell)
    except IntegrationError as error:
        return Seen("failed", reason=str(error))


# --- is it still proven -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """The step `checks`. `proofs` asks the core what of the release still holds."""

    proofs: Callable[[int, str], Awaitable[Proofs]]

    async def work(self, job: Job, tell: Tell) -> Seen:
        if job.release is None:
            return Seen("skipped", "without a release there is nothing that was proven")
        found = await self.proofs(job.release, job.environment)
        for name in found.held:
            tell(f"ok    {name}")
        failing = [(b.code, in_words(b)) for b in found.open]
        for _, words in failing:
            tell(f"open  {words}")
        told = f"{len(found.held)} of {found.count}"
        facts: dict[str, object] = {"told": told, "count": found.count, "failing": [list(pair) for pair in failing]}
        if failing:
            return Seen("failed", told, "not proven any more: " + "; ".join(w for _, w in failing[:6]), found=facts)
        return Seen("done", f"{told} still hold", found=facts)


_WORDS: tuple[tuple[str, str], ...] = (
    ("approval.", "the approval as {role} is missing"),
    ("rejected", "somebody rejects it as {role}"),
    ("expired", "the approval as {role} is too old"),
    ("evidence.", "{title}"),
    ("checks.failed", "checks on the candidate failed"),
    ("checks.running", "checks on the candidate still run"),
    ("staging.", "staging does not run this candidate"),
    ("build.", "the build is not the one that staging had"),
    ("concern", "a concern is open"),
)


def in_words(blocker: Blocker) -> str:
    """A reason in one plain line."""
    facts = {"role": "", "title": blocker.code} | {k: str(v).replace("_", " ") for k, v in blocker.facts.items()}
    known = next((words for code, words in _WORDS if blocker.code.startswith(code)), None)
    return known.format_map(facts) if known else blocker.code.replace("_", " ").replace(".", ": ")


# --- over HTTP --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OverHttp:
    """The steps `verify`, `smoke` and `watch`; `environment` has the addresses that the policy names as variables."""

    policy: Callable[[Job], Awaitable[Policy]]
    environment: Mapping[str, str] = field(repr=False)
    every: float = ROUND_EVERY

    async def verify(self, job: Job, tell: Tell) -> Seen:
        rules = (await self.policy(job)).deployment
        wanted = version_probes(rules, job.environment, self.environment, job.step.service)
        if not wanted:
            return Seen("failed", reason=f"the policy names no service of {job.environment}, so nobody can look")
        return await self._seen(await _round(wanted, job, tell), job)

    async def smoke(self, job: Job, tell: Tell) -> Seen:
        wanted = await self._smoke(job)
        if not wanted:
            return Seen("skipped", f"the policy has no smoke check of {job.environment}")
        return await self._seen(await _round(wanted, job, tell), job)

    async def watch(self, job: Job, tell: Tell) -> Seen:
        """Round after round for as long as the step's last stage soaks; too many failures end it at once."""
        wanted = await self._smoke(job)
        if not wanted:
            return Seen("skipped", f"the policy has no smoke check of {job.environment}")
        loop = asyncio.get_running_loop()
        began, asked, failed, rounds = loop.time(), 0, 0, 0
        soak = float(job.step.stages[-1].soak if job.step.stages else WATCHED_FOR)
        until = min(soak, max(job.step.timeout - self.every, 0))
        while True:
            report = await probe(wanted, Target(job.version, job.sha))
            asked, failed, rounds = asked + len(wanted), failed + len(report.failing), rounds + 1
            share, spent = failed / asked, loop.time() - began
            limits = f"errors {share:.1%} (limit {ERRORS_ALLOWED:.0%})"
            wrong = "" if report.passed else f" · {report.reason}"
            tell(f"watching {_span(spent)} of {_span(until)} · {limits}{wrong}")
            facts = report.found() | {"errors": round(share, 4), "limit": ERRORS_ALLOWED, "told": limits}
            if share > ERRORS_ALLOWED and (rounds >= ROUNDS_AT_LEAST or len(report.failing) == len(wanted)):
                facts |= await self._written(job)
                return Seen("failed", limits, f"too many errors, {share:.1%}: {report.reason}", found=facts)
            if spent >= until and rounds >= ROUNDS_AT_LEAST:
                return Seen("done", limits, found=facts)
            await asyncio.sleep(min(self.every, max(until - spent, 0.05)))

    async def healthy(self, job: Job) -> str:
        """One round of the smoke checks while a stage soaks: "" = well, else what is wrong."""
        wanted = [w for w in await self._smoke(job) if not w.version]  # half of the answers are the version before's
        report = await probe(wanted, Target(job.version, job.sha))
        return "" if report.passed else report.reason

    async def _seen(self, report: Report, job: Job) -> Seen:
        if report.passed:
            return Seen("done", report.line, found=report.found())
        return Seen("failed", report.line, report.reason, found=report.found() | await self._written(job))

    async def _written(self, job: Job) -> dict[str, object]:
        """Rows that came since the run's restore point, for who has to decide about the way back."""
        point = str(job.earlier.get("backup", {}).get("point") or "")
        found = (await self.policy(job)).deployment.databases.values()
        rules = next((one for one in found if job.environment in one.settings), None)
        if not point or rules is None:
            return {}
        address = self.environment.get(rules.settings[job.environment], "")  # type: ignore[index]
        count = await written_since(rules, {**self.environment, VARIABLE: address}, Path(point))
        return {} if count is None else {"written": count}

    async def _smoke(self, job: Job) -> list[Probe]:
        return smoke_probes((await self.policy(job)).deployment, job.environment, self.environment)


async def _round(wanted: Sequence[Probe], job: Job, tell: Tell) -> Report:
    number = 0

    def heard(result: Result) -> None:
        nonlocal number
        number += 1
        took = f", {result.took} ms" if result.took else ""
        tell(f"{number} of {len(wanted)}: {result.name} {'passed' if result.passed else result.why}{took}")

    return await probe(wanted, Target(job.version, job.sha), heard)


def _span(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
