"""The flags of a release: what its code does to them, what people say, and which are past their life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.domain.flags.in_code import Place, Places
from core.domain.flags.model import Decided
from core.errors import IntegrationError, Refused
from core.store import flags, products, releases
from core.store.audit import entries
from core.store.unit_of_work import Store, Unit, release_chain
from core.usecases import flag_release
from core.usecases.advance import Report, advance
from core.usecases.context import Context
from core.usecases.flag_board import board
from core.usecases.flag_ends import End, decide
from core.usecases.flag_release import belongs, places_of, read, rows_of
from core.usecases.flags import Wanted, create
from tests.core.domain.world import PRIYA
from tests.core.usecases.flagged import DANA
from tests.core.usecases.runs import Deployment

BASE, HEAD = "a" * 40, "b" * 40


@dataclass
class Code:
    """Where the code names what, by commit; `away`: git cannot be read now."""

    lines: dict[str, dict[str, int]] = field(default_factory=dict)
    away: bool = False

    async def mentions(self, sha: str, names: Sequence[str]) -> Places:
        if self.away:
            raise IntegrationError("git", retryable=True)
        assert len(names) <= flag_release.MOST_ASKED
        found = self.lines.get(sha, {})
        return {n: tuple(Place("app.py", i, f"{n} {i}") for i in range(1, found[n] + 1)) for n in names if n in found}


@dataclass
class Stage:
    ctx: Context
    number: int
    code: Code

    async def rows(self) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in await rows_of(self.ctx, self.number, BASE, HEAD)}


@pytest.fixture
async def stage(store: Store) -> Stage:
    found, code = await Deployment.of(store), Code()
    return Stage(replace(found.ctx, repository=code), found.number, code)  # type: ignore[arg-type]


async def make(ctx: Context, *names: str, kind: Any = "release") -> None:
    for name in names:
        await create(ctx, Wanted(name, kind, DANA, "", DANA))


async def test_the_code_says_what_a_release_does_to_flags(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flag_release, "MOST_ASKED", 2)  # of more flags all are looked for too
    assert await stage.rows() == {}, "no flags, so git is not asked"
    await make(stage.ctx, "new", "gone", "same", "more", "nowhere")
    stage.code.lines = {BASE: {"gone": 1, "same": 2, "more": 1}, HEAD: {"new": 25, "same": 2, "more": 3}}
    rows = await stage.rows()
    assert {name: row["what"] for name, row in rows.items()} == {"new": "added", "gone": "removed", "more": "changed"}
    assert (rows["new"]["places"][:2], len(rows["new"]["places"]), rows["new"]["more"]) == (
        ["app.py:1", "app.py:2"], 20, 5,
    )  # fmt: skip
    flag = (await board(stage.ctx)).named["new"].flag
    assert (flag.since, flag.release) == ("1.3.0", stage.number), "it counts its life from the release that brought it"
    stage.code.away = True
    with pytest.raises(IntegrationError):
        await stage.rows()


async def test_people_say_which_belong_and_decide_before_it_closes(stage: Stage) -> None:
    ctx = stage.ctx
    await make(ctx, "hand", "old")
    with pytest.raises(Refused):
        await belongs(ctx, "hand", stage.number, "U0SANA")
    await belongs(ctx, "hand", stage.number, DANA)

    async def ship(unit: Unit) -> None:
        record = await products.load(unit.conn, ctx.product)
        await products.put(unit, replace(record, shipped={f"1.{n}.0": BASE for n in range(3)}))

    await ctx.store.unit(ship, verb="test", chains=[f"product:{ctx.product}"])
    rows = await stage.rows()
    assert (rows["hand"]["what"], rows["old"]["what"], rows["old"]["why"]) == ("added", "old", ["releases"])
    await advance(ctx, Report("flags.read", stage.number, await read(ctx, stage.number)))
    release = await _release(ctx, stage.number)
    assert release.flags == ("hand: added",) and [r.name for r in release.flag_rows if r.undecided] == ["hand", "old"]
    for name in ("hand", "old"):
        await decide(ctx, End(name, DANA, "keep", "one more"))
    await advance(ctx, Report("flags.read", stage.number, await read(ctx, stage.number)))
    release = await _release(ctx, stage.number)
    assert not [r.name for r in release.flag_rows if r.undecided] and release.flag_rows[0].by == DANA
    assert release.flags == ("hand: added",), "what was signed is the same"


async def test_a_flag_stays_with_the_first_release_and_a_word_without_one_is_asked_anew(stage: Stage) -> None:
    ctx = stage.ctx
    await make(ctx, "both")
    await decide(ctx, End("both", DANA, "keep", "before the second one began"))
    first = await _release(ctx, stage.number)
    flag = (await board(ctx)).named["both"].flag
    early = Decided("keep", DANA, ctx.clock.now(), None, "when no release was open")

    async def start(unit: Unit) -> int:
        await flags.put_flag(unit, replace(flag, decisions=(*flag.decisions, early)))
        stored = await releases.add(unit, replace(first, id=0, version="1.4.0", runs=()))
        await unit.audit(release_chain(stored.id), PRIYA, "start", "", {}, ctx.clock.now())
        await releases.save(unit, stored, facts={}, wake_at=None)
        return stored.id

    second = int(await ctx.store.unit(start, verb="test", chains=[f"product:{ctx.product}", "flags"]))
    stage.code.lines = {BASE: {}, HEAD: {"both": 1}}
    for number in (stage.number, second, stage.number):
        await rows_of(ctx, number, BASE, HEAD)
    async with ctx.store.database.reader.connect() as conn:
        told = [e.body["version"] for e in await entries(conn, "flags") if e.verb == "flag.belongs" and e.body]
    assert told == ["1.3.0"], "it does not go to and fro, with a line in each thread"
    assert [(await rows_of(ctx, n, BASE, HEAD))[0]["decided"] for n in (stage.number, second)] == ["keep", ""]


async def test_where_production_names_a_flag(stage: Stage) -> None:
    assert await places_of(stage.ctx, "new") == ("", ()), "nothing runs there yet"


async def _release(ctx: Context, number: int) -> Any:
    async with ctx.store.database.reader.connect() as conn:
        return await releases.load(conn, number)
