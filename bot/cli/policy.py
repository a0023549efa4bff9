"""`policy check | show | adopt`: what the file says, what the store judges by, and signing a changed one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.frame import read_settings, run, say
from bot.cli.store import person_of
from bot.opening import opened
from bot.policy_start import bring_in, read_policy
from bot.policy_words import in_plain_words
from bot.settings import Settings
from core.domain.policy import Policy
from core.errors import Refused, ReleaseBotError
from core.store import policies
from core.store.engines import Database
from core.store.reads import Reads
from core.usecases.context import Context
from core.usecases.policy import sign

Where = Annotated[Path | None, typer.Argument(help="the policy file; RELEASE_POLICY when left out")]
As = Annotated[str, typer.Option("--as", help="who signs: a person of the active policy, by key, name or Slack id")]


def add_to(cli: typer.Typer) -> None:
    policy = typer.Typer(help="The release policy.", no_args_is_help=True)
    policy.command(name="check")(policy_check)
    policy.command(name="show")(policy_show)
    policy.command(name="adopt")(policy_adopt)
    cli.add_typer(policy, name="policy")


def policy_check(file: Where = None) -> None:
    """Check a policy file: every fault with its line, or what it says in plain words."""

    async def work() -> str:
        return in_plain_words(read_policy(file, "") if file else read_policy(read_settings().release_policy))

    say(run(work()))


def policy_show() -> None:
    """Print the policy text that the store judges by."""

    async def work(settings: Settings) -> str:
        database = Database.open(settings.database)
        try:
            async with database.reader.connect() as conn:
                active = await policies.active(conn)
        finally:
            await database.close()
        if active is None:
            raise ReleaseBotError("The store holds no policy yet; `release-bot serve` brings the file in.")
        return active.body

    typer.echo(run(work(read_settings())), nl=False)


def policy_adopt(person: As) -> None:
    """Sign the policy file (its `serial` raised); with the last signature new releases are judged by it."""
    settings = read_settings()

    async def work() -> None:
        changed = read_policy(settings.release_policy)
        async with opened(settings) as parts:
            await bring_in(parts.store, parts.clock, changed)
            ctx = Context(parts.store, Reads(parts.store.database), parts.clock, parts.repository, changed.product.key)
            old = await ctx.policy()
            try:
                told = await sign(ctx, person_of(old, person))
            except Refused as refused:
                raise ReleaseBotError(_why(refused, old)) from None
        if told["active"]:
            say(f"Policy {told['serial']} is active. Releases in flight are still judged by theirs.")
        else:
            missing = " and ".join(old.title(role) for role in told["missing"])
            say(f"Signed. Policy {told['serial']} waits for a signature as {missing}.")

    run(work())


def _why(refused: Refused, policy: Policy) -> str:
    """Who can sign, in words."""
    names = ", ".join(policy.name_of(p) for p in refused.blockers[0].who) or "nobody else"
    if refused.blockers[0].code == "signed_already":
        return f"You have signed this policy already. Still possible: {names}."
    roles = " or ".join(policy.title(r) for r in policy.permissions["policy"])
    return f"Only a {roles} can sign a policy: {names}. Nothing was changed."
