"""Start a release: propose a version with reasons, then open it; never waits for the network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from core.domain.authorise import permission
from core.domain.calendar import departures
from core.domain.engine import Decided, take
from core.domain.gates import blockers
from core.domain.gates.hours import when_of
from core.domain.lifecycle import BY_EVENT
from core.domain.marks import Marks
from core.domain.moves import move_of
from core.domain.moves.opening import dated
from core.domain.notes.refs import ref_of
from core.domain.policy import Act as ActName
from core.domain.policy_people import captain
from core.domain.release import Phase, Release, ReleaseType, ScopeItem
from core.domain.repository import RemoteState
from core.domain.situation import Act
from core.domain.versions import Version, fits, proposed
from core.errors import Blocker, NotFound, Refused
from core.store import releases
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, Done, done
from core.usecases.context import Context
from core.usecases.ground import Ground, count_of, ground_of, preview, sha_of
from core.usecases.scene import Scene
from core.usecases.trains import timetable

SHOWN_TRAINS = 6


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a release of one kind would be: for the form, and for a typed start without a version.

    `trains` are (instant, free) pairs; `reasons` are codes with facts; `age` is how old the mirror's view is in
    transport seconds (-1: never read).
    """

    kind: ReleaseType
    version: str
    base_tag: str
    base_sha: str
    trains: tuple[tuple[datetime, bool], ...] = ()
    departs_at: datetime | None = None
    changes: int = 0
    reasons: tuple[Mapping[str, Any], ...] = ()
    blockers: tuple[Blocker, ...] = ()
    age: float = -1.0
    taken: tuple[str, ...] = ()
    approvals: tuple[tuple[str, tuple[str, ...]], ...] = field(default_factory=tuple)
    captains: tuple[tuple[datetime, str], ...] = ()  # whose turn each of the trains is, where people lead by turns

    def captain(self, departs: datetime | None) -> str:
        """Whose turn a departure is; "" without a rotation."""
        return next((who for when, who in self.captains if when == departs), "")


async def propose(ctx: Context, kind: ReleaseType, *, actor: str, base: str | None = None) -> Proposal:
    """The next free version of this kind, the departures, and why. Reads the mirror, never the network.

    Raises Refused when production is unknown. `base` is another tag to fix (a hotfix of what is going out).
    """
    async with ctx.store.database.reader.connect() as conn:
        ground = await ground_of(ctx, conn)
    found = _proposal(ctx, kind, ground, base)
    changes = await preview(ctx, kind)
    return replace(found, reasons=(*found.reasons, *changes), changes=count_of(changes, "count") or 0)


def _proposal(ctx: Context, kind: ReleaseType, g: Ground, base: str | None) -> Proposal:
    remote = ctx.repository.seen()
    live = Version.maybe(base or g.live)
    if live is None:
        raise Refused([Blocker("production_known", {"version": g.live}, ("role:release_manager",))], asked="start")
    taken = _taken(g, remote)
    version = proposed(kind, live, filter(None, map(Version.maybe, taken)))
    trains = _trains(ctx, kind, g)
    departs = next((when for when, free in trains if free), None)
    sha = sha_of(live, g, remote)
    reasons: list[Mapping[str, Any]] = [{"code": "after", "production": str(live)}]
    skipped = [v for v in taken if (p := Version.maybe(v)) and not p.rc and live < p < version and fits(kind, p, live)]
    if skipped:
        reasons.append({"code": "taken", "versions": sorted(skipped)})
    approvals = tuple((a.role, tuple(p for p in g.members.get(a.role, ()))) for a in g.policy.rules(kind).approvals)
    turns = tuple((when, who) for when, _ in trains if (who := _captain(g, kind, when)))
    return Proposal(
        kind,
        str(version),
        live.tag,
        sha,
        trains,
        departs,
        0,
        tuple(reasons),
        (),
        remote.age(asyncio.get_running_loop().time()) if remote else -1.0,
        tuple(taken),
        approvals,
        turns,
    )


def _captain(g: Ground, kind: ReleaseType, departs: datetime | None) -> str:
    """Who leads what leaves then, by the turns of its train."""
    named = g.policy.train_of(kind)
    key = captain(named[1], departs) if named and departs else ""
    return g.policy.people[key].slack if key else ""


def _taken(g: Ground, remote: RemoteState | None) -> list[str]:
    """Numbers that may not be used: tags of the remote, open releases, shipped and burnt ones."""
    tags = [str(v.final) for t in (remote.tags if remote else ()) if (v := Version.maybe(t))]
    return list(dict.fromkeys([*tags, *(r.version for r in g.others), *g.product.shipped, *g.product.burnt]))


def _trains(ctx: Context, kind: ReleaseType, g: Ground) -> tuple[tuple[datetime, bool], ...]:
    """The next departures whose freeze still lies ahead (major: far enough), and whether each is free."""
    named = g.policy.train_of(kind)
    if named is None:
        return ()
    name = named[0]
    table = timetable(g.policy, g.product, name)
    now = ctx.clock.now()
    probe = Release(0, ctx.product, "0.0.0", kind, Phase.PLANNING, 0, "", "", now, "", "", "", "", train=name)
    notice = g.policy.rules(kind).notice_days
    found: list[tuple[datetime, bool]] = []
    for when in islice(departures(table, now), 60):
        freeze = dated(replace(probe, departs_at=when), g.policy).freeze_at
        if freeze is None or freeze <= now or (when - now).days < notice:
            continue
        found.append((when, not any(o.train == name and o.departs_at == when for o in g.others)))
        if len(found) >= SHOWN_TRAINS and any(free for _, free in found):
            break
    return tuple(found)


async def start(ctx: Context, ask: Ask) -> Done:
    """Open a release of the kind in `ask.input["kind"]`. Raises Refused with every blocker.

    Input: kind, and optionally version, departs_at (ISO), lead, reason, title, picks, fixes (a release id), base.
    """
    kind = _kind(ask)
    scope = await preview(ctx, kind, _refs(ask))

    async def work(unit: Unit) -> dict[str, Any]:
        release, notes = await open_in(ctx, unit, ask, kind, scope)
        return {"event": "start", "fired": [], "notes": notes | {"release": release.id, "version": release.version}}

    answer = await ctx.store.unit(work, verb="start", key=ask.key, chains=(product_chain(ctx.product),))
    return await done(ctx, int(answer["notes"]["release"]), answer)


def _refs(ask: Ask) -> tuple[str, ...]:
    """What a fix is started for, as it is kept in the scope; each once."""
    picks = ask.input.get("picks")
    found = [ref_of(str(n)) for n in picks] if isinstance(picks, (list, tuple)) else []
    return tuple(ref for ref in dict.fromkeys(found) if ref)


def _kind(ask: Ask) -> ReleaseType:
    try:
        return ReleaseType(str(ask.input.get("kind", "")))
    except ValueError:
        raise NotFound("there is no such kind of release", kind=ask.input.get("kind")) from None


async def open_in(
    ctx: Context,
    unit: Unit,
    ask: Ask,
    kind: ReleaseType,
    scope: list[dict[str, Any]],
) -> tuple[Release, dict[str, Any]]:
    """Open a release inside a unit that holds the product's chain; shared with fix forward."""
    ground = await ground_of(ctx, unit.conn)
    proposal = _proposal(ctx, kind, ground, ask.input.get("base"))  # type: ignore[arg-type]
    draft = _draft(ctx, ask, kind, ground, proposal, scope)
    scene = await Scene.around(ctx, unit, draft)
    scene.s = replace(scene.s, tagged=tuple(v for v in proposal.taken if v not in {o.version for o in ground.others}))
    row = BY_EVENT["start" if kind.by_train else "start_fix"]
    act = Act(
        ask.actor,
        row.event,
        {**ask.input, "reasons": [*proposal.reasons, *scope], "changes": count_of(scope, "count") or 0},
    )
    may: ActName = "start_hotfix" if kind is ReleaseType.HOTFIX else "start"
    stranger = permission(ground.policy, ground.members, may, act.actor, "start")
    stops = (stranger,) if stranger else (*blockers(row, scene.s, act), *_unknown_lead(ground, draft.lead))
    if stops:
        told = {} if stranger else {"version": draft.version, "kind": kind.value}
        raise Refused(stops, asked="start", **told)
    stored = await releases.add(unit, draft)
    scene.s = replace(scene.s, release=stored)
    after, step = take(scene.s, "start", act, move_of(row.event)(scene.s, act), ask.via)
    await scene.write(Decided(after, (step,)))
    await scene.save()
    return scene.s.release, {"reasons": [*proposal.reasons, *scope]}


def _unknown_lead(g: Ground, lead: str) -> Iterator[Blocker]:
    """Who leads a release is asked for it: an app or somebody without a role could do nothing."""
    if lead not in g.policy.names and not any(lead in people for people in g.members.values()):
        yield Blocker("lead", {"given": lead})


def _draft(
    ctx: Context,
    ask: Ask,
    kind: ReleaseType,
    g: Ground,
    p: Proposal,
    scope: list[dict[str, Any]],
) -> Release:
    version = Version.maybe(str(ask.input.get("version") or p.version))
    if version is None:
        raise Refused(
            [Blocker("version_fits", {"version": ask.input.get("version"), "type": kind.value})], asked="start"
        )
    departs = when_of(Act(ask.actor, "start", ask.input), "departs_at") or p.departs_at
    named = g.policy.train_of(kind)
    now = ctx.clock.now()
    release = Release(
        0,
        ctx.product,
        str(version),
        kind,
        Phase.PLANNING if kind.by_train else Phase.DEVELOPMENT,
        1,
        g.policy.hash,
        ask.actor,
        now,
        str(ask.input.get("lead") or _captain(g, kind, departs) or ask.actor),
        p.base_tag,
        p.base_sha,
        version.branch,
        title=str(ask.input.get("title") or "")[:80],
        reason=str(ask.input.get("reason") or "").strip()[:1000],
        train=named[0] if named else None,
        departs_at=departs if named else None,
        phase_since=now,
        marks=Marks(),
        scope_head=str(count_of(scope, "head") or ""),
        items=tuple(ScopeItem(ref, "", ask.actor, now) for ref in _refs(ask)),
        fixes=int(str(ask.input["fixes"])) if ask.input.get("fixes") else None,
    )
    return dated(release, g.policy)


__all__ = ["Proposal", "open_in", "propose", "start"]
