"""`monitor`: follow what a pipeline does with a service, or ask its host what serves."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.app import App
from bot.cli.acting import TO_ACT, acting
from bot.cli.by_hand import Version, Where, environment_of
from bot.cli.following import followed, served, standing
from bot.cli.frame import REFUSED, read_settings, run, say
from bot.cli.meant import expected
from bot.hosts import hosts_of
from core.domain.environments import Name
from core.domain.policy_pipeline import Service as Rules
from core.errors import NotFound

Service = Annotated[str, typer.Option(help="a service of the policy, for example backend")]


def add_to(cli: typer.Typer) -> None:
    cli.command(name="monitor")(monitor)


def monitor(service: Service, version: Version = "", environment: Where = "production") -> None:
    """Follow the deployment of a service until it serves; without one, say what its host serves now.

    Exit code 0 when the version that should run serves. Where no `release-bot serve` is at work, the run goes on here.
    """
    where, settings = environment_of(environment), read_settings(TO_ACT)

    async def work() -> bool:
        async with acting(settings) as app:
            rules = await service_of(app, service)
            there = await standing(app, where)
            if there is None:
                return await _asked(app, service, rules, where, version)
            say(f"v{there.body['version']} on {where}, {there.kind}:")
            ended, tried = await followed(app, there.id, service)
            if ended.reason:
                say(ended.reason)
            return served(ended.steps, tried, service)

    if not run(work()):
        raise typer.Exit(REFUSED)


async def service_of(app: App, name: str) -> Rules:
    """The service of the policy. Raises NotFound with all that there are."""
    known = (await app.ctx.policy()).deployment.services
    if name not in known:
        raise NotFound(f"The policy has no service {name[:40]}; it has {', '.join(known) or 'none at all'}.")
    return known[name]


async def _asked(app: App, service: str, rules: Rules, where: Name, version: str) -> bool:
    """Whether the host serves the commit that should be there."""
    number, sha = await expected(app, where, version)
    target, host = rules.targets.get(where), hosts_of(app.settings, app.session).get(rules.host)
    if target is None:
        raise NotFound(f"The policy says nothing about {service} on {where}.")
    if host is None:
        raise NotFound(f"{service} is at {rules.host}, which is not connected here: its settings are missing.")
    found = await host.live(target)
    if found is None:
        say(f"{service} on {where}: the host serves nothing yet; v{number or '?'} should be there.")
        return False
    at = f"{found.commit[:7]}{f', {found.address}' if found.address else ''}"
    if found.commit == sha:
        say(f"{service} on {where}: serves v{number} ({at}).")
        return True
    say(f"{service} on {where}: serves {at}; v{number or '?'} ({sha[:7] or '?'}) should be there.")
    return False
