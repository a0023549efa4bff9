"""Whether a job of CI may deploy a commit to an environment: by the same record and gates as everybody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain.parts import RunState
from core.domain.product import Environment
from core.domain.release import Release
from core.errors import Blocker
from core.store import environments, products, releases
from core.usecases import look
from core.usecases.context import Context

FREE = ("development", "integration")  # a release begins later; only a lock keeps others out
NOBODY = ""  # a job of CI is no person, so everybody's lock keeps it out
AT_WORK = (RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`said` names the reason: run, there, free, or locked, gates, nobody, unknown. `version` is the release's."""

    allowed: bool
    said: str
    version: str = ""
    by: str = ""
    blockers: tuple[Blocker, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


async def verdict(ctx: Context, environment: str, sha: str) -> Verdict:
    """It only reads. A run of ours there with this commit is the permission; nothing else gives one in production."""
    async with ctx.store.database.reader.connect() as conn:
        place = (await environments.of_product(conn, ctx.product)).get(environment) or Environment(environment)
        found = await releases.open_releases(conn, ctx.product)
        kept = (await products.load(conn, ctx.product)).kept.get(environment)
    runs = [(r, run) for r in found for run in r.runs if run.environment == environment and run.sha == sha]
    for release, run in runs:
        if run.state in AT_WORK:
            return Verdict(True, "run", release.version, run.by)
    if kept is not None and kept.stops(NOBODY, ctx.clock.now()):
        return Verdict(False, "locked", place.version, kept.by)
    if place.lock is not None:
        return Verdict(False, "locked", place.lock.version, place.lock.by)
    if sha and place.sha == sha:
        return Verdict(True, "there", place.version)
    if environment in FREE:
        return Verdict(True, "free")
    return await _waiting(ctx, found, sha)


async def _waiting(ctx: Context, found: Sequence[Release], sha: str) -> Verdict:
    """The release that has this commit, and what it waits for."""
    release = next((r for r in found if sha and sha in (r.promotion_sha, r.candidate and r.candidate.sha)), None)
    if release is None:
        return Verdict(False, "unknown")
    facts = await look.by_id(ctx, release.id)
    blockers = tuple(look.why(facts, ctx.clock.now()))
    return Verdict(False, "gates" if blockers else "nobody", release.version, "", blockers, facts)
