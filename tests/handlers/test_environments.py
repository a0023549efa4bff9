"""Locks, data and the pause as people type and press them, and what they read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.store.products import product_chain
from core.store.tables import outbox
from core.store.unit_of_work import Unit
from core.usecases.environments import all_environments, locks_at_the_hour
from core.usecases.integrating import KIND, arrived, follow_develop
from handlers.views.environments import run_line
from tests.handlers.desk import Desk, labels, words
from tests.handlers.play import prepared, said, started
from tests.handlers.story import DANA, MIRA, OLU, PRIYA, QADIR, THEO


async def test_a_lock_is_typed_seen_ended_by_its_hour_and_named_in_refusals(desk: Desk) -> None:
    answer = await desk.types(OLU, "lock staging the load test runs until 15:00")
    assert said(answer).startswith("✅ Staging is locked by you until 1 Dec 2026, 15:00 Eastern: “the load test runs”")
    page = (await desk.types(DANA, "env")).private
    assert page and "locked by <@U0OLU> since" in words(page) and "“the load test runs”" in words(page)
    assert "Clear the lock…" in labels(page.blocks) and labels(page.blocks).count("Lock…") == 3
    assert "<@U0PRIYA>, <@U0QADIR> and <@U0OLU> may deploy" in words(page)
    again = said(await desk.types(PRIYA, "lock staging I want it too"))
    assert "Olu locked staging" in again and "“the load test runs”" in again and "15:00" in again
    denied = said(await desk.types(DANA, "lock staging a look"))
    assert "Only a release manager, QA lead or DevOps may deploy to staging" in denied
    desk.clock.to(desk.clock.now() + timedelta(hours=7))
    assert await locks_at_the_hour(desk.ctx) == 1 and await locks_at_the_hour(desk.ctx) == 0
    assert (await all_environments(desk.ctx))["staging"]["kept"] is None


async def test_a_lock_is_cleared_by_its_holder_without_a_word_and_by_others_with_one(desk: Desk) -> None:
    await desk.types(OLU, "lock production the database moves")
    form = (await desk.types(PRIYA, "unlock")).form
    assert form and "locked by <@U0OLU>" in words(form), "it says whose lock it clears"
    answer = said(await desk.types(PRIYA, "unlock production it has moved"))
    assert answer == "✅ Production is free again; the lock of Olu is cleared."
    await desk.types(OLU, "lock integration a look")
    assert said(await desk.types(OLU, "unlock integration")).startswith("✅ Integration is free again")
    assert said(await desk.types(PRIYA, "unlock staging a reason")).startswith(
        "This cannot be cleared. Staging is not locked."
    )


async def test_a_form_locks_and_mends_at_its_fields(desk: Desk) -> None:
    page = (await desk.types(OLU, "environments")).private
    assert page
    form = (await desk.clicks(OLU, page, "Lock…")).form
    assert form and form.title == "Lock an environment"
    sent = await desk.sends(OLU, form, reason="an audit", until="2026-11-02")
    assert "until" in sent.errors
    assert (await desk.sends(OLU, form, reason="an audit", until="2026-12-03")).form
    kept = (await all_environments(desk.ctx))["production"]["kept"]
    assert kept["by"] == OLU and kept["ends"] == "2026-12-03T22:00:00+00:00"


async def test_the_day_of_the_data_stands_beside_their_class(desk: Desk) -> None:
    assert "2 Nov" in said(await desk.types(OLU, "data staging 2026-11-02"))
    page = words((await desk.types(DANA, "env")).private)
    assert "data: production-like of" in page and "<@U0OLU> says so" in page
    assert "it is past" in said(await desk.types(OLU, "data staging 2026-12-24"))
    form = (await desk.types(OLU, "data staging")).form
    assert form and (await desk.sends(OLU, form, day="2026-11-03")).form
    assert (await all_environments(desk.ctx))["staging"]["copy"]["day"] == "2026-11-03"


async def test_while_everything_is_paused_people_are_told_by_whom_and_can_let_it_go_on(desk: Desk) -> None:
    await prepared(desk)
    assert "can pause everything" in said(await desk.types(DANA, "pause I am tired"))
    form = (await desk.types(THEO, "pause")).form
    assert form and form.title == "Pause everything"
    assert said(await desk.types(THEO, "pause the data centre moves")).startswith("⏸️ Everything is paused")
    await desk.reports("1.3.0", "look_again")
    stop = said(await desk.types(PRIYA, "go"))
    assert stop.startswith("Everything is paused, so nobody can") and "paused by Theo" in stop
    assert "the data centre moves" in stop and "Priya" in stop
    assert "Go on again" in labels((await desk.types(PRIYA, "why")).private.blocks)  # type: ignore[union-attr]
    card = words((await desk.types(MIRA, "status")).private)
    assert "the pause of <@U0THEO>: “the data centre moves”" in card
    page = (await desk.types(QADIR, "env")).private
    assert page and page.text.startswith("Everything is paused.")
    assert said(await desk.types(PRIYA, "pause once more")).count("paused by Theo") == 1
    assert said(await desk.clicks(PRIYA, page, "Go on again")).startswith("✅ Everything goes on; the pause of Theo")
    assert "Nothing is paused" in said(await desk.types(PRIYA, "resume all"))


async def test_a_new_release_waits_too(desk: Desk) -> None:
    await desk.types(PRIYA, "pause the data centre moves")
    assert "paused by Priya" in said(await desk.types(PRIYA, "start minor"))
    await desk.types(PRIYA, "resume all")
    await started(desk)
    assert (await desk.facts())["phase"] == "planning"


async def delivered(desk: Desk, failure: str = "") -> None:
    """The host did what it was asked for last on integration."""
    chain = product_chain(desk.ctx.product)

    async def work(unit: Unit) -> None:
        rows = select(outbox.c.body).where(outbox.c.kind == KIND).order_by(outbox.c.id)
        asked = (await unit.conn.execute(rows)).all()
        await arrived(desk.ctx, unit, asked[-1].body, failure)

    await desk.ctx.store.unit(work, verb="test", chains=[chain])


async def test_integration_takes_a_candidate_on_request_and_goes_back_to_develop(desk: Desk) -> None:
    assert "cannot go there now" in said(await desk.types(QADIR, "deploy integration")), "no candidate yet"
    assert "Only integration is put by hand" in said(await desk.types(QADIR, "deploy staging"))
    await prepared(desk)
    assert "may deploy to integration" in said(await desk.types(DANA, "deploy integration"))
    assert said(await desk.types(QADIR, "deploy integration")).startswith("🔵 v1.3.0-rc.1 is going to integration")
    await delivered(desk, "disk full")
    assert not (await all_environments(desk.ctx))["integration"]["candidate"], "what failed is not there"
    await desk.types(QADIR, "deploy integration 1.3.0")
    await delivered(desk)
    page = (await desk.types(DANA, "env")).private
    assert page and "*Integration*  v1.3.0-rc.1 since" in words(page)
    assert "runs on integration already" in said(await desk.types(QADIR, "deploy integration 1.3.0"))
    await desk.types(OLU, "lock integration the regression runs")
    assert "Olu locked integration" in said(await desk.clicks(QADIR, page, "Take develop there again"))
    await desk.types(OLU, "unlock integration")
    assert "develop is going to integration" in said(await desk.clicks(QADIR, page, "Take develop there again"))
    await delivered(desk)
    assert "*Integration*  develop at `bbbbbbb` since" in words((await desk.types(DANA, "env")).private)


async def test_development_follows_develop_and_integration_once_a_day(desk: Desk) -> None:
    await desk.types(OLU, "lock integration the regression runs")
    assert await follow_develop(desk.ctx) == 1, "integration is kept"
    await delivered(desk)
    assert (await all_environments(desk.ctx))["development"]["candidate"] == "develop"
    await desk.types(OLU, "unlock integration")
    await desk.types(OLU, "pause the office moves")
    assert await follow_develop(desk.ctx) == 0
    await desk.types(OLU, "resume all")
    assert await follow_develop(desk.ctx) == 1
    await delivered(desk)
    desk.clock.to(desk.clock.now() + timedelta(days=1))
    assert await follow_develop(desk.ctx) == 0, "develop is there"


@pytest.mark.parametrize(("run", "told"), [
    ({"kind": "deploy", "version": "1.3.0", "state": "running", "by": "U0PRIYA", "ends": "2026-12-16T15:20:00+00:00"},
     ("the deployment of v1.3.0 is under way since", "usually over by", "begun by <@U0PRIYA>")),
    ({"kind": "deploy", "version": "", "state": "running", "by": "", "ends": ""}, ("the deployment of develop",)),
    ({"kind": "roll back", "version": "1.2.2", "state": "waiting", "by": "U0OLU", "ends": ""},
     ("the way back to v1.2.2 has stopped and waits for a decision",)),
])  # fmt: skip
def test_what_a_pipeline_does_in_an_environment_is_said_there(run: dict[str, str], told: tuple[str, ...]) -> None:
    line = run_line({**run, "since": "2026-12-16T15:04:00+00:00"}, {"names": {"U0PRIYA": "Priya", "U0OLU": "Olu"}})
    for part in told:
        assert part in line
