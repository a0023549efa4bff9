"""`backup`, `restore` and `adopt`: what is done to the store as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.adopt import adopt as adopt_product
from bot.cli.frame import read_settings, run, say
from bot.clock import SystemClock
from bot.opening import opened
from bot.policy_start import bring_in, read_policy
from bot.settings import Settings
from core.domain.policy import Policy
from core.errors import NotFound
from core.store import backup as copies
from core.store import restore as restoring
from core.store.reads import Reads
from core.usecases.context import Context

File = Annotated[Path, typer.Argument(help="the backup file")]
As = Annotated[str, typer.Option("--as", help="who acts: a person of the policy, by key, name or Slack id")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="backup")(backup)
    cli.command(name="restore")(restore)
    cli.command(name="adopt")(adopt)


def backup(file: File) -> None:
    """Write the whole store to one file; the bot may go on working."""
    rows = run(copies.backup(read_settings().database, file, SystemClock().now()))
    say(f"{sum(rows.values())} rows of {len(rows)} tables are in {file}.")


def restore(
    file: File,
    person: As,
    replace: Annotated[bool, typer.Option(help="put the backup in the place of what is there")] = False,
) -> None:
    """Bring a backup back. What was open then is looked for in Slack before it is sent again."""
    settings = read_settings()
    actor = person_of(read_policy_or_end(settings), person)
    told = run(restoring.restore(settings.database, file, actor=actor, at=SystemClock().now(), replace=replace))
    say(f"{told.rows} rows are back; {told.doubtful} effects are looked for before they are sent again.")
    if told.open_releases:
        say(f"Open releases: {', '.join(told.open_releases)}")
    if told.anchor:
        say(f"The newest record is {told.anchor}. Records that were announced later are lost with their entries.")


def adopt(
    person: As,
    version: Annotated[
        str | None, typer.Argument(help="what production runs; the newest released tag when left out")
    ] = None,
) -> None:
    """Start on a running product: read its tags and record what production runs."""
    settings = read_settings(("PRODUCT_REPO",))

    async def work() -> None:
        policy = read_policy(settings.release_policy)
        async with opened(settings) as parts:
            await bring_in(parts.store, parts.clock, policy)
            ctx = Context(parts.store, Reads(parts.store.database), parts.clock, parts.repository, policy.product.key)
            found = await adopt_product(ctx, person_of(policy, person), version)
        say(
            f"{policy.product.name} runs v{found.version} ({found.sha[:7]}), after "
            f"{'v' + found.previous if found.previous else 'nothing'}. {found.tags} released tags were read."
        )
        for note in found.notes:
            say(f"  {note}")

    run(work())


def read_policy_or_end(settings: Settings) -> Policy:
    async def work() -> Policy:
        return read_policy(settings.release_policy)

    return run(work())


def person_of(policy: Policy, name: str) -> str:
    """The Slack id of a person of the policy. Raises NotFound with everybody who is known."""
    wanted = name.removeprefix("@").casefold()
    for key, person in policy.people.items():
        if wanted in (key, person.name.casefold(), person.slack.casefold()):
            return person.slack
    known = ", ".join(policy.people)
    raise NotFound(f"the policy knows nobody called {name!r}; it knows {known}")
