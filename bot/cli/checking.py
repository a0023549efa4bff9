"""Commands that look and change nothing: manifest, doctor, status, audit verify."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot import manifest as app_manifest
from bot.cli.frame import WRONG_SETTINGS, fail, read_settings, run, say
from bot.cli.words import plain
from bot.doctor import examine
from bot.opening import opened
from bot.policy_start import read_policy
from bot.settings import Settings
from core.store.audit import verify
from core.store.engines import Database
from core.store.reads import Reads
from core.usecases import look
from core.usecases.context import Context
from handlers.views.card import card
from handlers.words import WORDS

Url = Annotated[str, typer.Option(help="where Slack reaches the bot, for example https://bot.example.com")]


def add_to(cli: typer.Typer) -> None:
    audit = typer.Typer(help="The audit trail.", no_args_is_help=True)
    audit.command(name="verify")(audit_verify)
    cli.add_typer(audit, name="audit")
    cli.command(name="manifest")(manifest)
    cli.command(name="doctor")(doctor)
    cli.command(name="status")(status)


def manifest(url: Url = app_manifest.EXAMPLE_URL, socket_mode: bool = False) -> None:
    """Print the Slack app manifest, ready to paste."""
    try:
        document = app_manifest.manifest(url, [word.word for word in WORDS], socket_mode=socket_mode)
    except ValueError as wrong:
        fail(str(wrong), WRONG_SETTINGS)
    typer.echo(app_manifest.to_yaml(document), nl=False)


def doctor() -> None:
    """Look at everything the bot needs: token, scopes, channels, people, groups, repository, policy, store."""
    found = run(examine(read_settings()))
    for check in found:
        say(f"{'ok  ' if check.ok else 'FAIL'}  {check.what}: {check.said}")
        if check.todo:
            say(f"      -> {check.todo}")
    if not all(check.ok for check in found):
        raise typer.Exit(1)


def status(
    version: Annotated[str | None, typer.Argument(help="a version; else what leaves soonest")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """The card of a release, as text or as JSON."""

    async def work(settings: Settings) -> str | None:
        async with opened(settings) as parts:
            key = read_policy(settings.release_policy).product.key
            ctx = Context(parts.store, Reads(parts.store.database), parts.clock, parts.repository, key)
            facts = await look.status(ctx, version.removeprefix("v") if version else None)
            if facts is None:
                return None
            return json.dumps(facts, indent=1) if as_json else plain(card(facts, parts.clock.now()), facts["names"])

    told = run(work(read_settings()))
    if told is None:
        fail(f"There is no {version}." if version else "Nothing is in flight and nothing was shipped yet.")
    say(told)


def audit_verify(
    published: Annotated[
        str | None, typer.Option(help='the record that an announcement showed, for example "7be1 04c9"')
    ] = None,
) -> None:
    """Check every chain and every anchor of the audit trail; exit code 1 when something does not fit."""

    async def work(settings: Settings) -> tuple[bool, list[str]]:
        return await verify_words(settings, published)

    whole, lines = run(work(read_settings()))
    for line in lines:
        say(line)
    if not whole:
        raise typer.Exit(1)


async def verify_words(settings: Settings, published: str | None) -> tuple[bool, list[str]]:
    """The verdict on the trail, as words."""
    database = Database.open(settings.database)
    try:
        report = await verify(database, [published] if published else [])
    finally:
        await database.close()
    lines = [f"{fault.chain}, entry {fault.seq}: {fault.what}" for fault in report.faults]
    verdict = "unbroken" if report.sound else f"{len(lines)} things do not fit"
    lines.append(f"{report.entries} entries in {report.chains} chains, {report.anchors} anchors: {verdict}")
    return report.sound, lines
