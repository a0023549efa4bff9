"""Flags are created, changed, renamed and archived: each in the record, nobody overwritten, production with two."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.clock import HandClock
from bot.policy_start import bring_in
from core.domain.flags import guarding
from core.domain.flags.model import Constraint, Dependency, Setting
from core.domain.policy import parse_policy
from core.errors import NotFound, Refused, Stale
from core.store import flags as rows
from core.store.audit import entries, verify
from core.store.flags import Usage
from core.store.reads import Reads
from core.store.unit_of_work import Store, Unit
from core.usecases import flags
from core.usecases.context import Context
from core.usecases.flags import Change, FlagFaults, Wanted
from tests.core.domain.world import START
from tests.policies import simulated

ME = "operator:ops"


def to(**changes: Any) -> Callable[[Setting], Setting]:
    return lambda setting: replace(setting, **changes)


async def made(ctx: Context, *names: str) -> None:
    for name in names:
        await flags.create(ctx, Wanted(name, "release", "U0DANA", "What it does", ME))


async def trail(ctx: Context, chain: str) -> list[tuple[str, str]]:
    async with ctx.store.database.reader.connect() as conn:
        return [(e.verb, e.actor) for e in await entries(conn, chain)]


async def test_a_flag_from_first_to_last(ctx: Context) -> None:
    await made(ctx, "search")
    with pytest.raises(FlagFaults, match="a flag search already"):
        await made(ctx, "search")
    with pytest.raises(FlagFaults, match="without spaces; the kind is one of"):
        await flags.create(ctx, Wanted("new search", "eternal", "", "", ME))  # type: ignore[arg-type]
    ten = await flags.change(ctx, Change("search", "staging", to(percentage=10), ME))
    assert (ten.setting.percentage, ten.version, ten.by) == (10, 1, ME)
    same = await flags.change(ctx, Change("search", "staging", to(percentage=10), ME, version=ten.version))
    assert same.version == ten.version, "what changes nothing is no entry"
    for odd in (-1, 101):
        with pytest.raises(FlagFaults, match="between 0 and 100"):
            await flags.change(ctx, Change("search", "staging", to(percentage=odd), ME))
    with pytest.raises(NotFound, match="no environment moon"):
        await flags.change(ctx, Change("search", "moon", to(on=True), ME))
    with pytest.raises(NotFound, match="no flag nothing"):
        await flags.change(ctx, Change("nothing", "staging", to(on=True), ME))
    renamed = await flags.rename(ctx, "search", "find", ME)
    assert (renamed.key, renamed.name) == ("search", "find")
    await made(ctx, "search")
    by_name = {s.flag.name: s for s in (await flags.listed(ctx))["staging"]}
    assert (by_name["find"].setting.percentage, by_name["search"].setting.percentage) == (10, 0)
    assert (by_name["search"].flag.key, by_name["find"].flag.key) == ("search.2", "search")
    await flags.archive(ctx, "find", ME, "everybody has it")
    assert [s.flag.name for s in (await flags.listed(ctx))["staging"]] == ["search"]
    assert await trail(ctx, "flags:staging") == [("flag.changed", ME)]
    created, other = ("flag.created", ME), ("flag.archived", ME)
    assert await trail(ctx, "flags") == [created, ("flag.renamed", ME), created, other]
    assert (await verify(ctx.store.database)).sound


async def test_two_people_who_change_one_flag_at_once_do_not_overwrite_each_other(ctx: Context) -> None:
    await made(ctx, "search")
    both = [Change("search", "staging", to(percentage=n), f"operator:{n}", version=0) for n in (10, 25)]
    told = await asyncio.gather(*(flags.change(ctx, one) for one in both), return_exceptions=True)
    (late,) = [t for t in told if isinstance(t, Stale)]
    (first,) = [t for t in told if not isinstance(t, BaseException)]
    assert f"changed by {first.by} meanwhile: it is {first.setting.percentage} %" in str(late)
    # without a version each works on what it finds
    grown = await asyncio.gather(*(flags.change(ctx, Change("search", "staging", _one_more, ME)) for _ in range(5)))
    assert max(g.setting.percentage for g in grown) == first.setting.percentage + 5


def _one_more(setting: Setting) -> Setting:
    return replace(setting, percentage=setting.percentage + 1)


async def test_an_auditor_makes_no_flag_and_changes_none(store: Store) -> None:
    auditor = '\n[people.ada]\nslack = "U0ADA"\nname = "Ada"\n\n[roles.auditor]\ntitle = "auditor"\npeople = ["ada"]\n'
    ruled = parse_policy(simulated().read_text("utf-8") + auditor)
    clock = HandClock(START)
    await bring_in(store, clock, ruled)
    ctx = Context(store, Reads(store.database), clock, None, ruled.product.key)  # type: ignore[arg-type]
    await flags.create(ctx, Wanted("search", "release", "U0ADA", "It was theirs before they looked only", ME))
    with pytest.raises(Refused) as made_one:
        await flags.create(ctx, Wanted("other", "release", "U0ADA", "What it does", "U0ADA"))
    with pytest.raises(Refused) as changed_one:
        await flags.change(ctx, Change("search", "development", to(on=True), "U0ADA"))
    assert {made_one.value.blockers[0].code, changed_one.value.blockers[0].code} == {"auditor"}


async def test_production_takes_two_people_and_off_takes_one(ctx: Context) -> None:
    await made(ctx, "maintenance_mode")
    with pytest.raises(FlagFaults, match="second person"):
        await flags.change(ctx, Change("maintenance_mode", "production", to(on=True), ME))
    with pytest.raises(FlagFaults, match="another one than the first"):
        await flags.change(ctx, Change("maintenance_mode", "production", to(on=True), "U0PRIYA", "U0PRIYA"))
    for actor, second in (("U0STRANGER", ""), (ME, "U0STRANGER")):
        with pytest.raises(Refused):
            await flags.change(ctx, Change("maintenance_mode", "production", to(on=True), actor, second))
    await flags.change(ctx, Change("maintenance_mode", "production", to(on=True), ME, "U0PRIYA"))
    with pytest.raises(FlagFaults, match="still on for somebody in production"):
        await flags.archive(ctx, "maintenance_mode", ME)
    await flags.change(ctx, Change("maintenance_mode", "production", to(on=False), ME, reason="it burns"))
    async with ctx.store.database.reader.connect() as conn:
        bodies = [e.body for e in await entries(conn, "flags:production")]
    assert [(b["second"], b["review"], b["reason"]) for b in bodies if b] == [
        ("U0PRIYA", False, ""), ("", True, "it burns"),
    ]  # fmt: skip


async def test_segments_and_parents_are_there_before_they_are_used(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(ctx, "parent", "child")
    pro = (Constraint("plan", "IN", ("pro",)),)
    segment = await flags.put_segment(ctx, "pro", pro, ME)
    with pytest.raises(FlagFaults, match="second person"):
        await flags.put_segment(ctx, "pro", pro, ME)
    assert (await flags.put_segment(ctx, "pro", pro * 2, ME, "U0PRIYA")).id == segment.id
    with pytest.raises(FlagFaults, match="1 to 50 conditions"):
        await flags.put_segment(ctx, "pro", pro * 51, ME, "U0PRIYA")
    with monkeypatch.context() as frozen, pytest.raises(Refused, match=r"flag\.freeze"):
        frozen.setattr(guarding, "frozen_at", lambda *_: [SimpleNamespace(name="Holidays", until="2027-01-03")])
        await flags.put_segment(ctx, "pro", pro, ME, "U0PRIYA")
    with pytest.raises(FlagFaults, match="no segment 9; it depends on ghost"):
        odd = to(segments=(9,), dependencies=(Dependency("ghost"),))
        await flags.change(ctx, Change("child", "staging", odd, ME))
    good = to(on=True, segments=(segment.id,), dependencies=(Dependency("parent"),))
    await flags.change(ctx, Change("child", "staging", good, ME))
    for refused in (flags.archive(ctx, "parent", ME), flags.rename(ctx, "parent", "other", ME)):
        with pytest.raises(FlagFaults, match="child depends on it in staging"):
            await refused
    with pytest.raises(FlagFaults, match="child depends on it"):
        circle = to(dependencies=(Dependency("child"),))
        await flags.change(ctx, Change("parent", "staging", circle, ME))
    await flags.archive(ctx, "child", ME)
    await made(ctx, "root")
    await flags.change(ctx, Change("parent", "staging", to(dependencies=(Dependency("root"),)), ME))


async def test_use_is_added_up_and_apps_are_remembered(ctx: Context) -> None:

    async def work(unit: Unit) -> None:
        await rows.count(unit, "production", [Usage("search", "shop", "2026-11-23", 2, 3)])
        await rows.heard(unit, "production", "shop\x00", "sdk", ctx.clock.now())

    await ctx.store.unit(work, verb="test")
    await ctx.store.unit(work, verb="test")
    async with ctx.store.database.reader.connect() as conn:
        assert await rows.usage(conn, "production", "search") == (Usage("search", "shop", "2026-11-23", 4, 6),)
        assert list(await rows.clients(conn, "production")) == ["shop"]
