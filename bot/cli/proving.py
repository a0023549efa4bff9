"""`verify` and `smoke`: what answers now, by the same probes as a pipeline's steps."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated

import typer

from bot.app import App
from bot.cli.acting import TO_ACT, acting
from bot.cli.by_hand import Version, Where, environment_of
from bot.cli.frame import REFUSED, fail, read_settings, run, say
from bot.cli.meant import expected, recorded
from bot.cli.monitoring import service_of
from bot.probes import Probe, Result, Target, probe, smoke_probes, version_probes
from core.domain.environments import Name
from core.errors import NotFound
from core.usecases import look
from core.usecases.environments import all_environments


def add_to(cli: typer.Typer) -> None:
    cli.command(name="verify")(verify)
    cli.command(name="smoke")(smoke)


def verify(
    service: Annotated[str, typer.Option(help="only this service; else all of the environment")] = "",
    rollback: Annotated[bool, typer.Option("--rollback", help="after a roll-back: the version before answers")] = False,
    *,
    version: Version = "",
    environment: Where = "production",
) -> None:
    """Ask what is deployed for its version; exit code 0 when all of it is the version that should run."""
    if rollback and version:
        fail("After a roll-back the record says which version; leave --version out.", 2)
    where, settings = environment_of(environment), read_settings(TO_ACT)

    async def work() -> bool:
        async with acting(settings) as app:
            if service:
                await service_of(app, service)
            wanted = await _brought_back(app, where) if rollback else Target(*await expected(app, where, version))
            probes = version_probes((await app.ctx.policy()).deployment, where, os.environ, service)
            return await _asked(probes, wanted, f"The policy names no service of {where}.")

    if not run(work()):
        raise typer.Exit(REFUSED)


def smoke(environment: Where = "production", version: Version = "") -> None:
    """Run the policy's smoke tests now; exit code 0 when all of them pass."""
    where, settings = environment_of(environment), read_settings(TO_ACT)

    async def work() -> bool:
        async with acting(settings) as app:
            probes = smoke_probes((await app.ctx.policy()).deployment, where, os.environ)
            wanted = Target(*await expected(app, where, version))
            return await _asked(probes, wanted, f"The policy has no smoke tests of {where}.")

    if not run(work()):
        raise typer.Exit(REFUSED)


async def _asked(probes: Sequence[Probe], wanted: Target, nothing: str) -> bool:
    """Whether there are probes and all of them pass; each is told as it ends."""
    if not probes:
        raise NotFound(nothing)
    if wanted.version:
        say(f"v{wanted.version}{f' at {wanted.commit[:7]}' if wanted.commit else ''} should run:")
    report = await probe(probes, wanted, _told)
    say(report.line)
    return report.passed


def _told(result: Result) -> None:
    took = f" · {result.took} ms" if result.took else ""
    say(f"{'ok  ' if result.passed else 'FAIL'} {result.name}{took}{f': {result.why}' if result.why else ''}")


async def _brought_back(app: App, where: Name) -> Target:
    """The version that the newest roll-back was to. Raises NotFound where there was none."""
    for facts in await look.open_releases(app.ctx):
        back = facts.get("run") or {}
        if back.get("kind") == "roll back" and back.get("environment") == where:
            return Target(*recorded((await all_environments(app.ctx))[where], str(back["target"])))
    raise NotFound(f"Nothing was rolled back on {where} that is not closed yet.")
