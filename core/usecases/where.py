"""Where something is: which versions, environments and open releases hold an issue, a pull request or a commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.notes.embargo import Embargo
from core.domain.notes.message import origins, trimmed
from core.domain.repository import Commit
from core.domain.versions import Version
from core.store import environments, releases
from core.usecases.context import Context

MOST_COMMITS = 20
NOTHING = Embargo()


@dataclass(frozen=True, slots=True)
class Where:
    """`found` are commits, newest first; `versions` the released ones that hold all their changes, oldest first.

    `environments` are (name, what runs there) that hold all, `releases` the numbers of open releases whose branch, or
    develop before the freeze, holds all; `partly` are versions that hold only some of the commits. `branches` hold all.
    """

    text: str
    found: tuple[Commit, ...] = ()
    versions: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    environments: tuple[tuple[str, str], ...] = ()
    releases: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()


async def where(ctx: Context, text: str, hide: Embargo = NOTHING) -> Where:
    """Looks in the mirror, fetched when it is older than a minute. Of what is to `hide` no subject is told.

    Raises IntegrationError when git cannot be read.
    """
    remote = await ctx.repository.look()
    found = (await ctx.repository.find(text))[:MOST_COMMITS]
    if not found:
        return Where(text)
    held = [[await ctx.repository.holding(c.sha) for c in group] for group in _same(found)]
    tags = [{t for h in group for t in h.tags} for group in held]
    all_tags, some_tags = set.intersection(*tags), set.union(*tags)
    branches = set.intersection(*({b for h in group for b in h.branches} for group in held))
    async with ctx.store.database.reader.connect() as conn:
        policy = await ctx.active_policy(conn)
        runs = await environments.of_product(conn, ctx.product)
        open_ones = await releases.open_releases(conn, ctx.product)
    develop = policy.product.trunk
    tags_of = {env.name: Version.parse(env.version).tag if env.version else "" for env in runs.values()}
    inside = [e for e in runs.values() if {tags_of[e.name], e.candidate} & all_tags]
    holding = [r for r in open_ones if (r.branch if r.branch in remote.heads else develop) in branches]
    return Where(
        text,
        tuple(replace(c, subject="", body="") if hide.hides(c.sha, c.pull) else c for c in found),
        _finals(all_tags),
        tuple(v for v in _finals(some_tags) if v not in _finals(all_tags)),
        tuple((e.name, e.candidate or e.version) for e in inside),
        tuple(r.version for r in holding),
        tuple(sorted(branches)),
    )


def _same(found: Sequence[Commit]) -> list[list[Commit]]:
    """The commits by change: a cherry-pick stands for what it was picked from."""
    groups: dict[str, list[Commit]] = {}
    root: dict[str, str] = {}
    for commit in reversed(found):  # oldest first, so that an origin is met before its picks
        first = next((root[o] for o in origins(trimmed(commit.body)) if o in root), commit.sha)
        root[commit.sha] = first
        groups.setdefault(first, []).append(commit)
    return list(groups.values())


def _finals(tags: set[str]) -> tuple[str, ...]:
    """The released versions among tags, oldest first."""
    found = [v for t in tags if (v := Version.maybe(t)) and not v.rc]
    return tuple(str(v) for v in sorted(found))
