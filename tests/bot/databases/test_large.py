"""The same with much data, with writing while it is backed up, and with a server that never answers."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from bot.databases.faults import Exit
from tests.bot.databases.shops import LATER, Shop, run

pytestmark = pytest.mark.torture
ROWS = 200_000
FILL = (
    "INSERT INTO payment (id, owner, cents, created_at) WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n"
    f" WHERE i < {ROWS} + 9) SELECT i, 1 + i % 3, i * 7, '2026-10-01 10:00:00' FROM n"
)


def test_much_data_goes_forward_and_back(shop):
    run(shop.url, [FILL])
    began = time.perf_counter()
    assert shop.do("backup") == 0, shop.said
    assert shop.found["tables"]["payment"] == ROWS + 2
    assert time.perf_counter() - began < 120
    assert shop.do("apply", *shop.point) == 0, shop.said
    run(shop.url, [*LATER[:2], "DELETE FROM payment WHERE id = 20", "UPDATE payment SET cents = 1 WHERE id = 30"])
    assert shop.do("back", *shop.point) == 0, shop.said
    assert shop.rows("SELECT count(*) FROM payment") == [(ROWS + 3,)]
    assert shop.do("restore", *shop.point, "--second-person", "Olu") == 0, shop.said
    assert shop.rows("SELECT count(*) FROM payment") == [(ROWS + 2,)]
    assert shop.rows("SELECT cents FROM payment WHERE id = 30") == [(210,)]


def test_a_backup_is_of_one_moment_while_others_write(shop):
    if shop.kind == "sqlite":
        run(shop.url, ["PRAGMA journal_mode = WAL"])
    run(shop.url, [FILL])
    stop, wrote = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            key = ROWS + 100 + len(wrote)
            pair = [f"INSERT INTO payment (id, owner, cents) VALUES ({key}, 1, 5)", f"UPDATE owner SET share = {key}"]
            run(shop.url, pair)
            wrote.append(key)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert shop.do("backup") == 0, shop.said
    finally:
        stop.set()
        writer.join()
    assert wrote, "somebody wrote meanwhile"
    assert shop.found["tables"]["payment"] <= ROWS + 2 + len(wrote)


async def test_a_server_that_never_answers(tmp_path):
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    shop = Shop(f"postgresql://bot@127.0.0.1:{port}/shop", tmp_path, rules={"current": []})
    assert await asyncio.to_thread(shop.do, "backup") == Exit.NOT_BEGUN
    assert shop.reason == "The database server did not answer within 10 seconds."
    server.close()
