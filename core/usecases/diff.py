"""What changed between two versions, under the headings of the notes."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.notes.compose import compose
from core.domain.notes.embargo import Embargo
from core.domain.notes.model import Draft, Edit, Notes
from core.domain.repository import Commit, RemoteState
from core.domain.versions import Version
from core.errors import NotFound
from core.store import products, releases
from core.usecases.context import Context
from core.usecases.drafting import read, shipped_lines

MOST_COMMITS = 200
NOTHING = Embargo()


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
    hidden: int = 0  # commits that are left out here, because they are hidden until released


async def diff(ctx: Context, a: str, b: str, hide: Embargo = NOTHING) -> Diff:
    """Between two tags or branches of the remote, versions with or without "v", HEAD, or the starts of two commits.

    An empty `a` is before the first commit. What is to `hide` is counted, and named nowhere.
    A version without a tag whose release is open is the head of its branch,
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
    hidden = [i for i in found.draft.items if any(hide.hides(c, i.pull) for c in i.commits)]
    commits = {c for i in hidden for c in i.commits}
    shown = [c for c in found.commits if c.sha not in commits and not hide.hides(c.sha, c.pull)]
    return Diff(
        a,
        b,
        base,
        head,
        found.draft,
        compose(found.draft, {i.id: Edit(i.id, embargoed=True) for i in hidden}, released=False),
        tuple(shown[:MOST_COMMITS]),
        len(found.commits),
        len(found.commits) - len(shown),
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
