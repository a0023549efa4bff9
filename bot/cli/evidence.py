"""`evidence`: bring a result from a file, and see what there is for a version."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.acting import TO_ACT, acting, delivered, typed
from bot.cli.frame import REFUSED, fail, read_settings, run, say
from bot.cli.store import person_of
from bot.cli.tagging import known
from bot.cli.words import in_words
from bot.evidence_hook import in_words as told_in_words
from core.domain.evidence.limits import LARGEST_BODY, Unreadable
from core.domain.evidence.model import CLI, KINDS
from core.domain.versions import Version
from core.errors import NotFound, Refused
from core.usecases import look
from core.usecases.evidence import Posted, take
from core.usecases.outside import OPERATOR

File = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, readable=True, help="JUnit or Cobertura XML, SARIF, or our own JSON"),
]
Kind = Annotated[str, typer.Option(help=", ".join(KINDS))]


def add_to(cli: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Results of tests, scans and builds, by commit.")
    group.command(name="add")(add)
    group.command(name="list")(list_)
    cli.add_typer(group, name="evidence")


def add(
    file: File,
    kind: Kind,
    commit: Annotated[str, typer.Option(help="the whole id of the commit that was tested")],
    url: Annotated[str, typer.Option(help="where people can look at it")] = "",
    name: Annotated[str, typer.Option(help="tells several results of one kind apart, for example web")] = "",
    person: Annotated[str, typer.Option("--as", help="who brings it; else RELEASE_BOT_AS or git's user.email")] = "",
) -> None:
    """Report a result for a commit, as CI does over HTTP. Exit code 1 when it cannot be taken or says failed."""
    if file.stat().st_size > LARGEST_BODY:
        fail(f"{file.name} is larger than {LARGEST_BODY // 1024 // 1024} MB.")
    settings = read_settings(TO_ACT)
    body = file.read_bytes()

    async def work() -> bool:
        async with acting(settings) as app:
            actor = person_of(await app.ctx.policy(), person) if person else await known(app)
            by = actor or f"{OPERATOR}{getpass.getuser()}"
            try:
                taken = await take(app.ctx, Posted(commit, kind, CLI, body, name, url, by))
            except Refused as refused:
                say(await in_words(app.ctx, refused, actor))
                return True
            except Unreadable as error:
                say(f"{file.name}: {error}")
                return True
            say(told_in_words(taken))
            for failing in taken.failing:
                say(f"  {failing}")
            await delivered(app)
            return taken.verdict == "failed"

    if run(work()):
        raise typer.Exit(REFUSED)


def list_(version: str) -> None:
    """Show what there is for a version, kind by kind."""
    settings = read_settings(TO_ACT)

    async def work() -> None:
        async with acting(settings) as app:
            facts = await look.status(app.ctx, str(Version.parse(version).final))
            if facts is None:
                raise NotFound(f"there is no {version}")
            told, _ = await typed(app, f"evidence {facts['version']}", str(facts["lead"]))
            say(told)

    run(work())
