"""`plan`: the deployment and roll-back plan of a release, for reading or as a runbook on paper."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.acting import acting
from bot.cli.frame import read_settings, run, say
from bot.cli.words import plain
from core.domain.versions import Version
from core.errors import NotFound
from core.usecases import look
from core.usecases.plan import planned
from handlers.views.plan import plan
from handlers.views.runbook import runbook

Number = Annotated[str | None, typer.Argument(help="a version; left out, what leaves soonest")]
Printed = Annotated[bool, typer.Option("--print", help="as a runbook in Markdown, for the day when the bot is down")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="plan")(show_plan)


def show_plan(version: Number = None, printed: Printed = False) -> None:
    """Show what is done on the day and by whom, how long it takes, and the way back; it names no secret."""
    settings = read_settings(("PRODUCT_REPO",))

    async def work() -> str:
        async with acting(settings) as app:
            facts = await look.status(app.ctx, str(Version.parse(version).final) if version else None)
            if facts is None:
                raise NotFound(f"there is no {version}" if version else "nothing is in flight")
            found = await planned(app.ctx, facts)
            return runbook(facts, found) if printed else plain(plan(facts, found), dict(facts["names"]))

    say(run(work()).rstrip("\n"))
