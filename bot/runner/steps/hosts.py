"""Steps at a host: deploy a service, wait until it serves, bring the version before back; the host's id is the ref."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.hosts import NEEDED, TITLES
from bot.runner.job import Job
from core.domain.pipeline.hosted import Deployed
from core.domain.pipeline.model import Seen, Stage
from core.domain.secrets import redact
from core.errors import IntegrationError
from core.ports import ServiceHost

Healthy = Callable[[Job], Awaitable[str]]  # "" = well, else what is wrong

GOES_ON = ("queued", "building", "ready", "live")
ALL = (Stage(100),)
BEFORE = timedelta(hours=6)  # a deployment that `live` waits for may have begun in another step


@dataclass(slots=True)
class HostSteps:
    """The family of `deploy`, `live` and `roll_back`.

    A deployment that somebody else began or gave up is told in words. With stages, `healthy` is asked while each of
    them soaks; a process that takes over lets the stage soak again, so it may take longer and never less.
    """

    hosts: Mapping[str, ServiceHost]
    healthy: Healthy | None = None
    _soaking: dict[str, tuple[int, float]] = field(default_factory=dict)  # key -> share, loop time
    _given_up: set[str] = field(default_factory=set)

    async def find(self, job: Job) -> str | None:
        """The deployment that goes on or serves; a way back asked twice is the same, so there is nothing to find.

        One with the key of another attempt is not ours: a run never takes the success of an earlier one."""
        if job.step.uses != "deploy" or self._waits(job):
            return ""
        found = await self._found(job)
        ours = found is not None and found.state in GOES_ON and found.key in ("", job.key)
        return found.id if found is not None and ours else ""

    async def begin(self, job: Job) -> str:
        """After doubt `find` is asked first. What an earlier try has built and nobody serves is not built again."""
        host, step = self._host(job), job.step
        if step.uses == "live" or self._waits(job):
            return ""
        if step.uses == "roll_back":
            return (await host.roll_back(step.target, job.sha, key=job.key)).id
        if step.stages and not host.phased:
            raise _refused(job, f"{_title(job)} gives a deployment all of the traffic or none; take its stages away")
        built = await self._found(job, BEFORE) if job.attempt > 1 else None
        if built is None or built.state != "ready":
            return (await host.deploy(step.target, job.sha, key=job.key, digest=_digest(job))).id
        if not step.stages:
            await host.give(step.target, built.id, 100)
        return built.id

    async def look(self, job: Job, ref: str) -> Seen:
        if job.step.uses == "live":
            return await self._serves(job)
        found = await self._host(job).look(job.step.target, ref) if ref else await self._pushed(job)
        if found is None:
            return Seen("running", f"waits for {_title(job)} to see the push")
        if found.state in ("ready", "live"):
            return await self._staged(job, found)
        return self._judged(job, found)

    async def end(self, job: Job, ref: str) -> None:
        """A way back is never given up: half of it would be worse."""
        if job.step.uses != "deploy":
            return
        found = await self._host(job).look(job.step.target, ref) if ref else await self._found(job)
        self._given_up.add(job.key)
        if found is None or found.state not in ("queued", "building"):
            return
        try:
            await self._host(job).cancel(job.step.target, found.id)
        except IntegrationError as failed:
            if failed.retryable:
                raise  # anything else: it ended meanwhile, and the next look tells how

    async def tail(self, job: Job, ref: str, lines: int) -> Sequence[str]:
        if not ref:
            found = await self._found(job)
            ref = found.id if found is not None else ""
        said = await self._host(job).tail(job.step.target, ref, lines) if ref else ()
        return [redact(line)[0] for line in said]

    # -- what was seen -----------------------------------------------------------------------------------------------

    def _judged(self, job: Job, found: Deployed) -> Seen:
        title, facts = _title(job), _facts(found)
        said = f" ({redact(found.detail)[0]})" if found.detail else ""
        if found.state == "failed":
            return Seen("failed", reason=f"{title} could not deploy {job.sha[:12]}{said}", found=facts)
        if found.state == "cancelled":
            who = "as it was asked" if job.key in self._given_up else "by somebody else, not by this run"
            return Seen("failed", reason=f"the deployment was cancelled at {title}, {who}", found=facts)
        if found.state == "replaced":
            why = "another deployment has replaced it there, not one of this run"
            return Seen("failed", reason=f"{title} no longer serves {job.sha[:12]}: {why}", found=facts)
        return Seen("running", f"{found.state} at {title}{said}", found=facts)

    async def _staged(self, job: Job, found: Deployed) -> Seen:
        """Built, and it gets the traffic by its stages; done when the last one has soaked."""
        facts, share = _facts(found), 100 if found.state == "live" else found.share
        if not found.commit:
            return Seen("failed", reason=f"{_title(job)} does not say which commit it deployed", found=facts)
        if found.commit != job.sha:
            return Seen("failed", reason=f"{_title(job)} deployed {found.commit[:12]}, not {job.sha[:12]}", found=facts)
        stages = job.step.stages or ALL
        reached = next((stage for stage in reversed(stages) if stage.share <= share), None)
        if job.key in self._given_up and share < 100:
            return Seen("failed", reason=f"stopped; {share} % of the traffic are on {job.sha[:12]}", found=facts)
        if reached is not None:
            waiting = await self._soaks(job, reached, share)
            if waiting is not None:
                return waiting
        if share == 100:
            self._soaking.pop(job.key, None)
            return Seen("done", f"{_title(job)} serves {job.sha[:12]}", found=facts)
        further = next(stage.share for stage in stages if stage.share > share)
        await self._host(job).give(job.step.target, found.id, further)
        return Seen("running", f"{further} % of the traffic go to {job.sha[:12]}", found=facts)

    async def _soaks(self, job: Job, stage: Stage, share: int) -> Seen | None:
        """None when the stage has soaked."""
        if not stage.soak:
            return None
        now = asyncio.get_running_loop().time()
        known = self._soaking.get(job.key)
        if known is None or known[0] != share:
            known = self._soaking[job.key] = (share, now)
        wrong = await self.healthy(job) if self.healthy is not None else ""
        if wrong:
            words = f"with {share} % of the traffic on {job.sha[:12]}: {wrong}"
            return Seen("failed", reason=words, found={"share": share})
        soaked = int(now - known[1])
        if soaked >= stage.soak:
            return None
        return Seen("running", f"{share} % of the traffic, well for {soaked} of {stage.soak} s", found={"share": share})

    async def _serves(self, job: Job) -> Seen:
        """What serves is asked of the host; a deployment that failed is not waited for."""
        serving = await self._host(job).live(job.step.target)
        if serving is not None and serving.commit == job.sha:
            return Seen("done", f"{_title(job)} serves {job.sha[:12]}", found=_facts(serving))
        newest = await self._found(job, BEFORE)
        if newest is not None and newest.state in ("failed", "cancelled", "replaced"):
            return self._judged(job, newest)
        now = serving.commit[:12] if serving is not None else "nothing"
        return Seen("running", f"{_title(job)} still serves {now}")

    # -- who is asked ------------------------------------------------------------------------------------------------

    def _host(self, job: Job) -> ServiceHost:
        host = self.hosts.get(job.step.host)
        if host is None:
            raise _refused(job, f"{_title(job)} is in the policy, and {_needed(job)} is not set")
        return host

    def _waits(self, job: Job) -> bool:
        """Whether the push that has happened makes the host deploy; a second try asks the host itself."""
        return job.step.uses == "deploy" and job.step.trigger == "push" and job.attempt == 1

    async def _pushed(self, job: Job) -> Deployed | None:
        """What the push made the host begin; where it serves the commit already, no push makes it begin again."""
        found = await self._found(job)
        if found is None:
            serving = await self._host(job).live(job.step.target)
            found = serving if serving is not None and serving.commit == job.sha else None
        return found

    async def _found(self, job: Job, before: timedelta = timedelta()) -> Deployed | None:
        since = job.began - before
        return await self._host(job).find(job.step.target, job.sha, key=job.key, since=since)


def _title(job: Job) -> str:
    return TITLES.get(job.step.host, job.step.host)


def _needed(job: Job) -> str:
    return NEEDED.get(job.step.host, "its setting")


def _digest(job: Job) -> str:
    """The build of this service, as an image with its digest where it is one."""
    build = next((one for one in job.builds if one.get("name") == job.step.service), {})
    address = build.get("address", "")
    return address if "@sha256:" in address else build.get("digest", "")


def _facts(found: Deployed) -> dict[str, object]:
    facts: dict[str, object] = {"deployment": found.id, "commit": found.commit}
    return facts | ({"address": found.address} if found.address else {})


def _refused(job: Job, words: str) -> IntegrationError:
    return IntegrationError(job.step.host or "host", words, retryable=False, reason="refused")
