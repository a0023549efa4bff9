"""What changed between two versions, under the headings of the notes."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.notes.compose import compose
from core.domain.notes.model import Draft, Notes
from core.domain.repository import Commit, RemoteState
from core.domain.versions import Version
from core.errors import NotFound
from core.store import products, releases
from core.usecases.context import Context
from core.usecases.drafting import read, shipped_lines

MOST_COMMITS = 200


@dataclass(frozen=True, slots=True)
class Diff:
    """`base` and `head` are the names that were compared, oldest first as given."""

    base: str
    head: str
    base_sha: str
    head_sha: str
    draft: Draft
    notes: Notes
    commits: tuple[Commit, ...]
    count: int


async def diff(ctx: Context, a: str, b: str) -> Diff:
    """Between two tags or branches of the remote, versions with or without "v", HEAD, or the starts of two commits.

    An empty `a` is before the first commit. A version without a tag whose release is open is the head of its branch,
    before the freeze that of develop.

    Raises NotFound (with `name`) for what the remote does not have, IntegrationError when git cannot be read.
    """
    remote = await ctx.repository.look()
    base, head = await _sha(ctx, remote, a) if a else "", await _sha(ctx, remote, b)
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        product = await products.load(conn, ctx.product)
    old = {sha: v for sha, v in shipped_lines(product).items() if sha not in (base, head)}
    newer = Version.maybe(b)
    older = {sha: v for sha, v in old.items() if newer is None or Version.parse(v) < newer}
    found = await read(ctx, base, head, policy.notes.rules(""), older)
    return Diff(
        a,
        b,
        base,
        head,
        found.draft,
        compose(found.draft, {}, released=True),
        tuple(found.commits[:MOST_COMMITS]),
        len(found.commits),
    )


async def _sha(ctx: Context, remote: RemoteState, name: str) -> str:
    """The commit of a tag, a version, a branch, the remote's HEAD or the start of a commit."""
    if name == "HEAD":
        return await ctx.repository.head()
    version = Version.maybe(name)
    for known in filter(None, (remote.tags.get(version.tag) if version else "", remote.tags.get(name),
                               remote.heads.get(name))):  # fmt: skip
        return known
    if version is not None and (known := await _open(ctx, remote, version)):
        return known
    found = await ctx.repository.find(name) if name.isalnum() and len(name) >= 7 else ()
    if len(found) != 1:
        raise NotFound(f"the remote has no {name}", name=name)
    return found[0].sha


async def _open(ctx: Context, remote: RemoteState, version: Version) -> str:
    """Where the content of an open release of this number stands now, or ""."""
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.find(conn, ctx.product, str(version))
        if release is None or not release.is_open:
            return ""
        policy = await ctx.pinned_policy(conn, release.policy_hash)
    return remote.heads.get(release.branch if release.on_branch else policy.product.trunk, "")
