"""Take in what machines report for a commit: read it, keep it once, tell every open release that has the commit."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from core.domain.evidence.limits import LARGEST_BODY, Unreadable, address, tidy
from core.domain.evidence.model import KINDS, LONGEST_NAME, Evidence, Reading
from core.domain.evidence.reading import Thresholds, read
from core.domain.release import Release
from core.domain.secrets import redact
from core.errors import Blocker, Refused
from core.store import evidence, releases
from core.store.products import product_chain
from core.store.records import encode
from core.store.unit_of_work import Unit, release_chain
from core.usecases.advance import Report, advance
from core.usecases.context import Context

KEPT_DAYS = 30  # what no release ever had is kept so long: a candidate may be cut of the commit meanwhile
MOST_RESULTS = 500  # of one commit
SMALL = 64 * 1024  # bytes that are read at once; more is read beside the event loop
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Posted:
    """What was sent: for which commit, of which kind, by whom. `by` is a Slack id when a person brings it."""

    sha: str
    kind: str
    source: str
    body: bytes = field(repr=False)
    name: str = ""
    url: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it: `new` is False for the same thing twice; `releases` are the versions that have the commit,
    `replaced` the candidate that had it before a newer one was cut."""

    kind: str
    verdict: Literal["passed", "failed"]
    new: bool
    numbers: dict[str, float] = field(default_factory=dict)
    failing: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    replaced: str = ""

    @property
    def json(self) -> dict[str, Any]:
        return dict(encode(self))


async def take(ctx: Context, posted: Posted) -> Taken:
    """Read and keep what was posted; each open release whose candidate is this commit hears of it in the same unit.

    What is about a commit that no release has is kept, and heard when a candidate is cut of it. Raises Refused for a
    commit or kind that is none, Unreadable for the body, Busy.
    """
    told = checked(posted)
    limits = (await ctx.policy()).evidence.thresholds
    reading = await _read(told, limits)
    chain = product_chain(ctx.product)

    async def work(unit: Unit) -> dict[str, Any]:
        return dict(encode(await _kept(ctx, unit, told, reading)))

    answer = await ctx.store.unit(work, verb="evidence.take", chains=(chain,), interactive=False)
    return Taken(**{**answer, "failing": tuple(answer["failing"]), "releases": tuple(answer["releases"])})


def checked(posted: Posted) -> Posted:
    """What is said beside the body, tidied. Raises Refused with everything that is wrong with it, and Unreadable."""
    wrong = []
    sha = posted.sha.strip().lower()
    if not _COMMIT.fullmatch(sha):
        wrong.append(Blocker("result.commit", {"given": tidy(posted.sha, 80)}))
    if posted.kind not in KINDS:
        wrong.append(Blocker("result.kind", {"given": tidy(posted.kind, 40), "known": list(KINDS)}))
    if wrong:
        raise Refused(wrong, asked="evidence")
    url = address(posted.url) if posted.url else ""
    name = tidy(posted.name, LONGEST_NAME)
    return Posted(sha, posted.kind, posted.source, posted.body, name, url, posted.by)


async def _read(posted: Posted, limits: Thresholds) -> Reading:
    if len(posted.body) > LARGEST_BODY:
        raise Unreadable("large", f"the body is larger than {LARGEST_BODY // 1024 // 1024} MB")
    if len(posted.body) <= SMALL:
        return read(posted.body, posted.kind, limits)
    return await asyncio.to_thread(read, posted.body, posted.kind, limits)


async def _kept(ctx: Context, unit: Unit, posted: Posted, reading: Reading) -> Taken:
    """The unit holds the product's chain, as each unit that cuts a candidate does: neither misses the other."""
    now = ctx.clock.now()
    await evidence.forget(unit, ctx.product, now - timedelta(days=KEPT_DAYS))
    open_ = await releases.open_releases(unit.conn, ctx.product)
    having = [r for r in open_ if r.candidate is not None and r.candidate.sha == posted.sha]
    before = await evidence.of_commit(unit.conn, ctx.product, posted.sha)
    found = _evidence(posted, reading, now)
    told = Taken(
        posted.kind, found.verdict, True, found.numbers, found.failing, tuple(r.version for r in having),
        "" if having else _replaced(open_, posted.sha),
    )  # fmt: skip
    newest = _newest(before, found)
    if newest is not None and (newest.digest, newest.verdict) == (found.digest, found.verdict):
        return Taken(told.kind, told.verdict, False, told.numbers, told.failing, told.releases, told.replaced)
    worse = newest is not None and newest.verdict == "passed" and found.verdict == "failed"
    if len(before) >= MOST_RESULTS and not worse:  # what passed must not stand for want of room
        raise Refused([Blocker("result.many", {"most": MOST_RESULTS, "commit": posted.sha[:7]})], asked="evidence")
    number = await evidence.add(unit, ctx.product, found, after=newest.id if newest else 0, matched=bool(having))
    await _tell(ctx, unit, [r.id for r in having], [number])
    return told


async def _tell(ctx: Context, unit: Unit, release_ids: Sequence[int], results: Sequence[int]) -> None:
    if release_ids:
        await unit.lock([release_chain(number) for number in release_ids])
    for number in release_ids:
        await advance(ctx, Report("evidence.taken", number, {"results": list(results)}), unit)


def _evidence(posted: Posted, reading: Reading, now: Any) -> Evidence:
    failing, note = tuple(redact(name)[0] for name in reading.failing), redact(reading.note)[0]
    numbers = {redact(name)[0]: value for name, value in reading.numbers.items()}
    name = redact(posted.name or reading.name)[0]
    head = "\n".join((posted.sha, posted.kind, posted.source, posted.name))
    digest = hashlib.sha256(head.encode() + b"\n\n" + posted.body).hexdigest()
    return Evidence(
        0, posted.sha, posted.kind, posted.source, name, reading.verdict, now, digest,  # type: ignore[arg-type]
        numbers, posted.url or reading.url, posted.by, note, reading.format, failing, reading.builds,
    )  # fmt: skip


def _newest(before: Sequence[Evidence], found: Evidence) -> Evidence | None:
    """The result that this one would replace. The same body again is new when something else came in between."""
    same = (found.kind, found.source, found.name, found.format)
    return next((e for e in reversed(before) if (e.kind, e.source, e.name, e.format) == same), None)


def _replaced(open_: Sequence[Release], sha: str) -> str:
    return next((c.tag for r in open_ for c in r.candidates if c.sha == sha), "")
