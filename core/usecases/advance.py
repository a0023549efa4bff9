"""The door. A person's act and whatever came of an effect both pass here, in one unit of work each.

Load, authorise, check, change, let fire what fires by itself, save: release, signatures, environments, audit
entries and outbox rows in one transaction. Nothing else changes a release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.engine import decide, take_in
from core.domain.situation import Act
from core.errors import NotFound
from core.store import evidence, releases
from core.store.products import product_chain
from core.store.unit_of_work import Unit, release_chain
from core.usecases.context import Context
from core.usecases.scene import Scene

LOOKS_BACK = ("retro_summary",)  # what is decided by the whole record of a release


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person wants: see the fields' names. `subject` comes from a button, None when the word was typed."""

    actor: str
    event: str
    release: int | None = None
    version: str | None = None
    subject: str | None = None
    input: Mapping[str, object] = field(default_factory=dict)
    key: str | None = None
    via: str = "command"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: fresh facts, and the events that fired by themselves after it."""

    event: str
    release: int
    facts: Mapping[str, Any]
    fired: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of an effect, a webhook or the hour, about one release."""

    kind: str
    release: int
    body: Mapping[str, Any] = field(default_factory=dict)


async def perform(ctx: Context, ask: Ask) -> Done:
    """Do what a person asks, or say all reasons against it.

    Raises NotFound, Stale (with fresh facts), Refused (with every blocker), Busy. A refused act leaves no trace.
    """
    release_id = await _which(ctx, ask)

    async def work(unit: Unit) -> dict[str, Any]:
        scene = await Scene.load(ctx, unit, release_id)
        if ask.event in LOOKS_BACK:
            await scene.look_back()
        decided = decide(scene.s, Act(ask.actor, ask.event, ask.input, ask.subject), ask.via)
        if decided.said is not None:
            said = decided.said
            notes = {"already": True, "at": said.at.isoformat(), "verdict": said.verdict, "role": said.role}
            return {"event": decided.event, "fired": [], "notes": notes}
        await scene.write(decided)
        await scene.save()
        return {"event": decided.event, "fired": list(decided.fired), "notes": decided.notes}

    answer = await ctx.store.unit(work, verb=ask.event, key=ask.key, chains=chains_of(ctx, release_id))
    return await done(ctx, release_id, answer)


def chains_of(ctx: Context, *release_ids: int) -> tuple[str, ...]:
    """The product's chain guards environments and trains, so it is locked with every release of the product."""
    return (product_chain(ctx.product), *(release_chain(i) for i in release_ids))


async def done(ctx: Context, release_id: int, answer: Mapping[str, Any] | None) -> Done:
    """The answer with fresh facts; a repeated key has the answer of the first time."""
    async with ctx.store.database.reader.connect() as conn:
        facts, _ = await releases.facts_of(conn, release_id)
    told = answer or {"event": "", "fired": [], "notes": {"already": True}}
    return Done(told["event"], release_id, facts, tuple(told["fired"]), told["notes"])


async def _which(ctx: Context, ask: Ask) -> int:
    if ask.release is not None:
        return ask.release
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.find(conn, ctx.product, ask.version or "")
    if found is None:
        raise NotFound(f"there is no v{ask.version}", version=ask.version)
    return found.id


async def advance(ctx: Context, report: Report, unit: Unit | None = None) -> None:
    """Take in what came of an effect. With `unit` it shares the unit that finishes the outbox row, which must
    hold `chains_of(ctx, release)`; a report that is about something past changes nothing."""
    if unit is not None:
        await _take_in(ctx, unit, report)
        return

    async def work(own: Unit) -> None:
        await _take_in(ctx, own, report)

    await ctx.store.unit(work, verb=report.kind, chains=chains_of(ctx, report.release), interactive=False)


async def _take_in(ctx: Context, unit: Unit, report: Report) -> None:
    scene = await Scene.load(ctx, unit, report.release)
    decided = take_in(scene.s, report.kind, report.body)
    if decided.steps or report.kind in ("hour", "look_again"):
        before = scene.s.candidate.sha if scene.s.candidate else ""
        await scene.write(decided)
        await scene.save()
        if scene.s.candidate is not None and scene.s.candidate.sha != before:
            await _early(ctx, unit, report.release, scene.s.candidate.sha)


async def _early(ctx: Context, unit: Unit, release_id: int, sha: str) -> None:
    """What was reported for the commit before this release had it, is heard now."""
    results = [e.id for e in await evidence.of_commit(unit.conn, ctx.product, sha)]
    if results:
        await evidence.match(unit, ctx.product, sha)
        await _take_in(ctx, unit, Report("evidence.taken", release_id, {"results": results}))


async def let_others_look_again(ctx: Context, but: int) -> int:
    """Let every other open release look at production again; each in a unit of its own."""
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.open_releases(conn, ctx.product)
    for release in found:
        if release.id != but:
            await advance(ctx, Report("look_again", release.id))
    return len(found)
