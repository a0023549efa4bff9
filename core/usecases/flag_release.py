"""The flags of a release: found in the difference of its code or named by hand, with those that are past their life."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from core.domain.effects import BOT
from core.domain.flag_rows import FlagRow, What
from core.domain.flags.guarding import GUARDED
from core.domain.flags.in_code import MOST_ASKED, MOST_PLACES, Place, Places, Touch, touched
from core.domain.flags.lifetime import Life
from core.domain.flags.model import Flag
from core.domain.rehearsals import channel_of
from core.domain.release import Release
from core.errors import IntegrationError, NotFound
from core.store import environments, flags, products, releases
from core.store.engines import Conn
from core.store.flags import FLAGS
from core.store.records import encode
from core.store.unit_of_work import Unit, release_chain
from core.usecases.context import Context
from core.usecases.flag_board import board_in, shipped_of
from core.usecases.flag_writing import chains_of, in_thread, known, may_change


async def rows_of(ctx: Context, release_id: int, base: str = "", head: str = "") -> list[dict[str, Any]]:
    """The rows of a release as JSON, for the report `flags.read`; `base` and `head` are its commits, by default those
    that it knows. What the code adds belongs to the release from now on. Never inside a unit. A rehearsal has none:
    nobody could decide about them there."""
    if channel_of(ctx.product):
        return []
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, release_id)
        policy = await ctx.active_policy(conn)
        lives = {row.flag.name: row.life for row in (await board_in(ctx, conn, policy)).rows}
        gone = [s.flag for s in await flags.of_environment(conn, GUARDED) if s.flag.archived_at is not None]
        shipped = shipped_of(await products.load(conn, ctx.product))
        others = {*await open_ids(ctx, conn)} - {release_id}
    mine = {flag.name: flag for flag in gone if _here(flag, release)} | {n: life.flag for n, life in lives.items()}
    if not mine:
        return []
    before, after = await _places(ctx, release, (base, head), list(mine))
    touches = touched(mine, before, after)
    found = []
    for name in sorted(mine):
        flag, what = mine[name], _what(mine[name], release, touches.get(name))
        if what == "added" and _unbound(flag, release, shipped, others):
            flag = await _bound(ctx, flag, release)
        life = lives.get(name) or Life(flag, 0, 0)
        if what is None and life.why:
            what = "old"
        if what is not None:
            found.append(encode(_row(flag, life, what, after.get(name, ()), release)))
    return found


def _here(flag: Flag, release: Release) -> bool:
    """Whether it went during this release."""
    return flag.release == release.id or any(d.release == release.id for d in flag.decisions)


def _what(flag: Flag, release: Release, touch: Touch | None) -> What | None:
    """What the release does to it, by its code, else by somebody's word."""
    if touch is not None:
        return touch
    if flag.release == release.id:
        return "added" if flag.since == release.version else "changed"
    return None


def _unbound(flag: Flag, release: Release, shipped: Collection[str], others: Collection[int]) -> bool:
    """Whether its code came with this release, with none that is out, and first: later ones have it too."""
    taken = flag.release == release.id or flag.release in others
    return flag.archived_at is None and not taken and flag.since not in shipped


async def _places(
    ctx: Context, release: Release, ends: tuple[str, str], names: list[str]
) -> tuple[Places, Places]:
    """Where the code names them before and after; nothing while git cannot be read, or nothing is known yet."""
    base = ends[0] or release.base_sha
    head = ends[1] or (release.candidate.sha if release.candidate else release.branch_head or release.scope_head)
    if not base or not head:
        return {}, {}
    return await _mentions(ctx, base, names), await _mentions(ctx, head, names)


async def _mentions(ctx: Context, sha: str, names: list[str]) -> Places:
    """Where a commit names them, however many there are: some hundred are looked for at once."""
    found: dict[str, tuple[Place, ...]] = {}
    for at in range(0, len(names), MOST_ASKED):
        found |= await ctx.repository.mentions(sha, names[at : at + MOST_ASKED])
    return found


def _row(flag: Flag, life: Life, what: What, places: tuple[Place, ...], release: Release) -> FlagRow:
    last = life.used.last.isoformat() if life.used.last else "" if life.used.apps else "?"
    said = next((d for d in reversed(flag.decisions) if d.release == release.id), None)
    decided = "archived" if flag.archived_at is not None else flag.ends or (said.what if said else "")
    return FlagRow(
        flag.name, flag.kind, what, flag.owner, life.lived, life.allowed, tuple(life.why), last,
        tuple(map(str, places[:MOST_PLACES])), max(0, len(places) - MOST_PLACES), decided,
        said.by if said else flag.ends_by,
    )  # fmt: skip


async def _bound(ctx: Context, flag: Flag, release: Release) -> Flag:
    """Its code came with this release: it counts its life from there, and its thread tells of it."""
    return await _belongs(ctx, flag.name, release, BOT)


async def belongs(ctx: Context, name: str, release_id: int, by: str) -> Flag:
    """Somebody says that a flag belongs to a release, whatever its code says. Raises NotFound and Refused."""
    async with ctx.store.database.reader.connect() as conn:
        flag, release = (await known(conn, name)).flag, await releases.load(conn, release_id)
    await may_change(ctx, by, flag)
    return await _belongs(ctx, name, release, by)


async def _belongs(ctx: Context, name: str, release: Release, by: str) -> Flag:
    policy = await ctx.policy()

    async def work(unit: Unit) -> Flag:
        found = (await known(unit.conn, name)).flag
        shipped = shipped_of(await products.load(unit.conn, ctx.product))
        bound = replace(found, release=release.id, since=found.since if found.since in shipped else release.version)
        if bound == found:
            return found
        body = {"flag": found.key, "name": name, "release": release.id, "version": release.version}
        await unit.audit(FLAGS, by, "flag.belongs", policy.hash, body, ctx.clock.now())
        await flags.put_flag(unit, bound)
        await in_thread(unit, policy, bound, "flag_belongs", {"flag": name, "actor": by})
        if by != BOT:
            await look_again(unit, [release.id])
        return bound

    chains = {*await chains_of(ctx, name), release_chain(release.id)}
    saved: Flag = await ctx.store.unit(work, verb="flag.belongs", chains=chains, interactive=by != BOT)
    return saved


async def open_ids(ctx: Context, conn: Conn) -> list[int]:
    return [release.id for release in await releases.open_releases(conn, ctx.product)]


async def look_again(unit: Unit, ids: Collection[int]) -> None:
    """Let releases read their flags anew; one that began just now has read them itself."""
    for release_id in ids:
        if (chain := release_chain(release_id)) in unit.heads:
            await unit.outbox(f"release:{release_id}:flags", "flags.read", {"release": release_id}, cause=chain)


async def read(ctx: Context, release_id: int) -> Mapping[str, Any]:
    """The body of the report `flags.read`."""
    return {"flags": await rows_of(ctx, release_id)}


async def places_of(ctx: Context, name: str) -> tuple[str, tuple[Place, ...]]:
    """Where the code of production names a flag: its version and the lines; none where git cannot be read now."""
    async with ctx.store.database.reader.connect() as conn:
        env = await environments.load(conn, ctx.product, GUARDED)
    if not env.sha:
        return "", ()
    try:
        return env.version, tuple((await ctx.repository.mentions(env.sha, [name])).get(name, ()))
    except (IntegrationError, NotFound):
        return env.version, ()
