"""`migrate` and `record`: what people do with a deployment themselves, carried out and kept as a pipeline's steps."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.app import App
from bot.cli.acting import TO_ACT, acting, delivered, fired_by
from bot.cli.following import LONGEST, followed
from bot.cli.frame import REFUSED, fail, read_settings, run, say
from bot.cli.meant import acts, meant
from bot.cli.store import As, person_of
from bot.cli.words import in_words
from bot.integrations.bounded import plain
from core.domain.environments import NAMES, Name
from core.domain.pipeline.model import StepState
from core.domain.versions import Version as Number
from core.errors import Refused
from core.usecases.by_hand import ByHand, What, begin
from core.usecases.restoring import agreed, withdrawn

Version = Annotated[str, typer.Option(help="a version; else the one in preparation or deployment")]
Where = Annotated[str, typer.Option(help=", ".join(NAMES))]
MOST_TOLD = 12  # facts of a step that are printed


def add_to(cli: typer.Typer) -> None:
    cli.command(name="migrate")(migrate)
    cli.command(name="record")(record)


def migrate(
    backup: Annotated[bool, typer.Option("--backup", help="only make a restore point, and prove it")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="take the release's migrations back")] = False,
    restore: Annotated[bool, typer.Option("--restore", help="put the restore point back; alone: what is lost")] = False,
    *,
    version: Version = "",
    environment: Where = "production",
    person: As = "",
    second: Annotated[str, typer.Option("--with", help="restore, break-glass: the second person, who agrees")] = "",
    reason: Annotated[str, typer.Option(help="restore, break-glass: why")] = "",
) -> None:
    """Apply a release's migrations to an environment's database, back it up, or take them back; logs are kept.

    The step is the one of the environment's pipeline. It needs a role that may deploy there, or two people of the
    policy's break-glass. While a pipeline is at work, it is left to that. --restore puts the restore point of before
    the migrations back, also in a roll-back that stopped at its database: with a second person, who agrees to the loss.
    """
    if backup + rollback + restore > 1:
        fail("One of --backup, --rollback and --restore.", 2)
    what: What = "backup" if backup else "migrate_back" if rollback else "restore" if restore else "migrate"
    where, settings = environment_of(environment), read_settings(TO_ACT)

    async def work() -> bool:
        async with acting(settings) as app:
            return await _by_hand(app, where, what, version, (person, second, reason))

    if not run(work()):
        raise typer.Exit(REFUSED)


def environment_of(typed_name: str) -> Name:
    """The environment of this name, or the end of the command."""
    if typed_name not in NAMES:
        fail(f"There is no environment {typed_name[:40]}; there are {', '.join(NAMES)}.", 2)
    return typed_name


async def _by_hand(app: App, where: Name, what: What, version: str, who: tuple[str, str, str]) -> bool:
    """Whether it has done its work."""
    person, second, reason = who
    actor = await acts(app, person)
    other = person_of(await app.ctx.policy(), second) if second else ""
    release = await meant(app, version)
    ask = ByHand(actor, where, what, release, other, reason)
    try:
        begun = await _within(app, ask) if what == "restore" else None
        begun = await begin(app.ctx, ask) if begun is None else begun
    except Refused as refused:
        say(await in_words(app.ctx, refused, actor))
        return False
    say(f"v{release['version']} on {where}:")
    _, tried = await followed(app, begun)
    last = tried[-1] if tried else None
    found = {k: v for k, v in (last.found if last else {}).items() if isinstance(v, str | int) and v is not True}
    for name, value in list(found.items())[:MOST_TOLD]:  # lists and tables of it stand in the record
        say(f"     {name}: {plain(value, LONGEST)}")
    await delivered(app)
    return last is not None and last.state in (StepState.DONE, StepState.SKIPPED)


async def _within(app: App, ask: ByHand) -> int | None:
    """The roll-back that stands at its database goes on with the restore; None where there is none."""
    found = await agreed(app.ctx, ask)
    if found is not None and await fired_by(app, "retry", dict(ask.release), {"reason": ask.reason}, ask.actor):
        await withdrawn(app.ctx, ask.environment)
        raise typer.Exit(REFUSED)
    return found


def record(
    runs: Annotated[str, typer.Argument(help="the version that production runs now")],
    reason: Annotated[str, typer.Option(help="what was done by hand, and what shows it: a log, a link")],
    version: Version = "",
    person: As = "",
) -> None:
    """Book what was done by hand: what production runs now. Two people say it, each with the evidence."""
    settings = read_settings(TO_ACT)

    async def work() -> bool:
        async with acting(settings) as app:
            release = await meant(app, version)
            given = {"runs": str(Number.parse(runs)), "reason": reason}
            refused = await fired_by(app, "record", release, given, await acts(app, person))
            return not refused

    if not run(work()):
        raise typer.Exit(REFUSED)
