"""`serve`, and what a platform runs before it: `db upgrade`."""

from __future__ import annotations

import asyncio
import signal

import typer

from bot.app import running
from bot.cli.frame import read_settings, run, say
from bot.collector import leave_out_what_stays
from bot.settings import TO_SERVE, Settings
from core.store.upgrade import current, head, upgrade


def add_to(cli: typer.Typer) -> None:
    db = typer.Typer(help="The store's schema.", no_args_is_help=True)
    cli.command(name="serve")(serve)
    db.command(name="upgrade")(db_upgrade)
    db.command(name="current")(db_current)
    cli.add_typer(db, name="db")


def serve() -> None:
    """Answer Slack until SIGTERM: HTTP by default, Socket Mode when SLACK_APP_TOKEN is set."""
    run(until_stopped(read_settings(TO_SERVE)))


async def until_stopped(settings: Settings) -> None:
    """Serve; a clean stop leaves nothing claimed half-done."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(settings) as app:
        leave_out_what_stays()
        say(f"Release Bot serves {app.ctx.product}: {app.where}")
        await stop.wait()


def db_upgrade() -> None:
    """Bring the database to the newest schema; safe to run from several machines at once."""
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    run(upgrade(settings.database))
    say(f"The database has schema {head()}.")


def db_current() -> None:
    """Which schema the database has, and which this version needs."""
    known = run(current(read_settings().database))
    say(f"database: {known or 'empty'}\nthis version needs: {head()}")
    if known != head():
        raise typer.Exit(1)
