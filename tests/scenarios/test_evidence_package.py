"""An auditor is given the evidence of a release, and it proves itself: at once, and when its logs are gone."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import package_check, packages
from core.domain.metrics.rows import Rows
from core.domain.pipeline.model import Attempt, StepState
from core.store import attempts, audit, keeping, measures, runs
from core.store import tables as t
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases import retention
from core.usecases.context import Context
from core.usecases.measuring import astray, rebuild_all
from core.usecases.packages import of_version
from tests.scenarios.driver import Team

CHECKER = Path(package_check.__file__)
SECRET, TOKEN = "hunter2-of-production", "ghp_" + "a1B2" * 9
MIGRATED = f"connecting to postgresql://app:{SECRET}@db.internal/app\nmigrated with {TOKEN}\nall is well\n"


async def with_logs(play: Team, release: int) -> None:
    """As if a pipeline had run: its steps with what their commands said, secrets in it."""
    ctx, at = play.app.ctx, play.clock.now()

    async def work(unit: Unit) -> None:
        body: dict[str, Any] = {"version": "1.3.0", "sha": "c" * 40, "by": "U0PRIYA", "steps": []}
        body |= {"variables": {"key": "k1", "digests": {"DATABASE_PASSWORD": "d" * 32}}}
        new = runs.NewRun(ctx.product, "production", release, 2, "deploy", body)
        run = await runs.begin(unit, new, at)
        assert run is not None
        await attempts.add(unit, run, Attempt("migrate", 1, StepState.DONE, at, at, line=f"done with {TOKEN}"))
        await attempts.add_log(unit, run, "migrate", 1, 0, MIGRATED)
        await runs.end(unit, run, at, "done")

    await ctx.store.unit(work, verb="test.run", chains=[product_chain(ctx.product)])


def checked(data: bytes, place: Path, *more: str) -> tuple[int, str]:
    """The verdict of the script alone, as an auditor runs it."""
    (place / "package.zip").write_bytes(data)
    command = [sys.executable, "-I", str(CHECKER), str(place / "package.zip"), *more]
    told = subprocess.run(command, capture_output=True, text=True, cwd=place)
    return told.returncode, told.stdout + told.stderr


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def measured(play: Team, release: int) -> Rows:
    async with play.app.ctx.store.database.reader.connect() as conn:
        return await measures.of_release(conn, release)


async def of_release(play: Team, release: int) -> bytes:
    return await packages.of_release(play.app.ctx, release, (SECRET,))


async def test_a_package_proves_itself_until_it_has_expired(live: Team, tmp_path: Path) -> None:
    play, ctx = live, live.app.ctx
    release = await of_version(ctx, "1.3.0")
    await with_logs(play, release)
    await play.priya.closes(everything=True)
    assert "chain unbroken" in await play.says("priya", "audit 1.3.0")
    await play.priya.clicks("Send me the package", within="releases")
    await play.settles()
    sent = list(play.slack.desk.uploads.values())[-1]
    assert sent.name == "evidence-v1.3.0.zip" and checked(sent.content, tmp_path)[0] == 0

    data = await of_release(play, release)
    assert data == await of_release(play, release), "the same store makes the same bytes"
    found = parts(data)
    code, told = checked(data, tmp_path)
    assert code == 0 and "All of it fits" in told, told
    assert "all is well" in found["logs/production-2/migrate-1.txt"]
    assert not any(word in text for text in found.values() for word in (SECRET, TOKEN)), "a secret is in the export"
    variables = json.loads(found["deployments.json"])["runs"][-1]["variables"]
    assert variables["digests"] == {"DATABASE_PASSWORD": "d" * 32}
    assert json.loads(found["risk.json"])["as_signed"][0]["risks"] and "<script" not in found["index.html"]
    assert checked(data, tmp_path, "--published", "dead beef")[0] == 1
    tag = play.product.git("cat-file", "tag", "refs/tags/v1.3.0")
    record = tag.partition("Record ")[2].strip()
    assert len(record) == 9 and checked(data, tmp_path, "--published", record)[0] == 0, tag

    await forget_the_logs(play, release, tmp_path)
    await forget_the_package(play, release, tmp_path)


async def forget_the_logs(play: Team, release: int, place: Path) -> None:
    """A year later the logs are gone and the rest is as it was; release managers heard of it before."""
    ctx = play.app.ctx
    await closed(play, release)
    play.clock.move_to(datetime(2027, 12, 26, 12, tzinfo=UTC))
    assert await retention.keep_house(ctx) == 1 and await retention.keep_house(ctx) == 0, "told once"
    await play.settles()
    assert "On 1 January 2028 1 deployment log reaches its age" in said_to(play, "U0PRIYA")
    play.clock.move_to(datetime(2028, 1, 1, 12, tzinfo=UTC))
    assert await retention.keep_house(ctx) == 0, "people were promised a week to object"
    play.clock.move_to(datetime(2028, 1, 2, 12, tzinfo=UTC))
    assert [await retention.keep_house(ctx) for _ in range(2)] == [1, 0], "done once"
    data = await of_release(play, release)
    code, told = checked(data, place)
    assert code == 0 and "note the logs have expired" in told, told
    found = parts(data)
    assert not any(name.startswith("logs/") for name in found)
    [gone] = json.loads(found["deployments.json"])["logs"]["were"]
    assert gone["log"] == "production-2/migrate-1" and gone["characters"] == len(MIGRATED)
    assert json.loads(found["approvals.json"])["approvals"][0]["person"] == "U0MIRA", "approvals stay with it"


async def forget_the_package(play: Team, release: int, place: Path) -> None:
    """Two years later the rest is gone too, unless somebody holds it; what is left still fits, and counts as before."""
    ctx = play.app.ctx
    counted = await measured(play, release)
    assert counted.deployments and counted.changes and counted.stories[0].waits
    assert "kept until somebody lifts" in await play.says("erika", "audit hold v1.3.0 a court asks for it")
    play.clock.move_to(datetime(2028, 12, 26, 12, tzinfo=UTC))
    assert await retention.keep_house(ctx) == 0, "nothing is deleted, so nobody is told"
    assert "v1.3.0" in await play.says("priya", "audit retention")
    assert "not on hold" in await play.says("erika", "audit lift 1.3.0 the court is done")
    play.clock.move_to(datetime(2029, 1, 3, 12, tzinfo=UTC))
    assert await retention.keep_house(ctx) == 0, "it is due since the hold was lifted, but nobody was told"
    play.clock.move_to(datetime(2029, 1, 25, 12, tzinfo=UTC))
    assert await retention.keep_house(ctx) == 1
    assert "kept until somebody lifts" in await play.says("erika", "audit hold 1.3.0 another court asks for it")
    play.clock.move_to(datetime(2029, 2, 1, 12, tzinfo=UTC))
    assert await retention.keep_house(ctx) == 0, "they were told, and somebody objected"
    await play.says("erika", "audit lift 1.3.0 the court is done")
    play.clock.move_to(datetime(2029, 2, 25, 12, tzinfo=UTC))
    assert await retention.keep_house(ctx) == 1
    play.clock.move_to(datetime(2029, 3, 4, 12, tzinfo=UTC))
    assert await retention.keep_house(ctx) == 1
    assert [len(done["things"]) for done in await done_with(ctx)] == [1, 0, 0, 1]
    report = await audit.verify(ctx.store.database)
    assert report.sound and report.expired > 40
    assert await astray(ctx) == [] and await rebuild_all(ctx) >= 1 and await measured(play, release) == counted
    data = await of_release(play, release)
    assert checked(data, place)[0] == 0
    left = parts(data)
    assert json.loads(left["release.json"])["version"] == "1.3.0" and "U0MIRA" not in left["approvals.json"]
    async with ctx.store.database.reader.connect() as conn:
        for table in (t.archive, t.decision, t.step_log, t.release_notes):
            assert (await conn.execute(select(func.count()).select_from(table))).scalar_one() == 0, table.name
    assert "v1.3.0" in await play.says("dana", "status 1.3.0"), "its own line stays"


async def done_with(ctx: Context) -> list[dict[str, Any]]:
    """What the record says of each month that was done."""
    async with ctx.store.database.reader.connect() as conn:
        found = await audit.entries(conn, audit.RETENTION)
    return [dict(entry.body or {}) for entry in found if entry.verb == "retention.done"]


async def closed(play: Team, release: int) -> None:
    """Everything is signed, and its documents are filed away."""
    await play.signs("1.3.0", "close")
    await play.says("priya", "close 1.3.0")
    assert await play.phase("1.3.0") == "closed", play.priya.private()
    async with play.app.ctx.store.database.reader.connect() as conn:
        filed = await keeping.documents(conn, release)
    assert set(filed) == {"checklist.md", "record.json", "release-notes.md"}
    assert "[x] QA sign-off" in filed["checklist.md"]


def said_to(play: Team, person: str) -> str:
    channel = play.slack.state.dm_with(person).id
    return "\n".join(message.text for message in play.slack.state.messages[channel])


async def test_a_period_names_its_changes_and_what_has_no_record(live: Team, tmp_path: Path) -> None:
    play, ctx = live, live.app.ctx
    data = await packages.of_period(ctx, "2026")
    found = parts(data)
    assert checked(data, tmp_path)[0] == 0
    [change] = json.loads(found["changes.json"])
    assert (change["version"], change["deployed_by"]) == ("v1.3.0", "U0PRIYA") and "U0MIRA" in change["approved_by"]
    assert len(json.loads(found["commits.json"])) == 12
    assert [gap["kind"] for gap in json.loads(found["gaps.json"])] == ["by hand"], "it was adopted"
    play.clock.move_to(play.clock.now() + timedelta(days=300))
    quiet = parts(await packages.of_period(ctx, "2027-06"))
    assert json.loads(quiet["changes.json"]) == [] and "Production did not change" in quiet["index.html"]
    for wrong in ("2031", "2027-06-30..2027-06-01", "soon"):
        assert "/release audit 1.3.0" in await play.says("priya", f"audit {wrong}")


@pytest.mark.parametrize("who", ["dana"])
async def test_who_may_not_have_the_package_hears_who_may(live: Team, who: str) -> None:
    await live.says(who, "audit 1.3.0")
    assert "Send me the package" not in live.dana.buttons(within="releases")
    assert "Only a release manager or executive" in await live.says(who, "audit hold 1.3.0 because I say so")
