"""`notes` and `changelog`: what was changed, as text on stdout; nothing is published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from tempfile import TemporaryDirectory
from typing import Annotated, TypeVar

import typer
from pydantic import SecretStr

from bot.cli.acting import acting
from bot.cli.frame import read_settings, run, say
from bot.policy_start import NoPolicyYet
from core.domain.versions import Version
from core.usecases.context import Context
from core.usecases.printing import Written, changelog, must_exist, of_range, of_version
from handlers.views.notes_words import gap_text
from handlers.views.writing import counted, spoken

T = TypeVar("T")
Span = Annotated[str, typer.Argument(help="a range such as v1.2.0..HEAD, or a version; left out, the next release")]
Number = Annotated[str, typer.Argument(help="the version whose section it gets")]
Gaps = Annotated[bool, typer.Option("--gaps", help="also say, on stderr, what the draft lacks")]
OnlySection = Annotated[bool, typer.Option("--section", help="only the section of this version")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="notes")(notes)
    cli.command(name="changelog")(print_changelog)


def notes(span: Span = "..HEAD", gaps: Gaps = False) -> None:
    """Print the release notes of a range or of a version's final draft, in Markdown."""

    async def work(ctx: Context) -> Written:
        number = None if ".." in span else Version.maybe(span)
        if number is None:
            return await of_range(ctx, span)
        await must_exist(ctx, number)
        return await of_version(ctx, number)

    written = _asked(work)
    say(written.markdown().rstrip("\n"))
    open_ = len(written.notes.unclassified)
    if gaps:
        for gap in written.notes.gaps:
            typer.echo(spoken(gap_text(gap, {}), {}), err=True)
    elif open_:
        have, them = ("has", "it") if open_ == 1 else ("have", "them")
        typer.echo(f"{counted(open_, 'change')} {have} no heading yet; --gaps names {them}", err=True)


def print_changelog(version: Number, section: OnlySection = False) -> None:
    """Print the CHANGELOG with the section of a version in it, as its candidate gets it."""
    number = Version.parse(version)

    async def work(ctx: Context) -> str:
        await must_exist(ctx, number)
        return (await of_version(ctx, number)).section() if section else await changelog(ctx, number)

    say(_asked(work).rstrip("\n"))


def _asked(work: Callable[[Context], Awaitable[T]]) -> T:
    settings = read_settings(("PRODUCT_REPO",))

    async def asked() -> T:
        try:
            async with acting(settings) as app:
                return await work(app.ctx)
        except NoPolicyYet:  # who only reads makes no policy count: the file is read into a store that is thrown away
            with TemporaryDirectory() as folder:
                aside = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{folder}/aside.db")})
                async with acting(aside, first=True) as app:
                    return await work(app.ctx)

    return run(asked())
