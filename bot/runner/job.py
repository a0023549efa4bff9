"""One attempt at a step as an executor gets it, and what every executor can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from core.domain.pipeline.model import OVER, Attempt, Seen, Step
from core.store.runs import StoredRun


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that one attempt needs.

    `key` is ours and the same whoever works on the attempt. `began` is release time. `previous` is the version that ran
    before. `again`: it was taken over, and nobody of this process has begun it. `machine` is where it was begun, ""
    where that is not known. `body` is the run's, as it was planned; `earlier` has what steps of the run that are over
    have found, by what they use.
    """

    run_id: int
    number: int
    release: int | None
    product: str
    environment: str
    kind: str
    version: str
    sha: str
    previous: str
    previous_sha: str
    step: Step
    attempt: int
    began: datetime
    builds: tuple[Mapping[str, str], ...] = ()
    again: bool = False
    machine: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    earlier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.run_id}:{self.step.name}:{self.attempt}"

    @property
    def tree(self) -> str:
        """The commit in whose files its commands run: migrations are taken back by the version that brought them."""
        back = self.step.uses == "migrate_back" and self.kind == "roll back"
        return (self.previous_sha if back else "") or self.sha


def job_of(run: StoredRun, step: Step, attempt: Attempt, tried: Sequence[Attempt], **more: Any) -> Job:
    """The attempt of a stored run as an executor gets it; `more` are `again` and `machine`."""
    over = {a.step: a.found for a in tried if a.state in OVER}
    earlier: dict[str, Mapping[str, Any]] = {s.uses: over[s.name] for s in run.steps if s.name in over}
    told: dict[str, Any] = {n: str(run.body.get(n) or "") for n in ("version", "sha", "previous", "previous_sha")}
    return Job(
        run_id=run.id, number=run.number, release=run.release_id, product=run.product, environment=run.environment,
        kind=run.kind, step=step, attempt=attempt.number, began=attempt.started_at,
        builds=tuple(run.body.get("builds", ())), body=run.body, earlier=earlier, **told, **more,
    )  # fmt: skip


class Executor(Protocol):
    """A family of steps. Every method is called outside of units; `IntegrationError` with `retryable` is tried again,
    any other ends the attempt as failed (`doubt`: as unknown)."""

    async def find(self, job: Job) -> str | None:
        """After doubt: the ref of what was begun already; "" = surely nothing was; None = nobody can tell."""

    async def begin(self, job: Job) -> str:
        """Start, and return by what its work is found; "" for steps that are one look."""

    async def look(self, job: Job, ref: str) -> Seen:
        """How it stands. Quick (under 10 s), and called again until it has ended."""

    async def end(self, job: Job, ref: str) -> None:
        """Stop now: its time is over, or a person said so. What came of it is seen by `look`."""

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        """The newest lines of its output, oldest first, without secrets."""


@runtime_checkable
class Tells(Protocol):
    """An executor that need not be asked again and again."""

    async def until_news(self, job: Job, ref: str) -> None:
        """Return when a look is worth it; may wait for ever."""


@runtime_checkable
class KeepsLogs(Protocol):
    """An executor whose output is stored with the attempt when it has ended."""

    async def whole_log(self, job: Job, ref: str) -> Sequence[str]:
        """Everything it said, in parts, without secrets; of a very long one the beginning and the end."""
