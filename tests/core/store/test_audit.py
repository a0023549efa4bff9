"""The trail tells of everything that was done to it, up to the last anchor that was published."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy import text as text_of

from core.store import anchors, audit
from core.store import tables as t
from core.store.anchors import Anchor
from core.store.engines import Database
from core.store.unit import body_digest, entry_hash
from core.store.unit_of_work import Store, Unit
from tests.core.store.conftest import AT

CHAINS = ("release:1", "release:2", "train:main")


async def write(store: Store, chain: str, *verbs: str) -> None:
    async def work(unit: Unit) -> Any:
        for verb in verbs:
            await unit.audit(chain, "U1", verb, "p1", {"verb": verb}, AT)

    await store.unit(work, verb="write", chains=[chain])


async def anchor(store: Store, minutes: int = 0) -> Anchor | None:
    async def work(unit: Unit) -> Anchor | None:
        return await anchors.make(unit, AT + timedelta(minutes=minutes))

    made: Anchor | None = await store.unit(work, verb="anchor")
    return made


@pytest.fixture
async def trail(store: Store) -> Anchor:
    """Three chains, two of them anchored twice; returns the anchor that was published."""
    for chain in CHAINS:
        await write(store, chain, "start", "approve", "go")
    await anchor(store)
    await write(store, "release:1", "deployed", "close")
    await write(store, "release:2", "hold")
    made = await anchor(store, 1)
    assert made is not None
    return made


async def faults(database: Database, *published: str, piece: int = audit.PIECE) -> list[tuple[str, int, str]]:
    report = await audit.verify(database, published, piece=piece)
    return [(fault.chain, fault.seq, fault.what) for fault in report.faults]


async def tamper(database: Database, *statements: Any) -> None:
    async with database.writing() as connection:
        for statement in statements:
            await connection.execute(statement)


def entry(chain: str, seq: int) -> Any:
    return (t.audit.c.chain == chain) & (t.audit.c.seq == seq)


def body(chain: str, seq: int) -> Any:
    return (t.audit_body.c.chain == chain) & (t.audit_body.c.seq == seq)


async def test_a_whole_trail_is_sound_in_pieces_of_any_size(database: Database, trail: Anchor) -> None:
    for piece in (1, 2, 3, 12, 10_000):
        report = await audit.verify(database, [trail.short], piece=piece)
        assert (report.faults, report.entries, report.chains, report.anchors) == ([], 12, 3, 2)


async def test_each_changed_field_of_each_entry_is_found(database: Database, trail: Anchor) -> None:
    for table, seq in itertools.product((t.audit, t.audit_body), range(1, 6)):
        row = entry("release:1", seq) if table is t.audit else body("release:1", seq)
        async with database.reader.connect() as connection:
            before = dict((await connection.execute(select(table).where(row))).one()._mapping)
        for name, was in before.items():
            now = was + 90 if name == "seq" else was + "0"
            moved = {"chain": before["chain"], "seq": before["seq"], name: now}
            there = (table.c.chain == moved["chain"]) & (table.c.seq == moved["seq"])
            await tamper(database, update(table).where(row).values({name: now}))
            assert "release:1" in [chain for chain, _, _ in await faults(database)], (table.name, name, seq)
            await tamper(database, update(table).where(there).values({name: was}))
    assert await faults(database) == []


async def test_what_cannot_even_be_read_is_found(store: Store, database: Database, trail: Anchor) -> None:
    """One byte of a file is changed, and what was text is none any more; or the words about what has expired are."""

    async def expire(unit: Unit) -> None:
        gone = await audit.erase(unit, "release:1")
        await unit.audit(audit.RETENTION, "release-bot", audit.ERASED, "p1", gone, AT)

    await store.unit(expire, verb="expire", chains=[audit.RETENTION, "release:1"])
    kinds = ["{", "{}", "[]", "null"]
    for text in kinds:
        await tamper(database, update(t.audit_body).where(body(audit.RETENTION, 1)).values(body=text))
        assert not (await audit.verify(database)).sound, text
    if database.reader.dialect.name == "sqlite":
        for change in ("actor = cast(x'ff' as text)", "seq = 'one'", "at = x'00'"):
            await tamper(database, text_of(f"update audit set {change} where chain = 'train:main' and seq = 1"))
            assert not (await audit.verify(database)).sound, change


async def test_so_few_digits_that_they_fit_by_chance_are_no_published_anchor(database: Database, trail: Anchor) -> None:
    for short in ("", trail.hash[:4]):
        assert await faults(database, short) == [("", 0, f"the published anchor {short} is not in this store")]


async def test_a_changed_body_is_found(database: Database, trail: Anchor) -> None:
    await tamper(database, update(t.audit_body).where(body("release:1", 2)).values(salt="other"))
    await tamper(database, update(t.audit_body).where(body("release:1", 3)).values(body="{}"))
    assert await faults(database) == [("release:1", seq, "the body was changed") for seq in (2, 3)]


async def test_bodies_that_expired_leave_a_chain_that_verifies(store: Store, database: Database, trail: Anchor) -> None:
    async def expire(unit: Unit) -> None:
        gone = await audit.erase(unit, "release:1")
        await unit.audit(audit.RETENTION, "release-bot", audit.ERASED, "p1", gone, AT)

    await store.unit(expire, verb="expire", chains=[audit.RETENTION, "release:1"])
    report = await audit.verify(database, [trail.short])
    assert (report.faults, report.expired) == ([], 5)
    await write(store, "release:1", "looked at")
    assert await faults(database) == []
    await tamper(database, delete(t.audit_body).where(body("release:1", 6)))
    assert await faults(database) == [("release:1", 6, "the body is missing")], "it came after what has expired"
    await tamper(database, delete(t.audit_body).where(t.audit_body.c.chain == "train:main"))
    assert ("train:main", 1, "the body is missing") in await faults(database), "nobody has told of that"


async def test_a_missing_body_is_found(database: Database, trail: Anchor) -> None:
    await tamper(database, delete(t.audit_body).where(body("release:1", 2)))
    assert await faults(database) == [("release:1", 2, "the body is missing")]


async def test_a_removed_entry_is_found(database: Database, trail: Anchor) -> None:
    await tamper(database, delete(t.audit).where(entry("release:1", 2)))
    assert ("release:1", 3, "entries 2 to 2 are missing") in await faults(database)


async def test_two_swapped_entries_are_found(database: Database, trail: Anchor) -> None:
    await tamper(
        database,
        update(t.audit).where(entry("release:1", 2)).values(seq=99),
        update(t.audit).where(entry("release:1", 3)).values(seq=2),
        update(t.audit).where(entry("release:1", 99)).values(seq=3),
    )
    assert {seq for _, seq, _ in await faults(database)} >= {2, 3}


async def test_a_cut_tail_is_found(database: Database, trail: Anchor) -> None:
    await tamper(database, delete(t.audit).where(entry("release:1", 5)))
    assert await faults(database) == [("release:1", 5, "entries after 4 are missing")]


async def test_a_tail_cut_with_its_head_is_found_by_the_anchor(database: Database, trail: Anchor) -> None:
    async with database.reader.connect() as connection:
        fourth = (await connection.execute(select(t.audit).where(entry("release:1", 4)))).one()
    await tamper(
        database,
        delete(t.audit).where(entry("release:1", 5)),
        update(t.chain).where(t.chain.c.name == "release:1").values(seq=4, hash=fourth.hash, at=fourth.at),
    )
    assert await faults(database) == [("release:1", 5, "entries after 4 are missing")]


async def test_a_removed_chain_is_found(database: Database, trail: Anchor) -> None:
    await tamper(database, delete(t.audit).where(t.audit.c.chain == "train:main"))
    assert await faults(database) == [("train:main", 0, "the chain was removed")]
    await tamper(database, delete(t.chain).where(t.chain.c.name == "train:main"))
    assert await faults(database) == [("train:main", 0, "the chain was removed")]


async def test_a_history_written_anew_is_found_by_the_anchor(database: Database, trail: Anchor) -> None:
    """Somebody who knows the code makes a chain that verifies by itself."""
    async with database.reader.connect() as connection:
        rows = (await connection.execute(select(t.audit).where(t.audit.c.chain == "release:1"))).all()
    link, changed = "", []
    for row in sorted(rows, key=lambda row: row.seq):
        fields = ("release:1", row.seq, row.at, "U666", row.verb, row.policy, body_digest("", "{}"))
        link = entry_hash(link, fields)
        values = {"actor": "U666", "body_digest": body_digest("", "{}"), "hash": link}
        changed.append(update(t.audit).where(entry("release:1", row.seq)).values(values))
        changed.append(update(t.audit_body).where(body("release:1", row.seq)).values(salt="", body="{}"))
    head = update(t.chain).where(t.chain.c.name == "release:1").values(hash=link)
    await tamper(database, *changed, head)
    assert [(chain, seq) for chain, seq, _ in await faults(database)] == [("release:1", 3), ("release:1", 5)]


async def test_changed_anchors_are_found(database: Database, trail: Anchor) -> None:
    leaf = t.audit_anchor_leaf
    first = t.audit_anchor.c.seq == 1
    for statement in (
        update(t.audit_anchor).where(first).values(root="0" * 64),
        update(t.audit_anchor).where(first).values(at="2026"),
        update(t.audit_anchor).where(first).values(count=7),
        update(leaf).where(leaf.c.chain == "train:main").values(chain_hash="0" * 64),
        delete(leaf).where(leaf.c.chain == "train:main"),
    ):
        async with database.writing() as connection:
            kept = [
                (table, [dict(row._mapping) for row in await connection.execute(select(table))])
                for table in (t.audit_anchor, leaf)
            ]
            await connection.execute(statement)
        assert await faults(database)
        again = [insert(table).values(rows) for table, rows in kept]
        await tamper(database, delete(leaf), delete(t.audit_anchor), *again)
        assert await faults(database) == []


async def test_an_anchor_published_and_lost_is_named(database: Database, trail: Anchor) -> None:
    assert await faults(database, trail.short, trail.hash) == []
    leaf = t.audit_anchor_leaf
    last = delete(t.audit_anchor).where(t.audit_anchor.c.seq == 2)
    await tamper(database, delete(leaf).where(leaf.c.anchor_seq == 2), last)
    assert await faults(database, trail.short) == [
        ("", 0, f"the published anchor {trail.short} is not in this store")
    ]


async def test_a_forged_first_entry_of_an_unknown_chain_is_found(database: Database, trail: Anchor) -> None:
    fields = ("release:9", 1, "2026-11-25T15:00:00.000000Z", "U1", "go", "p1", body_digest("s", "{}"))
    names = ("chain", "seq", "at", "actor", "verb", "policy", "body_digest")
    await tamper(
        database,
        insert(t.audit).values(dict(zip(names, fields, strict=True)) | {"hash": entry_hash("", fields)}),
        insert(t.audit_body).values(chain="release:9", seq=1, salt="s", body="{}"),
    )
    assert await faults(database) == [("release:9", 0, "the chain has no head")]


async def test_an_anchor_holds_what_grew_and_only_that(store: Store, database: Database, trail: Anchor) -> None:
    assert (trail.seq, trail.count) == (2, 2)
    assert await anchor(store, 2) is None
    async with database.reader.connect() as connection:
        assert await anchors.newest(connection) == trail


async def test_an_anchor_holds_the_entries_of_its_own_unit(store: Store, database: Database, trail: Anchor) -> None:
    async def goes(unit: Unit) -> Any:
        await unit.audit("release:1", "U1", "go", "p1", {}, AT)
        return (await anchors.make(unit, AT)).hash  # type: ignore[union-attr]

    made = await store.unit(goes, verb="go", chains=["release:1"])
    await tamper(database, delete(t.audit).where(entry("release:1", 6)))
    assert ("release:1", 6, "entries after 5 are missing") in await faults(database, made)


async def test_two_makers_at_once_make_two_anchors_or_one(store: Store, database_url: str) -> None:
    other = Store(Database.open(database_url), "process-2")
    for chain in CHAINS:
        await write(store, chain, "start")

    async def goes(which: Store, chain: str) -> Any:
        async def work(unit: Unit) -> Any:
            await unit.audit(chain, "U1", "go", "p1", {}, AT)
            made = await anchors.make(unit, AT)
            return made and made.seq

        return await which.unit(work, verb="go", chains=[chain])

    numbers = await asyncio.gather(goes(store, "release:1"), goes(other, "release:2"))
    await other.database.close()
    assert sorted(numbers) == [1, 2]
    assert await faults(store.database) == []


async def test_two_appenders_at_once_keep_one_chain(store: Store, database_url: str) -> None:
    other = Store(Database.open(database_url), "process-2")
    await asyncio.gather(*(write(one, "release:1", "approve") for _ in range(10) for one in (store, other)))
    await other.database.close()
    report = await audit.verify(store.database)
    assert (report.entries, report.faults) == (20, [])


async def test_one_chain_is_verified_by_itself(database: Database, trail: Anchor) -> None:
    report = await audit.verify(database, chain="release:1", piece=2)
    assert (report.faults, report.entries, report.chains) == ([], 5, 1)
    await tamper(database, update(t.audit).where(entry("release:2", 2)).values(actor="U666"))
    assert (await audit.verify(database, chain="release:1")).sound
    assert [f.seq for f in (await audit.verify(database, chain="release:2")).faults] == [2]
    assert (await audit.verify(database, chain="release:404")).sound, "nothing was ever said there"
    await tamper(database, delete(t.audit).where(t.audit.c.chain == "train:main"))
    assert [f.what for f in (await audit.verify(database, chain="train:main")).faults] == ["the chain was removed"]


async def test_the_newest_links_and_who_did_a_thing(database: Database, trail: Anchor) -> None:
    async with database.reader.connect() as connection:
        told = await audit.newest(connection, "release:1", 2)
        assert [(one.seq, one.verb) for one in told] == [(5, "close"), (4, "deployed")]
        assert await audit.actors(connection, "release:1", "approve", "p1") == ("U1",)
        assert await audit.actors(connection, "release:1", "approve", "p2") == ()


async def test_a_trail_is_read_for_replay(database: Database, trail: Anchor) -> None:
    async with database.reader.connect() as connection:
        told = await audit.entries(connection, "release:2")
    assert [(one.seq, one.verb, one.body, one.at) for one in told] == [
        (1, "start", {"verb": "start"}, AT), (2, "approve", {"verb": "approve"}, AT),
        (3, "go", {"verb": "go"}, AT), (4, "hold", {"verb": "hold"}, AT),
    ]
