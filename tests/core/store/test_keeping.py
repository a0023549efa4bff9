"""Documents, holds, months and what has expired, on both databases; and what proves a chain elsewhere."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from core.domain.pipeline.model import Attempt, StepState
from core.store import anchors, attempts, audit, keeping, proofs, runs
from core.store.engines import Database
from core.store.keeping import LegalHold
from core.store.unit_of_work import Store, Unit, release_chain
from tests.core.store.conftest import AT, Stored

FIRST = date(2028, 1, 1)


async def test_documents_holds_and_months(store: Store, database: Database, stored: Stored) -> None:
    release = (await stored()).id

    async def work(unit: Unit) -> list[Any]:
        digests = await keeping.file_away(unit, release, {"a.md": "ä", "b.md": ""}, AT)
        again = await keeping.file_away(unit, release, {"a.md": "x"}, AT)
        held = [await keeping.hold(unit, LegalHold(release, "U1", AT, "a court")) for _ in range(2)]
        told = [await keeping.tell_month(unit, "shop", FIRST, AT) for _ in range(2)]
        return [digests["a.md"] == again["a.md"], held, told]

    assert await store.unit(work, verb="keep") == [False, [True, False], [True, False]]
    async with database.reader.connect() as conn:
        assert await keeping.documents(conn, release) == {"a.md": "x"}
        assert await keeping.holds(conn) == {release: LegalHold(release, "U1", AT, "a court")}
        assert await keeping.month(conn, "shop", FIRST) == (AT, None)
        assert await keeping.open_months(conn, "shop") == [FIRST] and await keeping.open_months(conn, "other") == []

    async def end(unit: Unit) -> list[bool]:
        lifted = [await keeping.lift(unit, release) for _ in range(2)]
        return [*lifted, *[await keeping.end_month(unit, "shop", FIRST, AT) for _ in range(2)]]

    assert await store.unit(end, verb="keep") == [True, False, True, False]


async def test_logs_and_the_rest_expire_and_a_digest_stays(store: Store, database: Database, stored: Stored) -> None:
    release = (await stored()).id

    async def run(unit: Unit) -> None:
        new = runs.NewRun("shop", "production", release, 1, "deploy", {"steps": []})
        number = await runs.begin(unit, new, AT)
        assert number is not None
        await attempts.add(unit, number, Attempt("migrate", 1, StepState.DONE, AT, AT))
        for part, text in enumerate(("begun\n", "done\n")):
            await attempts.add_log(unit, number, "migrate", 1, part, text)
        await runs.end(unit, number, AT, "done")

    await store.unit(run, verb="run")
    async with database.reader.connect() as conn:
        assert await keeping.logs(conn, release) == {"production-1/migrate-1": "begun\ndone\n"}
        assert await keeping.with_logs(conn, "shop") == {release}
        [begun] = await keeping.runs_of(conn, release)
        assert await keeping.run_before(conn, {**begun, "id": begun["id"] + 1}) == begun
        assert len(await keeping.runs_between(conn, "shop", AT, AT + timedelta(hours=1))) == 1
        assert await keeping.runs_between(conn, "shop", AT - timedelta(hours=1), AT) == []

    async def expire(unit: Unit) -> None:
        await keeping.expire_logs(unit, release, AT)
        await keeping.expire_package(unit, release, {"a" * 40}, AT)
        gone = await audit.erase(unit, release_chain(release))
        await unit.audit(audit.RETENTION, "release-bot", audit.ERASED, "p1", gone, AT)

    await store.unit(expire, verb="expire", chains=[audit.RETENTION, release_chain(release)])
    async with database.reader.connect() as conn:
        assert await keeping.all_expired(conn) == {(release, "logs"), (release, "package")}
        [thing] = (await keeping.expired(conn, release))["logs"]["things"]
        assert thing["sha256"] == hashlib.sha256(b"begun\ndone\n").hexdigest()
        assert await keeping.logs(conn, release) == {} and await keeping.runs_of(conn, release) == []
    assert (await audit.verify(database)).expired == 1


async def test_what_proves_a_chain_is_read_as_it_lies_there(store: Store, database: Database, stored: Stored) -> None:
    release = (await stored()).id
    await stored(version="1.4.0")

    async def anchor(unit: Unit) -> None:
        assert await anchors.make(unit, AT) is not None

    await store.unit(anchor, verb="anchor")
    async with database.reader.connect() as conn:
        [link] = await proofs.links(conn, release_chain(release))
        [made] = await proofs.anchors_of(conn, release_chain(release))
        assert [made["previous"], [leaf[0] for leaf in made["leaves"]]] == ["", ["release:1", "release:2"]]
        assert made["leaves"][0][2] == link["hash"] and await proofs.anchors_of(conn, "release:9") == []
        [told] = await proofs.between(conn, [release_chain(release)], "2026-11-25", "2026-11-26")
        assert (told["verb"], told["body"]) == ("start", {"version": "1.3.0"})
        assert await proofs.policies_named(conn, ["p1"]) == {}
