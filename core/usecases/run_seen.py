"""A run as people see it: its steps, what its running attempt says, what was decided, what speaks for each way on.

A release's facts hold the steps; lines, attempts, flags and earlier runs lie beside them and are read for the drawing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain.facts_runs import told_run
from core.domain.pipeline.known import Heard, failing_of, known_of, version_before
from core.domain.pipeline.model import Attempt, StepState
from core.domain.pipeline.recovery import FlagSeen, Known
from core.domain.policy import Policy
from core.domain.release import Release, RunState
from core.store import audit, flags, products, releases, runs
from core.store.engines import Conn
from core.store.unit import release_chain
from core.usecases import running
from core.usecases.context import Context

DECISIONS = ("rollback", "fix_forward", "retry", "worked", "flag_off", "record", "abort")
STANDS = ("failed", "unknown", "stopped")
MOST_SEEN = 9  # earlier runs or hotfixes that say how long something takes
SHOWN = ("kind", "reason", "by", "target")


@dataclass(frozen=True, slots=True)
class Moment:
    """A failure that was told: of which run, after which entry of the record, at which attempt of which step."""

    run: int
    seq: int
    step: str = ""
    attempt: int = 0

    @property
    def text(self) -> str:
        return f"{self.run}:{self.seq}:{self.attempt}:{self.step}"

    @classmethod
    def of(cls, text: str) -> Moment:
        run, seq, attempt, step = text.split(":", 3)
        return cls(int(run), int(seq), step, int(attempt))


async def seen(ctx: Context, facts: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The run `number` of a release, for the view; with `live`, its attempt that is under way. Raises NotFound."""
    run, release = await _told(ctx, facts, number)
    later = [r for r in release.runs if r.id > number and r.environment == run["environment"]]
    run |= {"replaced": bool(later)}
    there = await running.standing(ctx, release.id, number)
    if there is None:
        return run
    if waits := await _waits(ctx, facts):
        run["waits"] = waits
    at_work = next((a for a in reversed(there.attempts) if a.state is StepState.RUNNING), None)
    if at_work is not None:
        started = at_work.started_at.isoformat()
        run["live"] = {"step": at_work.step, "number": at_work.number, "line": at_work.line, "started_at": started,
                       "found": dict(at_work.found)}  # fmt: skip
    return run


async def _waits(ctx: Context, facts: Mapping[str, Any]) -> dict[str, str]:
    """Who holds everything up: a hold of this release, or the pause of all."""
    if hold := facts.get("hold"):
        return {"what": "hold", "by": str(hold["by"]), "reason": str(hold["reason"])}
    async with ctx.store.database.reader.connect() as conn:
        pause = (await products.load(conn, ctx.product)).pause
    return {"what": "pause", "by": pause.by, "reason": pause.reason} if pause else {}


async def _told(ctx: Context, facts: Mapping[str, Any], number: int) -> tuple[dict[str, Any], Release]:
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, int(facts["id"]))
    known = [r for r in (facts.get("run"), facts.get("staging_run")) if r and r["id"] == number]
    return (dict(known[0]) if known else told_run(next(r for r in release.runs if r.id == number))), release


# --- the moment of a failure ------------------------------------------------------------------------------------------


async def moment_of(ctx: Context, facts: Mapping[str, Any], number: int, seq: int) -> Moment:
    """The failure that is told now: the newest attempt at the step that stands."""
    run, _ = await _told(ctx, facts, number)
    step = next((s["name"] for s in run.get("steps") or () if s["state"] in STANDS), "")
    there = await running.standing(ctx, int(facts["id"]), number)
    newest = there.newest(step) if there and step else None
    return Moment(number, seq, step, newest.number if newest else 0)


async def failure(ctx: Context, facts: Mapping[str, Any], moment: Moment) -> tuple[dict[str, Any], Known]:
    """The run with its step that stands (or stood), what was decided since, and what speaks for each way on."""
    run = await seen(ctx, facts, moment.run)
    there = await running.standing(ctx, int(facts["id"]), moment.run)
    run["failed"] = failed = _failed(run, moment, there)
    if decided := await _decided(ctx, facts, moment):
        run["ended_at"] = failed.get("ended_at") or run.get("ended_at")
        run["decided"] = decided | {"after": _seconds(run["ended_at"], str(decided["at"]))}
    heard = await _heard(ctx, facts, moment, there)
    return run, known_of(facts, run, failed, heard, ctx.clock.now())


async def speaks(ctx: Context, facts: Mapping[str, Any]) -> Known:
    """What speaks for each way from the newest run in production as it is now, for a form that is opened."""
    number = int(facts["run"]["id"])
    return (await failure(ctx, facts, await moment_of(ctx, facts, number, 0)))[1]


def _failed(run: Mapping[str, Any], moment: Moment, there: running.Standing | None) -> dict[str, Any]:
    steps = list(run.get("steps") or ())
    place = next((n for n, s in enumerate(steps) if s["name"] == moment.step), -1)
    if place < 0:
        return {}
    told = {**steps[place], "number": place + 1, "of": len(steps)}
    known = there.step(moment.step) if there else None
    told["decide"] = list(known.decide) if known else []
    found = next((a for a in there.attempts if _is(a, moment)), None) if there else None
    if found is not None and found.state in (StepState.FAILED, StepState.UNKNOWN):  # the step may be under way again
        told |= {"state": found.state.value, "reason": found.reason, "found": dict(found.found)}
        told["ended_at"] = found.ended_at.isoformat() if found.ended_at else None
    told["failing"] = [list(pair) for pair in failing_of(told.get("found") or {})]
    told["count"] = int((told.get("found") or {}).get("count") or 0)
    return told


def _is(attempt: Attempt, moment: Moment) -> bool:
    return (attempt.step, attempt.number) == (moment.step, moment.attempt)


async def _decided(ctx: Context, facts: Mapping[str, Any], moment: Moment) -> dict[str, Any] | None:
    """The first decision after it; None while nobody has said anything."""
    async with ctx.store.database.reader.connect() as conn:
        entry = await audit.first_of(conn, release_chain(int(facts["id"])), DECISIONS, after=moment.seq)
    if entry is None or (entry.verb == "record" and _pending(facts)):
        return None
    body = entry.body or {}
    version = (body.get("record") or {}).get({"fix_forward": "hotfix", "record": "runs"}.get(entry.verb, "target"))
    reason = str((body.get("input") or {}).get("reason") or "")
    told = {"what": entry.verb, "by": entry.actor, "reason": reason, "version": str(version or "")}
    return told | {"at": entry.at.isoformat()}


def _seconds(start: object, end: str) -> int:
    """From one instant to another; 0 where the first one is not known."""
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(str(start))).total_seconds()) if start else 0


def _pending(facts: Mapping[str, Any]) -> bool:
    """Whether a second person still has to record the same: the run stands as before."""
    return (facts.get("run") or {}).get("state") == RunState.WAITING.value


# --- what lies beside the facts ---------------------------------------------------------------------------------------


async def _heard(
    ctx: Context, facts: Mapping[str, Any], moment: Moment, there: running.Standing | None
) -> Heard:
    step = there.step(moment.step) if there else None
    tried = sum(a.step == moment.step for a in there.attempts) if there else 1
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.pinned_policy(conn, str(facts["policy"]))
        found = next((a for a in there.attempts if _is(a, moment)), None) if there else None
        failing = [name for name, _ in failing_of(found.found)] if found else []
        passed, let_pass = await _checked(ctx, conn, version_before(facts))
        return Heard(
            database=any("production" in d.settings for d in policy.deployment.databases.values()),
            tried=max(tried, 1),
            repeatable=step.repeatable if step else None,
            passed=passed,
            let_pass=let_pass,
            flags=await _flags(conn, policy, failing, facts.get("flags") or ()),
            usual=await _usual(ctx, conn),
        )


async def _checked(ctx: Context, conn: Conn, version: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The smoke checks that passed when the version before was brought to production, None where that is not known,
    and those that failed there and of which a person said that all was well."""
    before = await releases.find(conn, ctx.product, version) if version else None
    run = before.run() if before else None
    if before is None or run is None or run.kind != "deploy":
        return None, ()
    done = [s for s in run.steps if s.uses == "smoke" and s.state is StepState.DONE]
    if not done:
        return None, ()
    failed = tuple(name for name, _ in failing_of(done[-1].found))
    checks = (await ctx.pinned_policy(conn, before.policy_hash)).deployment.smoke
    there = [c.name for c in checks if not c.environments or "production" in c.environments]
    return tuple(name for name in there if name not in failed), failed


async def _flags(
    conn: Conn, policy: Policy, failing: Sequence[str], brings: Sequence[Mapping[str, Any]]
) -> tuple[FlagSeen, ...]:
    """The flags that the policy's checks name, and what of the failed ones each guards; then those that the release
    itself brings or changes, of which nobody has said what they guard."""
    named = dict.fromkeys(c.flag for c in policy.deployment.smoke if c.flag)
    of_release = [str(row["name"]) for row in brings if row["what"] in ("added", "changed")]
    found = []
    for name in named:
        guards = tuple(c.name for c in policy.deployment.smoke if c.flag == name and c.name in failing)
        stored = await flags.find(conn, name, "production")
        if stored is None:
            found.append(FlagSeen(name, guards=guards))
            continue
        found.append(FlagSeen(name, not stored.setting.off, _share(stored), guards))
    for name in (one for one in of_release if one not in named):
        stored = await flags.find(conn, name, "production")
        if stored is not None:
            found.append(FlagSeen(name, not stored.setting.off, _share(stored)))
    return tuple(found)


def _share(stored: flags.Stored) -> int | None:
    """The percentage of people who have it, where it is one share of all."""
    setting = stored.setting
    return None if setting.on or setting.user_ids or setting.constraints else setting.percentage or None


async def _usual(ctx: Context, conn: Conn) -> dict[str, tuple[int, ...]]:
    """How long roll-backs and hotfixes took here."""
    back = await runs.durations(conn, ctx.product, "production", "roll back", MOST_SEEN)
    fixes = await releases.fixed_in(conn, ctx.product, MOST_SEEN)
    took = [live - began for began, live in fixes]
    return {"rollback": tuple(back), "fix_forward": tuple(int(t / timedelta(seconds=1)) for t in took)}
