"""`retention`: what reaches its age with the next month, and deleting what is due."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bot.cli.acting import acting, delivered
from bot.cli.frame import WRONG_SETTINGS, fail, read_settings, run, say
from core.domain.retention import Month
from core.usecases import retention as keeping

WORDS = {"logs": "its deployment logs", "package": "its whole package"}


def add_to(cli: typer.Typer) -> None:
    cli.command(name="retention")(retention)


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="delete nothing, only say what would be deleted")] = False,
    on: Annotated[str, typer.Option(help="with --dry-run: as of this first of a month, for example 2028-01-01")] = "",
) -> None:
    """Tell release managers of what reaches its age, delete what they were told of; a running bot does it itself."""
    if on and not dry_run:
        fail("--on looks ahead, so it needs --dry-run.", WRONG_SETTINGS)
    try:
        first = date.fromisoformat(on) if on else None
    except ValueError:
        fail(f"{on} is no day; write it as 2028-01-01.", WRONG_SETTINGS)
    settings = read_settings(("PRODUCT_REPO",))

    async def work() -> None:
        async with acting(settings) as app:
            if not dry_run:
                done = await keeping.keep_house(app.ctx)
                say(f"{done or 'Nothing'} {'things were' if done > 1 else 'was'} told of or deleted.")
                await delivered(app)
            month, held = await keeping.upcoming(app.ctx, first)
            _said(month)
            names = (await app.ctx.policy()).names
            for one in held:
                say(f"v{one.version} is on legal hold by {names.get(one.hold.by, one.hold.by)}: {one.hold.reason}")

    run(work())


def _said(month: Month) -> None:
    if not month.things:
        say(f"Nothing reaches its age by {month.first}.")
    for one in month.things:
        say(f"{month.first}: v{one.version}, {WORDS[one.what]} (counted from {one.since})")
    for one in month.held:
        say(f"kept: v{one.version}, {WORDS[one.what]} (counted from {one.since})")
