"""What a package of evidence is made of, read from the store in one go; nothing is locked for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.domain.moves.noting import dated_on
from core.domain.notes.markdown import markdown
from core.domain.package.sources import Sources
from core.domain.release import Release
from core.errors import NotFound
from core.store import attempts, decisions, evidence, keeping, proofs, releases
from core.store.engines import Conn
from core.store.records import encode
from core.store.unit_of_work import release_chain
from core.usecases.context import Context
from core.usecases.notes import standing


async def sources(ctx: Context, release_id: int) -> Sources:
    """Everything about one release. Raises NotFound."""
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, release_id)
        facts, _ = await releases.facts_of(conn, release_id)
        entries = await proofs.links(conn, release_chain(release_id))
        anchors = await proofs.anchors_of(conn, release_chain(release_id))
        named = [release.policy_hash, *(e["policy"] for e in entries)]
        policies = await proofs.policies_named(conn, named)
        held = (await keeping.holds(conn)).get(release_id)
        policy = await ctx.pinned_policy(conn, release.policy_hash)
        found = Sources(
            release_id,
            encode(release),
            facts,
            release.policy_hash,
            decisions=[_decision(d) for d in await decisions.history(conn, release_id)],
            results=await _results(ctx, conn, release),
            runs=await _runs(conn, release_id),
            logs=await keeping.logs(conn, release_id),
            expired=await keeping.expired(conn, release_id),
            hold=encode(held) if held else None,
            entries=entries,
            anchors=anchors,
            policies=policies,
            documents=await keeping.documents(conn, release_id),
            people=policy.names,
            titles={role: policy.title(role) for role in policy.roles},
        )
    return replace(found, notes=await _notes(ctx, release, found.expired))


async def of_version(ctx: Context, version: str) -> int:
    """The id of a version. Raises NotFound."""
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.find(conn, ctx.product, version.removeprefix("v"))
    if found is None:
        raise NotFound(f"there is no v{version.removeprefix('v')}", version=version)
    return found.id


def _decision(past: decisions.PastDecision) -> dict[str, Any]:
    given = encode(past.decision)
    return {**given, "withdrawn_at": encode(past.withdrawn_at), "withdrawn_why": past.withdrawn_why}


async def _results(ctx: Context, conn: Conn, release: Release) -> list[dict[str, Any]]:
    shas = dict.fromkeys([*(c.sha for c in release.candidates), release.promotion_sha])
    return [encode(one) for sha in shas if sha for one in await evidence.of_commit(conn, release.product, sha)]


async def _runs(conn: Conn, release_id: int) -> list[dict[str, Any]]:
    found = []
    for run in await keeping.runs_of(conn, release_id):
        before = await keeping.run_before(conn, run)
        tried = [encode(attempt) for attempt in await attempts.of_run(conn, run["id"])]
        body = _plain(run["body"])
        found.append({**run, "body": body, "attempts": tried, "before": _plain(before["body"]) if before else None})
    return found


def _plain(body: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
    return found


async def _notes(ctx: Context, release: Release, expired: Mapping[str, Any]) -> str:
    """The notes as people read them; "" where none were made, or where they have expired."""
    found = None if "package" in expired else await standing(ctx, release.id)
    if found is None:
        return ""
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.pinned_policy(conn, release.policy_hash)
    day = dated_on(release, policy, release.phase_since or release.started_at)  # no clock: equal stores, equal bytes
    return markdown(found.notes, release.version, day, policy.all_links, None)
