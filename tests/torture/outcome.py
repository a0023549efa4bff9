"""What came of a play, in a form in which two plays can be compared: messages, refs, decisions, trail."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.store import flag_tables as ft
from core.store import tables as t
from core.store.audit import verify
from sandbox.workspace import seed
from sandbox.workspace.plain import Reader
from sandbox.workspace.records import Message
from tests.torture.world import World

RECORD = re.compile(r"\b[0-9a-f]{4} [0-9a-f]{4}\b")  # the head of the trail: its entries are salted
# A process that was started a moment ago has not looked at the remote yet: then it proposes without saying from what.
STARTED = re.compile(r"( started v[\d.]+) from [^\n]*")
# Of two processes, one may do what a jump set off before it has heard of it: its entry has the time before.
BY_ITSELF = re.compile(r"(by itself, )\w{3} \d{1,2}, \d{4} at \d\d:\d\d")
# Each process looks at the remote when it starts and once a minute. Whether it sees develop before the release's own
# first reading is chance; then the scope is read twice, with the same result.
BY_THE_CLOCK = frozenset({"heads.seen", "scope.read", "environment.put"})
DECIDED = ("kind", "owner", "archived_at", "since", "kept", "ends", "winner", "result")  # of a flag
ACTED = ("id", "text", "owner", "due", "from_release", "state", "on_version", "came", "kept", "ended_by", "why")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`said`: place -> what the bot said there, in order; a thread is a place of its own."""

    said: dict[str, list[str]]
    refs: dict[str, str]
    decisions: list[tuple[str, ...]]
    trail: dict[str, list[tuple[str, str]]]
    environments: list[tuple[str, ...]]
    effects: dict[str, int]
    flags: list[tuple[str, ...]]
    actions: list[tuple[str, ...]]


async def outcome_of(world: World) -> Outcome:
    """Releases are named by their version: a number that a killed unit has used up never comes again."""
    d, env = t.decision, t.environment
    named = await _names(world)
    decisions = await world.rows(
        select(d.c.gate, d.c.subject, d.c.role, d.c.person, d.c.verdict, d.c.withdrawn_why).order_by(d.c.id)
    )
    columns = select(env.c.name, env.c.version, env.c.sha, env.c.candidate, env.c.previous)
    environments = await world.rows(columns.where(env.c.candidate != "develop"))  # those follow it every ten minutes
    done = await world.rows(select(t.outbox.c.kind, t.outbox.c.state))
    return Outcome(
        said=said(world),
        refs=refs(world),
        decisions=sorted(tuple(named.get(str(part), str(part)) for part in row) for row in decisions),
        trail={named.get(chain, chain): entries for chain, entries in (await trail(world)).items()},
        environments=sorted(tuple(map(str, row)) for row in environments),
        effects=dict(Counter(f"{row.kind} {row.state}" for row in done if row.kind not in BY_THE_CLOCK)),
        flags=await flags(world),
        actions=await actions(world),
    )


async def flags(world: World) -> list[tuple[str, ...]]:
    """Whom each flag is on for where, what was decided about it, and what waits for somebody or an hour."""
    f, s, w = ft.flag, ft.flag_setting, ft.flag_waiting
    found = [(row.name, *(str(row.record[part]) for part in DECIDED)) for row in await world.rows(select(f))]
    settings = select(f.c.name, s.c.environment, s.c.record, s.c.by).join(s, s.c.key == f.c.key)
    waiting = select(f.c.name, w.c.environment, w.c.kind, w.c.open).join(w, w.c.key == f.c.key)
    rows = [*await world.rows(settings), *await world.rows(waiting)]
    return sorted([*found, *(tuple(map(str, row)) for row in rows)])


async def actions(world: World) -> list[tuple[str, ...]]:
    """Whose action items there are, and what became of each."""
    records = [row.record for row in await world.rows(select(t.product.c.record))]
    return sorted(tuple(str(one[part]) for part in ACTED) for record in records for one in record["actions"])


async def trail(world: World) -> dict[str, list[tuple[str, str]]]:
    """Chain -> its (actor, verb) pairs; sorted, because reports of two effects under way may come in either order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in await world.rows(select(t.audit.c.chain, t.audit.c.actor, t.audit.c.verb)):
        if row.verb not in BY_THE_CLOCK:
            found.setdefault(row.chain, []).append((row.actor, row.verb))
    return {chain: sorted(entries) for chain, entries in sorted(found.items())}


async def _names(world: World) -> dict[str, str]:
    return {f"release:{r.id}": f"v{r.version}" for r in await world.rows(select(t.release.c.id, t.release.c.version))}


def refs(world: World) -> dict[str, str]:
    """What each ref holds; of a tag with a message its words, because they name the record."""
    git = world.product.git
    kinds = git("for-each-ref", "--format=%(refname) %(objecttype)").splitlines()
    spoken = {ref for ref, _, kind in (line.partition(" ") for line in kinds) if kind == "tag"}
    return {
        ref: RECORD.sub("<record>", git("cat-file", "tag", sha)) if ref in spoken else sha
        for ref, sha in world.product.refs().items()
    }


def posted(world: World) -> list[Message]:
    """Every lasting message of the bot."""
    every = (m for messages in world.slack.state.messages.values() for m in messages)
    return [m for m in every if m.user == seed.BOT_USER and not m.only_for and not m.subtype]


def said(world: World) -> dict[str, list[str]]:
    reader = Reader(world.slack.state, "Etc/UTC")
    found: dict[str, list[str]] = {}
    for message in sorted(posted(world), key=lambda m: m.ts):
        place = world.slack.state.channels[message.channel].name
        words = RECORD.sub("<record>", f"{message.text}\n{reader.message(message)}")
        words = BY_ITSELF.sub(r"\1", STARTED.sub(r"\1", words))
        found.setdefault(f"{place} thread" if message.is_reply else place, []).append(words)
    return found


def said_twice(world: World) -> list[str]:
    """Effects that stand in Slack more than once, by the key that each message carries."""
    keys = [m.metadata["event_payload"]["key"] for m in posted(world) if m.metadata]
    texts = {m.metadata["event_payload"]["key"]: m.text for m in posted(world) if m.metadata}
    return [f"{count} x {texts[key]!r}" for key, count in Counter(keys).items() if count > 1]


async def check_sound(world: World) -> None:
    """What must hold after any play, whatever happened in it."""
    twice = said_twice(world)
    assert not twice, f"posted twice: {twice}"
    left = await world.open_rows()
    assert not left, f"not delivered: {left}"
    report = await verify(world.database)
    assert not report.faults, f"the trail does not verify: {report.faults}"


def differences(one: Outcome, other: Outcome) -> dict[str, Any]:
    """What is not the same, by its name; empty when the plays came to the same end."""
    return {
        name: _first_difference(getattr(one, name), getattr(other, name))
        for name in Outcome.__dataclass_fields__
        if getattr(one, name) != getattr(other, name)
    }


def _first_difference(a: Any, b: Any) -> Any:
    if isinstance(a, dict) and isinstance(b, dict):
        return {k: _first_difference(a.get(k), b.get(k)) for k in {*a, *b} if a.get(k) != b.get(k)}
    if isinstance(a, list) and isinstance(b, list):
        only, here = _without(a, b), _without(b, a)
        if not only and not here:
            return {"in another order, first": next((x, y) for x, y in zip(a, b, strict=True) if x != y)}
        return {"only in the quiet play": only, "only here": here}
    return (a, b)


def _without(a: list[Any], b: list[Any]) -> list[Any]:
    left = Counter(map(str, a))
    left.subtract(map(str, b))
    return list(left.elements())
