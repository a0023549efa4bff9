"""`audit`: prove the trail, give a package of evidence away, and check one that somebody was given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import package_check, packages
from bot.cli.acting import acting
from bot.cli.frame import fail, read_settings, run, say
from bot.settings import Settings
from core.domain.metrics.periods import FORMS
from core.domain.package.package import digest_of
from core.domain.versions import Version
from core.store.audit import Report, verify
from core.store.engines import Database
from core.usecases.packages import of_version

Published = Annotated[
    list[str] | None, typer.Option(help='a record as it was announced, for example "7be1 04c9"; may be given again')
]


def add_to(cli: typer.Typer) -> None:
    group = typer.Typer(help="The audit trail, and packages of evidence for an auditor.", no_args_is_help=True)
    group.command(name="verify")(audit_verify)
    group.command(name="export")(export)
    group.command(name="check")(check)
    group.command(name="checker")(checker)
    cli.add_typer(group, name="audit")


def audit_verify(published: Published = None) -> None:
    """Check every chain and every anchor of the audit trail; exit code 1 when something does not fit."""

    async def work(settings: Settings) -> Report:
        database = Database.open(settings.database)
        try:
            return await verify(database, published or ())
        finally:
            await database.close()

    report = run(work(read_settings()))
    for fault in report.faults:
        say(f"{fault.chain or 'anchors'}, entry {fault.seq}: {fault.what}")
    gone = f", the words of {report.expired} have expired" if report.expired else ""
    verdict = "unbroken" if report.sound else f"{len(report.faults)} things do not fit"
    say(f"{report.entries} entries in {report.chains} chains{gone}, {report.anchors} anchors: {verdict}")
    if not report.sound:
        raise typer.Exit(1)


def export(
    what: Annotated[str, typer.Argument(help=f"a version, or a period: {FORMS}")],
    out: Annotated[Path, typer.Option(help="where to write the zip")],
    force: Annotated[bool, typer.Option("--force", help="write over a file that is there")] = False,
) -> None:
    """Write the evidence of a release, or of all changes in a period, to one zip."""
    if out.exists() and not force:
        fail(f"{out} is there already; --force writes over it.")
    data = run(_made(read_settings(("PRODUCT_REPO",)), what))
    try:
        out.write_bytes(data)
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}")
    say(f"{out}: {len(data):,} bytes, package {digest_of(data)}. Check it: release-bot audit check {out}")


async def _made(settings: Settings, what: str) -> bytes:
    async with acting(settings) as app:
        known = app.settings.secrets
        if Version.maybe(what.removeprefix("v")) is None:
            return await packages.of_period(app.ctx, what, known)
        return await packages.of_release(app.ctx, await of_version(app.ctx, what), known)


def check(
    file: Annotated[Path, typer.Argument(help="the zip")],
    published: Published = None,
) -> None:
    """Check a package offline: contents, record and signatures. Exit code 1: something does not fit; 2: no package."""
    try:
        verdict = package_check.check(package_check.read(file), published or ())
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", package_check.NO_PACKAGE)
    except package_check.NotAPackage as error:
        fail(f"{file} is no package that can be checked: {error}", package_check.NO_PACKAGE)
    for line in verdict.lines():
        say(line)
    if not verdict.fits:
        raise typer.Exit(package_check.DOES_NOT_FIT)


def checker() -> None:
    """Print the script that checks a package without the bot, for an auditor who has only Python."""
    say(Path(package_check.__file__).read_text("utf-8").rstrip("\n"))
