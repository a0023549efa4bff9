"""Refs that somebody moved without the bot: found at each look, told once, and kept when somebody answers for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.domain import shipped
from core.domain.contents import Stray
from core.domain.effects import BOT, CLICK
from core.domain.facts_contents import stray_json
from core.domain.notes.embargo import Embargo
from core.domain.policy import Policy
from core.domain.release import BEFORE_DEPLOYMENT, Environment, ProductRecord, Release
from core.domain.repository import Commit, RemoteState
from core.domain.secrets import redact
from core.domain.versions import Version
from core.store import environments, products, releases
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context
from core.usecases.notes import hidden

MOST_COMMITS = 20


@dataclass(frozen=True, slots=True)
class _Known:
    """What the bot did to the refs, as recorded; read before the remote, so that the remote is never behind it."""

    policy: Policy
    product: ProductRecord
    open: Sequence[Release]
    production: Environment | None


async def look_for_strays(ctx: Context, remote: RemoteState) -> int:
    """Compare the remote with what is recorded; write and tell what is new. Returns 1 when anything changed.

    The given state may be older than the record, so news is looked at again on a fresh one before it is believed.
    """
    known = await _recorded(ctx)
    before = {x.id for x in known.product.strays.values() if not x.answered_by}
    found = [x async for x in _found(ctx, known, remote)]
    if {x.id for x in found} == before:
        return 0
    found = [x async for x in _found(ctx, known, await ctx.repository.look(0.0))]
    if {x.id for x in found} == before:
        return 0

    async def work(unit: Unit) -> bool:
        return await _write(ctx, unit, known, found)

    changed = await ctx.store.unit(work, verb="strays", chains=(product_chain(ctx.product),), interactive=False)
    return int(bool(changed))


async def _recorded(ctx: Context) -> _Known:
    async with ctx.store.database.reader.connect() as conn:
        return _Known(
            await ctx.active_policy(conn),
            await products.load(conn, ctx.product),
            await releases.open_releases(conn, ctx.product),
            (await environments.of_product(conn, ctx.product)).get("production"),
        )


async def _found(ctx: Context, known: _Known, remote: RemoteState) -> AsyncIterator[Stray]:
    """Everything that is elsewhere and that nobody has answered for, with a stable id for what it is now."""
    answered = {x.id for x in known.product.strays.values() if x.answered_by}
    async for stray in _all(ctx, known, remote):
        if stray.id not in answered:
            yield stray


async def _all(ctx: Context, known: _Known, remote: RemoteState) -> AsyncIterator[Stray]:
    main = await _main(ctx, known, remote)
    if main is not None:
        yield main
    now = ctx.clock.now()
    for tag, sha in _tags(known).items():
        at = remote.tags.get(tag, "")
        if at != sha:
            what = f"{tag} is gone" if not at else f"{tag} was put on another commit"
            yield Stray(f"tag:{tag}:{at[:12] or 'gone'}", "tag", tag, sha, at, now, what)
    for release in known.open:
        if release.phase in BEFORE_DEPLOYMENT and release.branch_head:
            branch = await _branch(ctx, release, remote)
            if branch is not None:
                yield branch


async def _main(ctx: Context, known: _Known, remote: RemoteState) -> Stray | None:
    """Commits on main that no release brought; a candidate that is going out right now did bring its own."""
    name, live = known.policy.product.main, known.production
    head = remote.heads.get(name, "")
    if not live or not live.sha:
        return None  # nothing was adopted yet, so nothing can be told apart
    if not head:
        return Stray(f"main:{name}:gone", "main", name, live.sha, "", ctx.clock.now(), f"{name} is gone")
    ours = shipped.known(known.product, live)
    ours += [c.sha for release in known.open for c in release.candidates]
    found = await ctx.repository.strangers(head, [*dict.fromkeys(ours)])
    if not found:
        return None
    hide = await hidden(ctx)
    subjects = "; ".join(words_of(c, hide) for c in found[:3])
    rest = f" and {len(found) - 3} more" if len(found) > 3 else ""
    commits = tuple(c.sha for c in found[:MOST_COMMITS])
    return Stray(
        f"main:{found[0].sha[:12]}", "main", name, live.sha, head, ctx.clock.now(), subjects + rest, commits
    )


def words_of(commit: Commit, hide: Embargo) -> str:
    """A commit for everybody to read: `8f3c2ab “Hot patch” by Kim`."""
    title = "a change that is hidden until released," if hide.hides(commit.sha, commit.pull) else ""
    return f"{commit.sha[:7]} {title or f'“{redact(commit.subject)[0][:80]}”'} by {commit.author[:40]}"


def _tags(known: _Known) -> dict[str, str]:
    """The tags that the bot made and where: of versions that are out, and of candidates of open releases."""
    found = {Version.parse(v).tag: sha for v, sha in known.product.shipped.items() if sha}
    return found | {c.tag: c.sha for release in known.open for c in release.candidates}


async def _branch(ctx: Context, release: Release, remote: RemoteState) -> Stray | None:
    """A release's branch that is gone, or no longer holds its candidate (before one: what it was cut from)."""
    name, head, now = release.branch, remote.heads.get(release.branch, ""), ctx.clock.now()
    was = release.candidate.sha if release.candidate else release.base_sha
    if not head:
        return Stray(f"branch:{name}:gone", "branch", name, release.branch_head, "", now, f"{name} is gone")
    if head == was or await ctx.repository.contains(was, head):
        return None
    last = release.candidate.tag if release.candidate else release.base_tag
    return Stray(f"branch:{name}:{head[:12]}", "branch", name, was, head, now, f"{name} was rewritten without {last}")


async def _write(ctx: Context, unit: Unit, known: _Known, found: Sequence[Stray]) -> bool:
    """Keep what was answered, add what is new, drop what is back in its place; False when the record moved on."""
    record = await products.load(unit.conn, ctx.product)
    if record.shipped != known.product.shipped:
        return False  # something was published meanwhile: the next look decides
    kept = {x.id: x for x in record.strays.values() if x.answered_by}
    still = {x.id: record.strays.get(x.id, x) for x in found if x.id not in kept}
    new = [x for x in still.values() if x.id not in record.strays]
    gone = [x for x in record.strays.values() if x.id not in still and x.id not in kept]
    if not new and not gone:
        return False
    await products.put(unit, replace(record, strays=kept | still))
    chain, hash_, now = product_chain(ctx.product), known.policy.hash, ctx.clock.now()
    for verb, strays in (("stray.found", new), ("stray.gone", gone)):
        for stray in strays:
            await unit.audit(chain, BOT, verb, hash_, stray_json(stray), now)
    if new:
        await unit.outbox(f"product:{ctx.product}:team", "slack.post", _post(known, new), cause=chain, rank=CLICK)
    await unit.outbox("product:others", "others.look_again", {}, cause=chain, rank=CLICK)
    return True


def _post(known: _Known, new: Sequence[Stray]) -> dict[str, Any]:
    """One message for all that was found in one look."""
    blocked = [r.version for r in known.open]
    data = {
        "actor": "", "reason": "", "strays": [stray_json(x) for x in new], "versions": blocked,
        "names": known.policy.names, "zone": known.policy.zone, "may": list(known.policy.permissions["accept"]),
    }  # fmt: skip
    return {"release": 0, "place": "team", "moment": "stray", "data": data}
