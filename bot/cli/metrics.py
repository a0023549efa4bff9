"""`metrics`: what is measured of a period, on the screen or as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import fail, read_settings, run, say
from bot.opening import opened
from bot.settings import Settings
from core.domain.metrics.export import to_csv, to_json
from core.domain.metrics.model import GROUPS, Report
from core.domain.metrics.periods import FORMS, USUAL
from core.errors import NotFound
from core.store.reads import Reads
from core.usecases.context import Context
from core.usecases.measuring import rebuild_all
from core.usecases.metrics import measured, period
from handlers.views.metrics_words import headline, told

Span = Annotated[list[str] | None, typer.Argument(help=f"{FORMS}; left out, the {USUAL}", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="everything as JSON, durations in seconds")]
Csv = Annotated[bool, typer.Option("--csv", help="one line for each number, for a spreadsheet")]
Out = Annotated[Path | None, typer.Option(help="write it to this file")]
Train = Annotated[str, typer.Option(help="only releases of this train")]
How = Annotated[bool, typer.Option("--how", help="also say how each number is counted")]
Rebuild = Annotated[bool, typer.Option("--rebuild", help="first make the rows of all releases anew from the record")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="metrics")(show_metrics)


def show_metrics(
    span: Span = None, *, as_json: Json = False, as_csv: Csv = False, out: Out = None, train: Train = "",
    how: How = False, rebuild: Rebuild = False,
) -> None:  # fmt: skip
    """Say what is measured of the releases of a period: delivery, health, quality, process, people."""
    if as_json and as_csv:
        fail("Ask for --json or for --csv, not for both.")
    settings = read_settings()

    async def work() -> Report:
        async with reading(settings) as ctx:
            if rebuild:
                say(f"The rows of {await rebuild_all(ctx)} releases were made anew.")
            if train and train not in (known := (await ctx.policy()).trains):
                raise NotFound(f"The policy has no train {train[:40]}; it has {', '.join(known) or 'none at all'}.")
            return await measured(ctx, await period(ctx, " ".join(span or ())), train=train)

    report = run(work())
    text = to_json(report) if as_json else to_csv(report) if as_csv else "\n".join(in_words(report, how)) + "\n"
    if out is None:
        say(text.rstrip("\n"))
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror or error}")
    say(f"{headline(report)}. Written to {out}.")


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Context]:
    """The store alone, for its own product: no repository and no Slack is needed. Raises NotFound without a policy."""
    async with opened(settings) as parts:
        reads = Reads(parts.store.database)
        some = Context(parts.store, reads, parts.clock, parts.repository, "")
        yield Context(parts.store, reads, parts.clock, parts.repository, (await some.policy()).product.key)


def in_words(report: Report, how: bool) -> Iterator[str]:
    """The report for a terminal: a line for each number, its parts below it."""
    yield f"{headline(report)}."
    if report.empty:
        yield "Nothing was recorded then. The numbers begin with the first release that goes to production."
        return
    for group, title in GROUPS.items():
        yield ""
        yield title
        for m in (m for m in report.measures if m.group == group):
            marks = [f"{m.estimated} estimated by people"] if m.estimated else []
            marks += [f"{m.excluded} left out: the end lies before the beginning"] if m.excluded else []
            yield f"  {m.title:<40} {told(m)}{'; ' + '; '.join(marks) if marks else ''}"
            for name, part in m.parts if len(m.parts) > 1 else ():
                yield f"    {name.replace('_', ' '):<38} {told(part)}"
            if how:
                yield f"    {m.definition}"
    if report.notes:
        yield ""
        yield from (f"{note}." for note in report.notes)
