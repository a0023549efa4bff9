"""The model beside the bot: what must stand after a storm of clicks, whatever the order was in which they arrived."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from core.store import tables as t
from tests.clicks.stage import BOTH, SMALL, Cast, Waiting
from tests.clicks.storm import Click, opened, uses
from tests.torture.outcome import check_sound, said_twice
from tests.torture.world import World

PATIENCE = 3.0  # seconds that Slack waits
VERDICTS = {"approved": "approve", "rejected": "reject", "withdrawn": ""}
Story = dict[tuple[int, str], list[str]]  # (release, person) -> the moments of the thread, in order


def check_answers(world: World, clicks: Sequence[Click]) -> None:
    """Every request had its 200 in time, and every click something that its person sees."""
    slow = [d for c in clicks for d in c.deliveries if d.status != 200 or d.seconds >= PATIENCE or d.error]
    assert not slow, f"{len(slow)} not answered in time: {[(d.what, d.user, d.status, d.error) for d in slow[:5]]}"
    silent = [c for c in clicks if c.silent or not _seen(world, c)]
    assert not silent, f"{len(silent)} clicks without an answer: {[(c.kind, c.person) for c in silent[:5]]}"
    late = [c for c in clicks if c.seen_after >= PATIENCE]
    assert not late, f"{len(late)} saw their answer too late: {sorted(c.seen_after for c in late)[-5:]}"
    assert world.slack.answers.troubles == []


def _seen(world: World, click: Click) -> bool:
    first, *form = click.deliveries
    return bool(form) or opened(world, first) or uses(world, first) > 0


async def check_decisions(world: World, releases: Sequence[Waiting], cast: Cast = SMALL) -> None:
    """One standing row for each seat and person, one line in the thread for each decision, one run on staging."""
    standing = await _standing(world)
    twice = [key for key, verdicts in standing.items() if len(verdicts) > 1]
    assert not twice, f"{len(twice)} decisions stand twice: {twice[:5]}"
    story = await _story(world)
    again = [(key, moments) for key, moments in story.items() if _said_again(moments)]
    assert not again, f"{len(again)} decisions were told twice: {again[:3]}"
    for release in releases:
        _check_seats(release, standing, story, cast)
    runs = Counter(row.body["release"] for row in await _outbox(world, "deploy"))
    assert sum(runs.values()) == 1, f"one release goes to staging and keeps it; runs: {dict(runs)}"


def _check_seats(release: Waiting, standing: dict[tuple[str, ...], list[str]], story: Story, cast: Cast) -> None:
    """Those who may have signed once, for this content; nobody else has."""
    mine = {key: verdicts for key, verdicts in standing.items() if key[0] == str(release.id)}
    assert {key[2] for key in mine} == {release.digest}, "something stands for other content"
    seats = {(key[3], key[4]) for key in mine}
    allowed = {(role, person) for person, role in cast.seats}
    if ("devops", BOTH) in seats:  # whichever of her two seats was first; the other is refused from then on
        allowed = (allowed - {("tech_lead", BOTH)}) | {("devops", BOTH)}
    assert seats == allowed
    assert {v for verdicts in mine.values() for v in verdicts} == {"approve"}
    for person, _ in cast.seats:
        moments = story.get((release.id, person), [])
        assert moments[-1] == "approved"
        assert person in cast.wavering or len(moments) == 1, f"{person} only approves, and once: {moments}"
    strangers = {person for (number, person) in story if number == release.id} - {person for person, _ in cast.seats}
    assert not strangers, f"{strangers} may not sign, and the thread names them"


def _said_again(moments: list[str]) -> bool:
    return any(a == b for a, b in itertools.pairwise(moments))


async def check_trail(world: World) -> None:
    """The trail verifies, and replayed by itself it leads to exactly the rows that stand."""
    await check_sound(world)
    a, body = t.audit, t.audit_body
    rows = await world.rows(
        select(a.c.chain, a.c.verb, body.c.body)
        .join(body, (body.c.chain == a.c.chain) & (body.c.seq == a.c.seq))
        .order_by(a.c.chain, a.c.seq)
    )
    replayed: dict[tuple[str, ...], str] = {}
    for row in rows:
        release, entry = row.chain.removeprefix("release:"), json.loads(row.body)
        for gate, subject, role, person, _ in entry.get("withdrawn", ()):
            del replayed[release, gate, subject, role, person]
        for gate, subject, role, person, verdict in entry.get("signed", ()):
            key = (release, gate, subject, role, person)
            assert key not in replayed, f"{row.verb}: {key} was signed while it stood"
            replayed[key] = verdict
    approvals = {key: [verdict] for key, verdict in replayed.items() if key[1] == "approval"}
    assert approvals == await _standing(world)


async def check_messages(world: World) -> None:
    assert said_twice(world) == []
    assert await world.open_rows() == []


async def _standing(world: World) -> dict[tuple[str, ...], list[str]]:
    d = t.decision
    found: dict[tuple[str, ...], list[str]] = {}
    standing = select(d.c.release_id, d.c.gate, d.c.subject, d.c.role, d.c.person, d.c.verdict)
    for row in await world.rows(standing.where(d.c.withdrawn_at.is_(None), d.c.gate == "approval")):
        found.setdefault((str(row[0]), *row[1:5]), []).append(row.verdict)
    return found


async def _story(world: World) -> Story:
    found: Story = {}
    for row in await _outbox(world, "slack.post"):
        if row.body["place"] == "thread" and row.body["moment"] in VERDICTS:
            found.setdefault((row.body["release"], row.body["data"]["actor"]), []).append(row.body["moment"])
    return found


async def _outbox(world: World, kind: str) -> list[Any]:
    o = t.outbox
    return await world.rows(select(o.c.id, o.c.body).where(o.c.kind == kind).order_by(o.c.id))
