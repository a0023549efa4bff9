"""Notes and CHANGELOG as text, for a terminal or the message of a tag; reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from core.domain.changelog import insert
from core.domain.moves.noting import dated_on
from core.domain.notes.markdown import changelog_section, markdown
from core.domain.notes.model import Heading, Notes
from core.domain.policy import Policy
from core.domain.release import ReleaseType
from core.domain.versions import Version, proposed, released
from core.errors import NotFound
from core.store import releases
from core.usecases.context import Context
from core.usecases.diff import diff
from core.usecases.notes import standing

HEAD = "HEAD"


@dataclass(frozen=True, slots=True)
class Written:
    """Notes with what their heading needs; `at` is the commit that they describe, `day` local to the policy's zone."""

    title: str
    notes: Notes
    policy: Policy
    day: date
    at: str

    def markdown(self, limit: int | None = None) -> str:
        """The text for the forge or a tag; all of it unless `limit` characters are given."""
        return markdown(self.notes, self.title, self.day, self.policy.all_links, limit)

    def section(self) -> str:
        """The section of the CHANGELOG."""
        return changelog_section(self.notes, self.title, self.day, self.policy.all_links)


async def of_range(ctx: Context, span: str) -> Written:
    """The notes of `A..B`; without A from the newest released tag, without B to the remote's HEAD.

    Where B is no version, the heading bears the next number that what is in the range asks for.

    Raises NotFound for what the remote does not have.
    """
    base, dots, head = span.partition("..")
    head = head.removeprefix(".") if dots else ""
    tags = released((await ctx.repository.look(0.0)).tags)
    if not base:
        base = tags[max(tags)] if tags else ""
    found = await diff(ctx, base, head or HEAD)
    return await _dated(ctx, str(Version.maybe(head) or _next(base, found.notes, tags)), found.notes, found.head_sha)


async def of_version(ctx: Context, number: Version) -> Written:
    """The final draft of a release, with what people wrote; of a version without one, what main has beyond the tag
    before it (or beyond the one before that, when the version is tagged)."""
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.find(conn, ctx.product, str(number.final))
    written = await of_release(ctx, release.id) if release is not None else None
    if written is not None:
        return written
    policy = await ctx.policy()
    remote = await ctx.repository.look(0.0)
    tags = released(remote.tags)
    before = max((v for v in tags if v < number), default=None)
    end = tags.get(number) or policy.product.main
    between = await diff(ctx, tags[before] if before else "", end)
    return await _dated(ctx, str(number.final), between.notes, between.head_sha)


async def must_exist(ctx: Context, number: Version) -> None:
    """Raise NotFound for a number that is not tagged, that no release has, and that is not the next of any kind."""
    async with ctx.store.database.reader.connect() as conn:
        if await releases.find(conn, ctx.product, str(number.final)) is not None:
            return
    out = released((await ctx.repository.look(0.0)).tags)
    if number.final in out:
        return
    newest = max(out, default=Version(0, 0, 0))
    bases = {newest, max((v for v in out if v < number), default=newest)}
    if number.final not in {proposed(kind, base, out) for kind in ReleaseType for base in bases}:
        following = ", ".join(str(proposed(kind, newest, out)) for kind in ReleaseType)
        raise NotFound(
            f"there is no such version: {number} is neither tagged nor open, and the next is one of {following}",
            name=str(number),
        )


async def of_release(ctx: Context, release_id: int) -> Written | None:
    """The notes of a release by the policy that it was started under; None before its range was read."""
    found = await standing(ctx, release_id)
    if found is None:
        return None
    async with ctx.store.database.reader.connect() as conn:
        release = await releases.load(conn, release_id)
        policy = await ctx.pinned_policy(conn, release.policy_hash)
    day = dated_on(release, policy, ctx.clock.now())
    return Written(release.version, found.notes, policy, day, found.draft.head)


async def changelog(ctx: Context, number: Version) -> str:
    """The whole CHANGELOG as it is or will be with this version's section in it.

    Raises NotFound when the policy says that the product has none.
    """
    written = await of_version(ctx, number)
    path = written.policy.notes.changelog
    if not path:
        raise NotFound("the policy names no CHANGELOG: write [notes] changelog = \"CHANGELOG.md\" in it")
    there = (await ctx.repository.files(written.at, [path]))[path]
    return insert(there or "", str(number.final), written.section())


def _next(base: str, notes: Notes, tags: Iterable[Version]) -> Version:
    """Breaking asks for a major, a new feature for a minor, anything else for a patch."""
    lines = [line for lines in notes.sections.values() for line in lines]
    kind = "major" if any(line.breaking for line in lines) else "minor" if notes.lines(Heading.FEATURES) else "patch"
    return proposed(kind, Version.maybe(base) or Version(0, 0, 0), tags)


async def _dated(ctx: Context, title: str, notes: Notes, at: str) -> Written:
    policy = await ctx.policy()
    return Written(title, notes, policy, ctx.clock.now().astimezone(ZoneInfo(policy.zone)).date(), at)
