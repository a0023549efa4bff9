"""Reads only: status, lists, why, Home. Drawn from stored facts, so nothing here takes a lock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.domain.engine import barred
from core.domain.facts import blocker_of, timely
from core.domain.lifecycle import BY_EVENT
from core.domain.situation import Act, Situation
from core.errors import Blocker, Refused
from core.store import decisions, environments, products, releases
from core.usecases import flag_reviews
from core.usecases.context import Context, holders, role_members, roster_of
from core.usecases.environments import all_environments
from core.usecases.metrics import lately
from core.usecases.pausing import paused
from core.usecases.retro import owned
from core.usecases.trains import next_trains

PAGE = 10


async def status(ctx: Context, version: str | None = None) -> dict[str, Any] | None:
    """Facts of the release with this number; without one, of what leaves soonest, else of what is live."""
    card = await ctx.reads.card(ctx.product, version)
    if card is None and version is None:
        async with ctx.store.database.reader.connect() as conn:
            live = (await environments.of_product(conn, ctx.product)).get("production")
        card = await ctx.reads.card(ctx.product, live.version) if live and live.version else None
    return json.loads(card.text) if card else None


async def by_id(ctx: Context, release_id: int) -> dict[str, Any]:
    """Facts of one release. Raises NotFound."""
    async with ctx.store.database.reader.connect() as conn:
        return dict((await releases.facts_of(conn, release_id))[0])


async def open_releases(ctx: Context) -> list[dict[str, Any]]:
    """Facts of all open releases, the soonest departure first."""
    return [dict(c.facts) for c in await ctx.reads.in_flight(ctx.product)]


async def listing(ctx: Context, done: bool = False, page: int = 0) -> list[dict[str, Any]]:
    """One page of releases, open or ended ones; one more than a page means that there is another."""
    if not done:
        return (await open_releases(ctx))[page * PAGE : (page + 1) * PAGE + 1]
    found = await ctx.reads.past(ctx.product, (page + 1) * PAGE + 1)
    return [dict(c.facts) for c in found][page * PAGE :]


async def candidates_for(ctx: Context, event: str, actor: str = "") -> list[dict[str, Any]]:
    """The releases that a word without a version may mean: those where it is possible now, else all in its phases,
    else all open ones; for events that a closed one has too, what production runs, else none."""
    if event in ("report", "triage"):
        return await _told_about(ctx, event)
    found = await open_releases(ctx)
    if event == "incident":  # what was rolled back is open, but not what people have in front of them
        found = [f for f in found if f["outcome"] != "rolled back"]
    possible = [f for f in found if event in f["allowed"]]
    if possible:
        return possible
    row = BY_EVENT.get(event)
    phases = {p.value for p in row.sources} if row else set()
    in_phase = [f for f in found if f["phase"] in phases]
    if in_phase or not row or "closed" not in phases:
        return in_phase or found
    live = await status_of_production(ctx)
    return [live] if live else []


async def _told_about(ctx: Context, event: str) -> list[dict[str, Any]]:
    """What a report is about when no version is named: what is live; for triage all that have an open report."""
    live = await status_of_production(ctx)
    if event == "report":
        return [live] if live else []
    found = await open_releases(ctx)
    found += [live] if live and live["id"] not in {f["id"] for f in found} else []
    return [f for f in found if any(not r["found"] for r in f.get("reports") or ())] or ([live] if live else [])


async def status_of_production(ctx: Context) -> dict[str, Any] | None:
    """Facts of the release that production runs, if this bot shipped it."""
    async with ctx.store.database.reader.connect() as conn:
        env = (await environments.of_product(conn, ctx.product)).get("production")
    return await status(ctx, env.version) if env and env.version else None


def why(facts: Mapping[str, Any], now: Any) -> list[Blocker]:
    """Every unmet condition of the next step: the stored ones and those that the hour decides."""
    stored = [blocker_of(b) for b in facts["blockers"]]
    return [*stored, *timely(facts, now)]


async def may_be_asked(ctx: Context, actor: str, event: str, facts: Mapping[str, Any]) -> None:
    """Raises Refused when the person may not fire the event or the release's phase has no such event.

    What words, dates or choices can still mend is not looked at; events of no release are free. `facts` are those of
    the release, shown with the refusal. It only reads.
    """
    row = BY_EVENT.get(event)
    if row is None or not row.sources or facts.get("id") is None:
        return
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, facts["id"])
        policy = await ctx.pinned_policy(conn, release.policy_hash)
        held, _ = await holders(conn, policy)
        roster = await roster_of(conn, policy)
        signed = tuple(await decisions.standing(conn, release.id))
        places = await environments.of_product(conn, release.product)
        record = await products.load(conn, release.product)
    s = Situation(release, policy, ctx.clock.now(), signed, places, held, product=record, roster=roster)
    stop = barred(s.reseated(), Act(actor, event))
    if stop is not None:
        raise Refused([stop], asked=event, facts=dict(facts))


async def members(ctx: Context) -> Mapping[str, tuple[str, ...]]:
    """Who holds each role now, by the active policy and Slack's groups."""
    async with ctx.store.database.reader.connect() as conn:
        return (await role_members(conn, await ctx.active_policy(conn), ctx.clock.now()))[0]


async def roles_of(ctx: Context, person: str) -> tuple[str, ...]:
    """The roles a person holds now."""
    return tuple(role for role, people in (await members(ctx)).items() if person in people)


def waits_for(facts: Mapping[str, Any], person: str) -> list[dict[str, Any]]:
    """What one release waits for from this person: approvals, due sign-offs, decisions, moves of the lead."""
    found: list[dict[str, Any]] = []

    def add(what: str, **more: object) -> None:
        found.append({"release": facts["id"], "version": facts["version"], "what": what, **more})

    if facts["phase"] == "preparation":
        for seat in facts["approvals"]:
            answered = {d["person"] for d in [*seat["given"], *seat["rejected"]]}
            called = person in seat.get("called", seat["asked"])
            if called and person not in answered and len(seat["given"]) < seat["need"]:
                add(
                    "approve",
                    role=seat["role"],
                    title=seat["title"],
                    digest=(facts["candidate"] or {}).get("digest", ""),
                )
    for item in facts["signoffs"]:
        if item["due"] and person in item.get("called", item["people"]):
            add("tick", item=item["name"], title=item["title"], gate=item["gate"])
    run = facts["run"]
    if facts["phase"] == "deployment" and run and run["state"] == "waiting" and may(facts, person, "rollback"):
        add("decide", reason=run["reason"])
    if facts["lead"] == person and facts["next"] in facts["allowed"]:
        add("move", event=facts["next"])
    roles = (facts.get("glass") or {}).get("roles") or ()
    for row in facts.get("overrides") or ():
        if person in row["reviewers"]:
            add("review", item=str(row["id"]), title=row["title"], due=row["review_by"])
        elif row["state"] == "waits" and person != row["first"] and any(person in facts["members"][r] for r in roles):
            add("override", item=str(row["id"]), title=row["title"], by=row["first"])
    if person in ((facts.get("retro") or {}).get("silent") or ()) and not facts["retro"]["summary"]:
        add("retro", due=facts["retro"]["due_at"])
    if facts["missed_departure"] and facts["lead"] == person and facts["phase"] != "cancelled":
        add("missed")
    for said in facts.get("reports") or () if may(facts, person, "triage") else ():
        if not said["found"]:
            add("triage", item=str(said["id"]), by=said["by"], kind=said["kind"], text=said["text"])
    for concern in facts["concerns"] if may(facts, person, "carry") else ():
        pair = concern.get("carry")
        if pair and not pair["second"] and pair["by"] != person:
            add("carry", item=str(concern["id"]), by=pair["by"], text=concern["text"])
    return found


def may(facts: Mapping[str, Any], person: str, act: str) -> bool:
    """Whether the person holds a role to which the release's policy allows this."""
    return any(person in facts["members"].get(role, ()) for role in facts["may"].get(act, ()))


async def home(ctx: Context, person: str) -> dict[str, Any]:
    """All that App Home shows to one person."""
    flight, live = await open_releases(ctx), await status_of_production(ctx)
    closed = [live] if live and live["id"] not in {f["id"] for f in flight} else []
    policy, roles = await ctx.policy(), list(await roles_of(ctx, person))
    return {
        "person": person,
        "roles": roles,
        "lately": await lately(ctx) if {"release_manager", "executive"} & set(roles) else None,
        "flight": flight,
        "waits": [w for f in flight for w in waits_for(f, person)]
        + [w for f in closed for w in waits_for(f, person) if w["what"] == "triage"],
        "trains": await next_trains(ctx, 3),
        "environments": await all_environments(ctx),
        "paused": await paused(ctx),
        "zone": policy.zone,
        "names": policy.names,
        "product": {"key": policy.product.key, "name": policy.product.name},
        "live": live,
        "actions": await owned(ctx, person),
        "flags": await flag_reviews.waiting(ctx, person),
    }
