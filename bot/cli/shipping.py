"""The strategy's `check` and `rollback`: what stands before a deployment, and the way back from one."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.app import App
from bot.cli.acting import TO_ACT, acting, fired_by, typed
from bot.cli.following import followed
from bot.cli.frame import REFUSED, fail, read_settings, run, say
from bot.cli.meant import Facts, acts, meant
from bot.cli.store import As
from bot.cli.words import in_text
from core.domain.gates.shipping import SEVERITIES
from core.domain.release import ReleaseType
from core.domain.versions import Version
from core.errors import NotFound
from core.usecases import look, running
from core.usecases.environments import all_environments
from handlers.views.checklist import is_met, item_line, items, met_of
from handlers.views.overrides import of_item

LIST = "pre-deployment"
HOW_BAD = dict(zip(("critical", "major", "minor"), SEVERITIES, strict=True))
UNSAID = "rolled back from a terminal, without a word why"


def add_to(cli: typer.Typer) -> None:
    cli.command(name="check")(check)
    cli.command(name="rollback")(rollback)


def check(
    version: Annotated[str, typer.Argument(help="a version; else the one in preparation or deployment")] = "",
) -> None:
    """Show the pre-deployment checklist with its proofs and what is missing; exit code 1 when something is."""
    settings = read_settings(TO_ACT)

    async def work() -> bool:
        async with acting(settings) as app:
            facts = await meant(app, version)
            for line in await checked(app, facts):
                say(line)
            told, _ = await typed(app, f"why {facts['version']}", str(facts["lead"]))
            say(f"\n{told}")
            return _whole(facts) and not look.why(facts, app.ctx.clock.now())

    if not run(work()):
        raise typer.Exit(REFUSED)


def _whole(facts: Facts) -> bool:
    return all(is_met(item) or of_item(facts, str(item["name"])) for item in items(facts, LIST))


async def checked(app: App, facts: Facts) -> list[str]:
    """Each point of the pre-deployment checklist with what proves it; those that this type is not asked for last."""
    asked, policy = items(facts, LIST), await app.ctx.policy()
    candidate = facts.get("candidate") or {}
    about = f", {candidate['tag']} at {candidate['sha'][:7]}" if candidate else ", no candidate yet"
    lines = [f"v{facts['version']}{about}. Pre-deployment checklist: {met_of(asked)}"]
    lines += [in_text(item_line(facts, item), policy.names) for item in asked]
    kind = ReleaseType(facts["type"])
    rules = policy.signoffs.items()
    left = [rule.title for name, rule in rules if LIST in rule.lists and name not in {i["name"] for i in asked}]
    return [*lines, *([f"Not asked of a {kind.value}: {', '.join(left)}"] if left else [])]


def rollback(
    version: Annotated[str, typer.Option(help="the version that shall run again")],
    reason: Annotated[str, typer.Option(help="why; customers' words are best")] = "",
    severity: Annotated[
        str, typer.Option(help="critical: customers cannot work; major: something is wrong; minor: nobody notices")
    ] = "critical",
    person: As = "",
) -> None:
    """Roll production back to the version before, as this person, through the same gates."""
    if severity not in HOW_BAD:
        fail(f"--severity is one of {', '.join(HOW_BAD)}.", 2)
    settings = read_settings(TO_ACT)

    async def work() -> bool:
        async with acting(settings) as app:
            return await roll_back(app, version, (reason or UNSAID, HOW_BAD[severity]), await acts(app, person))

    if run(work()):
        raise typer.Exit(REFUSED)


async def roll_back(app: App, version: str, why: tuple[str, str], actor: str) -> bool:
    """True when it was refused or did not go well; a pipeline is followed to its end.

    Only the version before the present one can be gone back to: what ran until then where a deployment is under way or
    has stopped, else what ran before the version that is live.
    """
    live = (await all_environments(app.ctx))["production"]
    taken, back_to = str(live["version"]), str(live["previous"])
    for facts in await look.open_releases(app.ctx):
        if facts["phase"] == "deployment" and (facts.get("run") or {}).get("kind") == "deploy":
            taken, back_to = str(facts["version"]), taken
    wanted = str(Version.parse(version))
    if wanted != back_to:
        raise NotFound(f"production runs v{taken}; the way back is v{back_to or '?'}, not v{wanted}")
    found = await look.status(app.ctx, taken)
    if found is None:
        raise NotFound(f"v{taken} was not shipped by this bot, so it cannot take it back")
    given = dict(zip(("reason", "severity"), why, strict=True))
    if await fired_by(app, "rollback", found, given, actor):
        return True
    run = (await look.by_id(app.ctx, found["id"])).get("run") or {}
    there = await running.standing(app.ctx, found["id"], run.get("id", 0))
    if there is None:
        return False
    ended, _ = await followed(app, there.run.id)
    return ended.state != "done"
