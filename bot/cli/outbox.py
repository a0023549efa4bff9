"""`release-bot outbox`: effects that wait for a person, and what the person says about them."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.frame import read_settings, run, say
from bot.cli.store import As, person_of
from bot.clock import SystemClock
from bot.policy_start import read_policy
from core.store import outbox
from core.store.engines import Database
from core.store.outbox import Ruling
from core.store.unit_of_work import Store, Unit

Row = Annotated[int, typer.Argument(help="the number that `release-bot outbox list` shows")]


def add_to(cli: typer.Typer) -> None:
    group = typer.Typer(help="Effects that wait for a person.", no_args_is_help=True)
    group.command(name="list")(show)
    group.command(name="retry")(retry)
    group.command(name="skip")(skip)
    group.command(name="happened")(happened)
    cli.add_typer(group, name="outbox")


def show() -> None:
    """What is stuck, oldest first: parked (it failed for good) or unsure (nobody can tell whether it happened)."""
    database = Database.open(read_settings().database)

    async def work() -> list[str]:
        try:
            async with database.reader.connect() as conn:
                rows = await outbox.stuck(conn)
        finally:
            await database.close()
        return [f"{row.id}  {row.state}  {row.kind} {_about(row.body)}  {row.error}" for row in rows]

    lines = run(work())
    for line in lines or ["Nothing waits for a person."]:
        say(line)


def _about(body: dict[str, object]) -> str:
    return " ".join(str(body[name]) for name in ("place", "moment", "person", "purpose") if body.get(name))


def retry(row: Row, person: As) -> None:
    """Send it (again)."""
    _rule(row, "retry", person)


def skip(row: Row, person: As) -> None:
    """It need not happen any more."""
    _rule(row, "skip", person)


def happened(row: Row, person: As) -> None:
    """It did happen: a person has seen it."""
    _rule(row, "it happened", person)


def _rule(row: int, ruling: Ruling, person: str) -> None:
    settings = read_settings()

    async def work() -> None:
        policy = read_policy(settings.release_policy)
        actor = person_of(policy, person)
        database = Database.open(settings.database)
        chain = f"product:{policy.product.key}"

        async def ruled(unit: Unit) -> None:
            await outbox.rule(unit, row, ruling, f"{ruling}, said {actor}")
            await unit.audit(
                chain, actor, "outbox.ruled", policy.hash, {"row": row, "ruling": ruling}, SystemClock().now()
            )

        try:
            await Store(database, "cli").unit(ruled, verb="outbox.rule", chains=[chain], interactive=False)
        finally:
            await database.close()

    run(work())
    say(f"Row {row}: {ruling}.")
