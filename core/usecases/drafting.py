"""Read a range of the product's history and draft its notes; may take seconds and never runs inside a unit of work."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from core.domain.notes.areas import areas
from core.domain.notes.by_paths import undecided, with_paths
from core.domain.notes.detect import wanted
from core.domain.notes.draft import draft
from core.domain.notes.gaps import as_told_before, with_issues
from core.domain.notes.model import Draft, Gap, NotesRules
from core.domain.notes.refs import matching
from core.domain.release import ProductRecord
from core.domain.repository import Commit, Prepare
from core.domain.versions import Version
from core.store import products, releases
from core.store.records import encode
from core.usecases.asking import Heard, merged, planned
from core.usecases.context import Context
from core.usecases.flag_release import rows_of

MOST_COMMITS = 50_000  # of one range; more are told as a gap
MOST_UNTOLD = 5  # issue keys that are kept to ask a tracker again
MOST_TOUCHED = 2_000  # commits of units that their words do not classify, whose paths are looked at


@dataclass(frozen=True, slots=True)
class Range:
    """What was read: the commits, newest first, their draft, and whether the host of the code could be asked."""

    commits: Sequence[Commit]
    draft: Draft
    alone: bool = False
    heard: Heard = field(default_factory=dict)
    paths: tuple[str, ...] = ()  # of the files that differ, old names too


async def read(
    ctx: Context, base: str, head: str, rules: NotesRules, shipped: Mapping[str, str], *, alone: bool = False,
    milestone: str = "",
) -> Range:  # fmt: skip
    """Commits of `base..head` (SHAs) with difference and pull requests, as a draft.

    `shipped` maps commits of released versions to their numbers. Without a host of the code, or when it cannot be
    asked now, the draft is made of git alone. What was merged for `milestone` is asked about too. Raises
    IntegrationError when git cannot be read.
    """
    found, difference = await asyncio.gather(  # two git processes of their own, so neither need wait
        ctx.repository.read_range(base, head, against=tuple(shipped), limit=MOST_COMMITS),
        ctx.repository.difference(base, head, wanted),
    )
    elsewhere = {sha: shipped.get(line, "") for sha, line in found.within.items()}
    pulls, heard = await merged(ctx, found.commits, milestone) if not alone else ({}, {})
    make = partial(
        draft,
        found.commits,
        shipped=elsewhere,
        pulls=pulls,
        difference=difference,
        rules=rules,
        base=base,
        head=head,
    )
    drafted = await asyncio.to_thread(make)
    issues, told = await planned(ctx, keys_of(drafted)) if not alone else ({}, {})
    drafted, heard = with_issues(drafted, issues), heard | told
    touched = await ctx.repository.touched(undecided(drafted)[:MOST_TOUCHED])
    if not found.whole:
        drafted = replace(drafted, gaps=(*drafted.gaps, Gap("too_long", "", {"count": len(found.commits)})))
    drafted = replace(with_paths(drafted, touched, rules), files=len(difference.files))
    paths = tuple(path for f in difference.files for path in (f.path, f.old_path) if path)
    return Range(found.commits, drafted, bool(heard.get("host")), heard, paths)


async def _with_areas(ctx: Context, found: Range, patterns: Mapping[str, Sequence[str]]) -> Draft:
    """The draft with the areas of the policy that it touches, and by which changes where there are not too many."""
    here = areas(patterns, found.paths)
    commits = [sha for item in found.draft.items for sha in item.commits]
    if not here or len(commits) > MOST_TOUCHED:  # half of the changes would look like all of them
        return replace(found.draft, areas=here)
    touched = await ctx.repository.touched(commits)
    wanted = {area.name: patterns[area.name] for area in here}
    return replace(found.draft, areas=areas(wanted, found.paths, found.draft.items, touched))


def keys_of(drafted: Draft) -> list[str]:
    """The issue keys of a draft, each once."""
    return list(dict.fromkeys(key for item in drafted.items for key in item.keys))


def shipped_lines(product: ProductRecord, but: str = "") -> dict[str, str]:
    """Commit -> number of each version that is out and was not taken back, oldest first."""
    out = {v: sha for v, sha in product.shipped.items() if sha and v not in product.burnt and v != but}
    return {out[v]: v for v in sorted(out, key=lambda v: Version.parse(v))}


async def scope(ctx: Context, release_id: int, asked: Mapping[str, Any]) -> tuple[dict[str, Any], Draft] | None:
    """What is in a release, from the remote: the body of `scope.read`, and the draft to be stored with it.

    None when the branch is not there. What came after `frozen` is late; files at the head that do not name the
    version are told.
    """
    remote = await ctx.repository.look(max_age=0.0)
    head, base = remote.heads.get(str(asked["branch"]), ""), str(asked["base"])
    if not head:
        return None
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, release_id)
        policy = await ctx.pinned_policy(conn, release.policy_hash)
        product = await products.load(conn, ctx.product)
        before = await ctx.draft(conn, release_id)
    lines = shipped_lines(product, but=release.version)
    found = await read(ctx, base, head, policy.notes.rules(release.type.value), lines, milestone=release.tag)
    away = bool(found.heard.get("tracker"))
    found = replace(found, draft=as_told_before(found.draft, before)) if away and before else found
    frozen = str(asked.get("frozen") or "")
    late = await ctx.repository.changes(frozen, head) if frozen and asked["branch"] == release.branch else ()
    files = Prepare(release.version, policy.notes.files)
    faults = await ctx.repository.prepared(head, files) if release.candidate and files.version_files else ()
    body = {
        "branch": asked["branch"],
        "head": head,
        "changes": await asyncio.to_thread(lambda: [encode(commit) for commit in found.commits]),
        "late": [commit.sha for commit in late],
        "files": [encode(fault) for fault in faults],
        "alone": found.alone,
        **found.heard,
        "flags": await rows_of(ctx, release_id, base, head),
        "untold": keys_of(found.draft)[:MOST_UNTOLD] if away else [],
    }
    return body, await _with_areas(ctx, found, policy.risk.areas)


async def find(ctx: Context, release_id: int, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be picked, taken back or carried, as the remote has it now: the body of `git.found`.

    `found` maps each reference that develop has to title and commits; `order` are all of develop's, newest first.
    """
    remote = await ctx.repository.look(max_age=0.0)
    head, develop = remote.heads.get(str(asked["branch"]), ""), remote.heads.get(str(asked["develop"]), "")
    body: dict[str, Any] = {
        **{name: asked[name] for name in ("purpose", "attempt", "develop")},
        "head": head,
        "develop_head": develop,
        "found": {},
        "order": [],
    }
    if asked["purpose"] == "carry":
        body["contained"] = not head or not develop or await ctx.repository.contains(head, develop)
    elif asked["refs"] and develop:
        async with ctx.store.database.reader.connect() as conn:
            release = await releases.load(conn, release_id)
            policy = await ctx.pinned_policy(conn, release.policy_hash)
        commits = (await ctx.repository.read_range(str(asked["base"]), develop)).commits
        made = partial(
            draft, commits, shipped={}, pulls={}, difference=None, rules=policy.notes.rules(release.type.value),
            base=str(asked["base"]), head=develop,
        )  # fmt: skip
        items = (await asyncio.to_thread(made)).items
        body["order"] = [commit.sha for commit in commits]
        for ref in map(str, asked["refs"]):
            mine = matching(items, ref)
            if mine:
                body["found"][ref] = {"title": mine[0].title, "commits": [c for i in mine for c in i.commits]}
    return body
