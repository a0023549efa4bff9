"""Runs of pipelines as a runner does them, each step told to the release in the unit that stores it.

A runner: `for going in await taken(ctx)`; then by `going.next`: `Start` -> `going = await started(ctx, going)`, and the
work is begun outside; `Look` -> it is looked at, and when it has ended `going = await ended(ctx, going, seen)`, which
begins the next step in the same unit; `Ended` -> nothing is left to do. `going.fresh` says that the attempt was begun
by this very call; one that is not fresh may have been at work before a kill, so it is looked for first. While a step is
at work `renewed` keeps the run; `given_back` lets it go. All of them raise `LeaseLost` when it is not ours any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.pipeline.model import Attempt, Seen, Step, StepState
from core.domain.pipeline.progress import Ended, Look, Next, following
from core.domain.release import Phase, Release, RunState
from core.store import attempts, products, releases, runs
from core.store.runs import StoredRun
from core.store.unit_of_work import Unit
from core.usecases import by_hand, integrating
from core.usecases.advance import Report, advance, chains_of
from core.usecases.context import Context
from core.usecases.launching import run_of

HELD = 2.0  # seconds until a run that may not go on now is looked at again
STOPPED = "stopped by a person"


@dataclass(frozen=True, slots=True)
class Going:
    """A run as its runner has it. `held`: the next step may not begin now (a hold, a pause), and the run was let go."""

    run: StoredRun
    attempts: tuple[Attempt, ...]
    next: Next
    fresh: bool = False
    held: bool = False


# --- the runner -------------------------------------------------------------------------------------------------------


async def taken(ctx: Context, *, lease: float = runs.LEASE, at_once: int = runs.AT_ONCE) -> Sequence[Going]:
    """Claim the runs that wait for a runner, each with what comes next."""
    async with ctx.store.database.reader.connect() as conn:
        if not await runs.any_due(conn, lease):
            return []
    found = await runs.claim(ctx.store, lease, at_once)
    async with ctx.store.database.reader.connect() as conn:
        known = [(run, await attempts.of_run(conn, run.id)) for run in found]
    return [Going(run, tried, following(run.steps, tried, run.stop_asked, run.again)) for run, tried in known]


async def started(ctx: Context, going: Going, *, machine: str = "") -> Going:
    """The next step begins: its attempt is recorded as running, on this machine. A run that has nothing to begin any
    more ends here."""
    return await _one_unit(ctx, going, None, machine, "run.start")


async def ended(
    ctx: Context, going: Going, seen: Seen, *, machine: str = "", log: tuple[int, str] | None = None
) -> Going:
    """The attempt under way (`going.next` is a `Look`) has ended as it was seen; the next one begins, or the run ends.

    One unit: the attempt, the last part of its log with its number, what the release makes of it, the next attempt.
    """
    return await _one_unit(ctx, going, seen, machine, "run.end", log)


async def noted(ctx: Context, going: Going, *, ref: str | None = None, line: str | None = None) -> None:
    """Keep what the work is found by, or its last meaningful line (without secrets)."""
    assert isinstance(going.next, Look)
    step, number = going.next.step.name, going.next.attempt.number
    values = {name: value for name, value in (("ref", ref), ("line", line)) if value is not None}

    async def work(unit: Unit) -> None:
        await runs.change(unit, going.run.id)
        await attempts.note(unit, going.run.id, step, number, **values)

    await ctx.store.unit(work, verb="run.note", interactive=False)


async def logged(ctx: Context, going: Going, part: int, text: str) -> None:
    """Keep a part of the log of the attempt under way, without secrets."""
    assert isinstance(going.next, Look)
    step, number = going.next.step.name, going.next.attempt.number

    async def work(unit: Unit) -> None:
        await runs.change(unit, going.run.id)
        await attempts.add_log(unit, going.run.id, step, number, part, text)

    await ctx.store.unit(work, verb="run.log", interactive=False)


async def renewed(ctx: Context, going: Going) -> bool:
    """Keep the run for another lease; whether somebody has asked it to stop in the meantime."""

    async def work(unit: Unit) -> bool:
        await runs.change(unit, going.run.id)
        there = await runs.load(unit.conn, going.run.id)
        return there is not None and there.stop_asked

    return bool(await ctx.store.unit(work, verb="run.renew", interactive=False))


async def given_back(ctx: Context, going: Going, after: float = 0.0) -> None:
    """Let go of the run; anybody may take it in `after` seconds."""

    async def work(unit: Unit) -> None:
        await runs.give_back(unit, going.run.id, after)

    await ctx.store.unit(work, verb="run.give_back", interactive=False)


async def _one_unit(
    ctx: Context, going: Going, seen: Seen | None, machine: str, verb: str, log: tuple[int, str] | None = None
) -> Going:
    release_id = going.run.release_id

    async def work(unit: Unit) -> Going:
        if log is not None and isinstance(going.next, Look):
            await attempts.add_log(unit, going.run.id, going.next.step.name, going.next.attempt.number, *log)
        return await _moved(ctx, unit, going, seen, machine)

    chains = chains_of(ctx, *([] if release_id is None else [release_id]))
    done: Going = await ctx.store.unit(work, verb=verb, chains=chains, interactive=False)
    return done


async def _moved(ctx: Context, unit: Unit, going: Going, seen: Seen | None, machine: str) -> Going:
    """Everything that one unit does: the attempt that has ended, what follows, what the release hears."""
    now = ctx.clock.now()
    await runs.change(unit, going.run.id)
    run = await runs.load(unit.conn, going.run.id)
    assert run is not None  # it was just changed
    release = await releases.load(unit.conn, run.release_id) if run.release_id is not None else None
    mine = run_of(release, run.number) if release else None
    given_up = mine is None or mine.stop_asked or mine.state is not RunState.RUNNING  # its word may still be on the way
    stop = run.stop_asked or (release is not None and given_up)
    over: list[Mapping[str, Any]] = []
    if seen is not None and isinstance(going.next, Look):
        done = _done(going.next.attempt, seen, now)
        await attempts.close(unit, run.id, done)
        over.append(_told(done))
    tried = await attempts.of_run(unit.conn, run.id)
    following_one = following(run.steps, tried, stop, run.again)
    if isinstance(following_one, Ended):
        await _end(ctx, unit, run, following_one, over)
        return Going(run, tried, following_one)
    if isinstance(following_one, Look):  # a process that was frozen has begun it after all
        return Going(run, tried, following_one)
    if (release is not None and release.hold) or (await products.load(unit.conn, ctx.product)).pause:
        await _tell(ctx, unit, run, "run.step", over)
        await runs.give_back(unit, run.id, HELD)
        return Going(run, tried, following_one, held=True)
    new = Attempt(following_one.step.name, following_one.number, StepState.RUNNING, now)
    await attempts.add(unit, run.id, new, machine)
    again = over[-1]["reason"] if over and over[-1]["step"] == new.step else ""
    told = [*(x for x in over if x["step"] != new.step), {"step": new.step, "state": "running", "reason": again}]
    await _tell(ctx, unit, run, "run.step", told)
    return Going(run, (*tried, new), Look(following_one.step, new), fresh=True)


def _done(attempt: Attempt, seen: Seen, now: datetime) -> Attempt:
    if seen.state == "running":
        raise ValueError("a step that runs has not ended")
    found, line = dict(seen.found), seen.line or attempt.line
    state = StepState(seen.state)
    return replace(attempt, state=state, ended_at=now, line=line, reason=seen.reason, rc=seen.rc, found=found)


def _told(done: Attempt) -> dict[str, Any]:
    return {"step": done.step, "state": str(done.state), "reason": done.reason, "found": dict(done.found)}


async def _tell(
    ctx: Context, unit: Unit, run: StoredRun, kind: str, told: Sequence[Mapping[str, Any]], **more: Any
) -> None:
    """The release hears of one or more steps at once."""
    if run.release_id is None or not (told or more):
        return
    first = dict(told[0]) if told else {}
    body = {"run": run.number, **first, "also": [dict(x) for x in told[1:]], **more}
    await advance(ctx, Report(kind, run.release_id, body), unit)


async def _end(ctx: Context, unit: Unit, run: StoredRun, end: Ended, over: Sequence[Mapping[str, Any]]) -> None:
    """The run has ended, or stands until a person decides."""
    now = ctx.clock.now()
    if run.release_id is None:
        failure = "" if end.state == "done" else _why(run, end)
        if "put" in run.body:
            await integrating.arrived(ctx, unit, run.body["put"], failure)
        else:
            await by_hand.over(ctx, unit, run, failure)
        await runs.end(unit, run.id, now, "done" if end.state == "done" else "failed")
        return
    if end.state == "done":
        await _tell(ctx, unit, run, "run.done", over, ended=True)
        await runs.end(unit, run.id, now, "done")
        return
    stands = [*over, {"step": end.step, "state": end.state}] if end.state == "stopped" and end.step else over
    why = _why(run, end)
    await _tell(ctx, unit, run, "run.failed", [], step=end.step, reason=why, also=list(stands))
    await runs.change(unit, run.id, lease=0.0, state="waiting", reason=why, owner="")
    if not _decided_by_somebody(await releases.load(unit.conn, run.release_id), run):
        await runs.end(unit, run.id, now)


def _decided_by_somebody(release: Release, run: StoredRun) -> bool:
    """Whether a run that stands is still what its release waits for."""
    mine = release.run(run.environment)
    if mine is None or mine.id != run.number:
        return False
    return mine.state is RunState.WAITING or (run.environment == "staging" and release.phase is Phase.PREPARATION)


def _why(run: StoredRun, end: Ended) -> str:
    """The reason in words: of which step, and whether it is known what it did."""
    title = next((s.title for s in run.steps if s.name == end.step), "")
    if end.state == "stopped":
        return end.reason or STOPPED
    if end.state == "unknown":
        known = f": {end.reason}" if end.reason else ""
        return f"{title} was interrupted, and nobody can tell what it did{known}"
    return f"{title}: {end.reason}" if end.reason else f"{title} failed"


# --- readers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """A run of a release as it is stored, for who looks at it: lines and logs are no facts of the release."""

    run: StoredRun
    attempts: tuple[Attempt, ...]

    def newest(self, step: str) -> Attempt | None:
        return max((a for a in self.attempts if a.step == step), key=lambda a: a.number, default=None)

    def step(self, name: str) -> Step | None:
        return next((s for s in self.run.steps if s.name == name), None)


async def standing(ctx: Context, release_id: int, number: int) -> Standing | None:
    """A run of a release with all attempts; None where no pipeline does it."""
    async with ctx.store.database.reader.connect() as conn:
        run = await runs.of_release(conn, release_id, number)
        return Standing(run, await attempts.of_run(conn, run.id)) if run else None


async def log_of(ctx: Context, run_id: int, step: str, number: int, first: int = 0) -> Sequence[tuple[int, str]]:
    """The kept parts of the log of an attempt, from `first` on."""
    async with ctx.store.database.reader.connect() as conn:
        return await attempts.log_of(conn, run_id, step, number, first=first)
