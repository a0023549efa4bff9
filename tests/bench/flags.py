"""Flags: evaluation against SDKs and providers that others wrote, and OFREP against a handler that only answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.clock import SystemClock
from core.domain.flags.evaluation import Flags
from core.domain.flags.model import Flag, Setting
from core.domain.flags.serving import feature_json, feature_of
from core.store.engines import Database
from core.store.reads import Reads
from core.store.unit_of_work import Store
from core.usecases.context import Context
from core.usecases.flags import Change, Wanted, change, create
from tests.bench.load import Figures
from tests.bench.stage import free_port, process, stage
from tests.plugins.witnesses import from_pip

ROOT = Path(__file__).resolve().parents[2]
FLAGS, ASKED = 200, 20_000
TOKEN = "a-token-of-the-bench-1"
AIMS = {"others": 1.0, "ofrep": 0.6, "rate": 1_000_000}
AT = datetime(2026, 1, 1, tzinfo=UTC)
OFREP = "/ofrep/v1/evaluate/flags/flag-3"
BODY = json.dumps({"context": {"targetingKey": "user-7", "plan": "pro"}}).encode()


def settings() -> dict[str, Setting]:
    """A quarter on for all, the others with people and a share."""
    return {f"flag-{n}": Setting(on=n % 4 == 0, user_ids=("ana", "ben"), percentage=25) for n in range(FLAGS)}


def ours() -> Flags:
    made = [feature_of(Flag(n, n, "release", "U0", "", AT), s) for n, s in settings().items()]
    return Flags(made, (), lambda: AT)


def pairs() -> list[tuple[str, str]]:
    return [(f"flag-{n % FLAGS}", f"user-{n}") for n in range(ASKED)]


def rate(ask: Callable[[str, str], object], seconds: float) -> float:
    """Answers a second, the best of rounds: what else runs on the machine only ever takes away."""
    asked, best, end = pairs(), 0.0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        for name, user in asked:
            ask(name, user)
        best = max(best, len(asked) / (time.perf_counter() - began))
    return best


def openfeature(seconds: float) -> float:
    """The in-memory provider with a rule of its own for the share, as its users write it."""
    from openfeature import api
    from openfeature.evaluation_context import EvaluationContext
    from openfeature.flag_evaluation import FlagResolutionDetails
    from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

    def rule(name: str) -> Any:
        def decide(flag: Any, context: Any) -> Any:
            return FlagResolutionDetails(hash(f"{name}:{context.targeting_key}") % 100 < 25)

        return decide

    both = {"on": True, "off": False}
    made = {
        n: InMemoryFlag("on" if s.on else "off", both, context_evaluator=None if s.on else rule(n))
        for n, s in settings().items()
    }
    api.set_provider(InMemoryProvider(made), "bench")
    client = api.get_client("bench")
    return rate(lambda n, u: client.get_boolean_value(n, False, EvaluationContext(u)), seconds)


def growthbook(seconds: float) -> float:
    from growthbook import GrowthBook

    features: dict[str, Any] = {
        n: {"defaultValue": True}
        if s.on
        else {"defaultValue": False, "rules": [{"force": True, "coverage": 0.25, "hashAttribute": "id"}]}
        for n, s in settings().items()
    }
    book = GrowthBook(features=features, attributes={"id": ""})

    def ask(name: str, user: str) -> object:
        book.set_attributes({"id": user})
        return book.is_on(name)

    return rate(ask, seconds)


def unleash(seconds: float) -> float:
    """In a process of its own: its packages cannot live beside ours."""
    cache = ROOT / ".pytest_cache" / "d" / "unleash-sdk"  # where the tests keep it too
    cache.mkdir(parents=True, exist_ok=True)
    packages = from_pip(ROOT / "tests" / "bot" / "flags" / "unleash-sdk.txt", cache, "UnleashClient")
    state = {"version": 2, "features": [feature_json(f) for f in ours().features]}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "state.json").write_text(json.dumps(state))
        told = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("unleash_sdk.py")), folder, str(seconds)],
            env=os.environ | {"PYTHONPATH": f"{packages}"}, capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    return float(told.stdout)


def evaluation(seconds: float) -> dict[str, float]:
    flags = ours()
    return {
        "ours": rate(flags.is_feature_enabled, seconds),
        "UnleashClient": unleash(seconds),
        "OpenFeature in memory": openfeature(seconds),
        "GrowthBook": growthbook(seconds),
    }


async def ofrep(folder: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """One flag over HTTP, against aiohttp parsing the body and answering the same bytes."""
    bare = free_port()
    async with stage(folder / "flags", 10, 100) as s:
        database = Database.open(s.env.get("DATABASE_URL") or f"sqlite:///{Path(s.env['DATA_DIR']) / 'release-bot.db'}")
        ctx = Context(Store(database, "bench"), Reads(database), SystemClock(), None, "asset-anchor")  # type: ignore[arg-type]
        for name, setting in list(settings().items())[:20]:
            await create(ctx, Wanted(name, "release", "U0", "", "operator:bench"))
            await change(ctx, Change(name, "staging", lambda _, s=setting: replace(s), "operator:bench"))  # type: ignore[misc]
        await database.close()
        with (
            process("-m", "bot", "serve", port=s.port, env=s.env | {"FLAG_TOKENS": f"staging:{TOKEN}"}),
            bare_handler(bare),
        ):
            found: dict[str, list[Figures]] = {"bot": [], "bare": []}
            for _ in range(rounds):
                for side, port in (("bot", s.port), ("bare", bare)):
                    found[side].append(asked(port, 8, seconds))
    bot, plain = (median(f.rate for f in found[side]) for side in ("bot", "bare"))
    wrong = sum(f.wrong for side in found.values() for f in side)
    return {"bot": bot, "bare": plain, "ratio": bot / plain, "p99": median(f.p99 for f in found["bot"]), "wrong": wrong}


@contextmanager
def bare_handler(port: int) -> Iterator[None]:
    with process("-m", "tests.bench.bare_ofrep", str(port), port=port):
        yield


def asked(port: int, connections: int, seconds: float) -> Figures:
    command = [sys.executable, "-m", "tests.bench.flags", str(port), str(connections), str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return Figures(**json.loads(done.stdout))


def large(number: int = 10_000) -> dict[str, float]:
    """Milliseconds with 10,000 flags: compile all, take in one change, one answer for each flag."""
    began = time.perf_counter()
    made = [feature_of(Flag(f"f{n}", f"f{n}", "release", "", "", AT), Setting(percentage=25)) for n in range(number)]
    flags = Flags(made, (), lambda: AT)
    compiled = time.perf_counter()
    flags = flags.with_changes(made[:1])
    changed = time.perf_counter()
    for name in flags.names:
        flags.decide(name, {"userId": "ana"})
    ended = time.perf_counter()
    return {"compile": 1e3 * (compiled - began), "change": 1e3 * (changed - compiled), "all": 1e3 * (ended - changed)}


async def flags_against_others(folder: Path, rounds: int, seconds: float) -> dict[str, Any]:
    return {"evaluation": evaluation(seconds), "ofrep": await ofrep(folder, rounds, seconds), "large": large()}


def show(console: Console, found: dict[str, Any]) -> bool:
    """Print the ratios with their aims; returns whether all were met."""
    rates = found["evaluation"]
    table = Table("flags evaluated", "a second", "ours is", "aim", title="one core, 200 flags, another person each")
    good = True
    for name, per_second in rates.items():
        ratio = rates["ours"] / per_second
        good = good and (name == "ours" or ratio > AIMS["others"])
        told = f"{AIMS['rate']:,} a second, reported" if name == "ours" else "> 1"
        table.add_row(name, f"{per_second:,.0f}", f"{ratio:.1f} x", told)
    console.print(table)
    o, big = found["ofrep"], found["large"]
    console.print(
        f"OFREP, one flag, 8 connections: {o['bot']:,.0f} /s against bare aiohttp {o['bare']:,.0f} /s = "
        f"{o['ratio']:.2f} (aim >= {AIMS['ofrep']}), p99 {o['p99']:.2f} ms"
    )
    console.print(
        f"10,000 flags: compiled in {big['compile']:.0f} ms, one change in {big['change']:.1f} ms, all answered in "
        f"{big['all']:.0f} ms"
    )
    return bool(good and o["ratio"] >= AIMS["ofrep"] and not o["wrong"])


if __name__ == "__main__":  # python -m tests.bench.flags PORT CONNECTIONS SECONDS: a load of OFREP requests
    import asyncio
    from dataclasses import asdict

    from tests.bench.load import run

    port, connections, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    head = (
        f"POST {OFREP} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    load = run(f"http://127.0.0.1:{port}", [head.encode() + BODY], connections, seconds, b'"key":"flag-3"')
    print(json.dumps(asdict(asyncio.run(load))))
