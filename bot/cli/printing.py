"""`notes` and `changelog`: what was changed, as text on stdout; nothing is published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from bot.cli.acting import acting
from bot.cli.frame import read_settings, run, say
from core.domain.versions import Version
from core.usecases.context import Context
from core.usecases.printing import Written, changelog, of_range, of_version

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
        return await (of_version(ctx, number) if number else of_range(ctx, span))

    written = _asked(work)
    say(written.markdown().rstrip("\n"))
    if gaps:
        for gap in written.notes.gaps:
            typer.echo(f"{gap.code}: {gap.facts.get('title') or gap.facts.get('path') or gap.item}", err=True)


def print_changelog(version: Number, section: OnlySection = False) -> None:
    """Print the CHANGELOG with the section of a version in it, as its candidate gets it."""
    number = Version.parse(version)

    async def work(ctx: Context) -> str:
        return (await of_version(ctx, number)).section() if section else await changelog(ctx, number)

    say(_asked(work).rstrip("\n"))


def _asked(work: Callable[[Context], Awaitable[T]]) -> T:
    settings = read_settings(("PRODUCT_REPO",))

    async def asked() -> T:
        async with acting(settings) as app:
            return await work(app.ctx)

    return run(asked())
