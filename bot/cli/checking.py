"""Commands that look and change nothing: manifest, doctor, status."""

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
from core.store.reads import Reads
from core.usecases import look
from core.usecases.context import Context
from handlers.views.card import card
from handlers.words import WORDS

Url = Annotated[str, typer.Option(help="where Slack reaches the bot, for example https://bot.example.com")]


def add_to(cli: typer.Typer) -> None:
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
