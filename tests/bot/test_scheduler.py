"""What happens without anybody asking: the hour, dead owners, groups, remote heads, anchors, one process for all."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import get_args

from sqlalchemy import insert, select

from bot.scheduler import SAID
from core.domain.due import What
from core.store import anchors, outbox
from core.store.columns import db_now
from core.store.owners import Owner
from core.store.tables import inbox
from core.store.unit_of_work import Store, Unit
from core.usecases import look
from core.usecases.advance import Ask, perform
from core.usecases.heads import observe
from core.usecases.people import delegate
from core.usecases.tick import next_due
from handlers.views.why import DUE
from tests.bot.conftest import Stage

ROOT = Path(__file__).resolve().parent.parent.parent
DIES = """
import os, sys
from pathlib import Path
from core.store.owners import Owner
print(Owner.register(Path(sys.argv[1])).id, flush=True)
os.kill(os.getpid(), 9)
"""


def test_whatever_the_hour_brings_has_its_words() -> None:
    assert set(SAID) == set(get_args(What)) == {*DUE, "lock_ends", "lock_stands", "reminder", "digest"}


async def signed(stage: Stage, release: int) -> None:
    """Everything that begin waits for."""
    await perform(stage.app.ctx, Ask("U0MIRA", "tick", release, input={"item": "scope.final"}))


async def test_the_freeze_happens_by_itself_on_its_day(stage: Stage) -> None:
    done = await stage.start_minor()
    await signed(stage, done.release)
    await perform(stage.app.ctx, Ask("U0PRIYA", "begin", done.release))
    await stage.app.settle()
    stage.clock.move_to(datetime.fromisoformat(done.facts["freeze_at"]))
    await stage.app.settle()
    facts = await look.status(stage.app.ctx, "1.3.0")
    assert facts is not None and facts["phase"] == "stabilization"
    assert "refs/tags/v1.3.0-rc.1" in stage.product.refs()
    assert stage.posts_about("is frozen") >= 1


async def test_who_begins_or_ends_to_stand_in_is_told_by_name(stage: Stage) -> None:
    await stage.start_minor()
    lent = {"to": "U0ERIKA", "until": stage.clock.now().date().isoformat()}
    await delegate(stage.app.ctx, Ask("U0PRIYA", "delegate", input=lent))
    await stage.app.settle()
    due = await next_due(stage.app.ctx)
    assert due is not None
    assert (SAID[due.what].format(due.about), due.who) == ("Erika begins or ends to stand in", "U0PRIYA")


async def test_claims_of_a_killed_process_are_freed_within_a_tick(stage: Stage, tmp_path: Path) -> None:
    dead = subprocess.run(
        [sys.executable, "-c", DIES, str(stage.app.settings.data_dir)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout.strip()
    row = await stage.post("office move")
    claimed = await outbox.claim(Store(stage.app.ctx.store.database, dead))
    assert [one.id for one in claimed] == [row]
    assert await stage.app.outbox.claim() == 0
    await stage.app.scheduler.free_the_dead()
    await stage.app.settle()
    assert stage.posts_about("office move") == 1
    assert (await stage.row(row)).doubt
    assert stage.app.owner.dead() == []


async def test_the_living_keep_their_claims(stage: Stage) -> None:
    with Owner.register(stage.app.settings.data_dir) as other:
        await stage.post("office move")
        await outbox.claim(Store(stage.app.ctx.store.database, other.id))
        await stage.app.scheduler.free_the_dead()
        assert await stage.app.outbox.claim() == 0


async def test_a_commit_pushed_by_a_person_is_seen(stage: Stage) -> None:
    done = await stage.start_minor()
    before = done.facts["scope"]["count"]
    stage.product.commit("develop", "notes.txt", "hello", subject="Add notes (#399)")
    assert await observe(stage.app.ctx, 0.0) == 1  # as after 30 s
    await stage.app.settle()
    facts = await look.status(stage.app.ctx, "1.3.0")
    assert facts is not None and facts["scope"]["count"] > before
    assert await stage.app.scheduler.look_at_remote() == 0


async def test_slow_work_is_done_once_in_its_gap(stage: Stage) -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("x")

    scheduler = stage.app.scheduler
    for _ in range(3):
        scheduler._beside("test", 60.0, work)
    await asyncio.gather(*scheduler._slow)
    scheduler._next.clear()  # another process asks
    scheduler._beside("test", 60.0, work)
    await asyncio.gather(*scheduler._slow)
    assert done == ["x"]
    assert scheduler._next["test"] > asyncio.get_running_loop().time() + 50


async def test_failing_work_ends_no_ticking(stage: Stage) -> None:
    scheduler = stage.app.scheduler

    async def broken() -> None:
        raise OSError("away")

    scheduler._beside("test", 60.0, broken)
    await asyncio.gather(*scheduler._slow)
    stage.app.ctx._parsed.clear()
    await scheduler.every_second()
    await asyncio.gather(*scheduler._slow)


async def test_request_keys_of_last_week_are_forgotten_with_the_anchor(stage: Stage) -> None:
    async def done_before(unit: Unit) -> None:
        await unit.conn.execute(insert(inbox).values(key="trigger:of-last-month", at=1.0, answer=None))
        await unit.conn.execute(insert(inbox).values(key="trigger:of-today", at=db_now(), answer=None))

    await stage.app.ctx.store.unit(done_before, verb="past")
    await stage.app.scheduler.make_anchor()
    async with stage.app.ctx.store.database.reader.connect() as conn:
        kept = set((await conn.execute(select(inbox.c.key))).scalars())
    assert "trigger:of-today" in kept and "trigger:of-last-month" not in kept


async def test_an_anchor_is_made_when_something_grew(stage: Stage) -> None:
    await stage.app.scheduler.make_anchor()
    async with stage.app.ctx.store.database.reader.connect() as conn:
        first = await anchors.newest(conn)
    await stage.app.scheduler.make_anchor()
    async with stage.app.ctx.store.database.reader.connect() as conn:
        second = await anchors.newest(conn)
    assert first is not None and second == first


async def test_who_joins_a_group_may_sign_and_who_leaves_may_not(stage: Stage) -> None:
    """By Slack's event; the sweep finds what an event did not tell."""
    assert await look.roles_of(stage.app.ctx, "U0JO") == ()
    stage.slack.people.set_group("S0PM", ["U0MIRA", "U0JO"], False)
    await stage.slack.settled()
    assert await look.roles_of(stage.app.ctx, "U0JO") == ("product_manager",)
    stage.slack.people.set_group("S0PM", ["U0MIRA"], True)
    await stage.app.scheduler.sweep_groups()
    assert await look.roles_of(stage.app.ctx, "U0JO") == ()
