"""`release-bot outbox`: effects that wait for a person, and what the person says about them."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.frame import fail, read_settings, run, say
from bot.cli.store import As, person_of
from bot.cli.words import in_words
from bot.opening import opened
from bot.policy_start import read_policy
from core.errors import NotFound, Refused
from core.store import outbox
from core.store.engines import Database
from core.store.outbox import Ruling
from core.store.reads import Reads
from core.usecases import stuck
from core.usecases.context import Context

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

    async def work() -> str:
        """What stands against it; "" when it is done."""
        key = read_policy(settings.release_policy).product.key
        async with opened(settings) as parts:
            ctx = Context(parts.store, Reads(parts.store.database), parts.clock, parts.repository, key)
            actor = person_of(await ctx.policy(), person)
            try:
                await stuck.rule(ctx, actor, row, ruling)
            except Refused as refused:
                return await in_words(ctx, refused, actor)
            except NotFound:
                return f"No effect with the number {row} waits for a person: see `release-bot outbox list`."
        return ""

    against = run(work())
    if against:
        fail(against)
    say(f"Row {row}: {ruling}.")
