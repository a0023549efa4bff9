"""Which release a script means, and who acts: the one in preparation or deployment, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.app import App
from bot.cli.frame import fail
from bot.cli.store import person_of
from bot.cli.tagging import known
from core.domain.versions import Version
from core.errors import NotFound, ReleaseBotError
from core.usecases import look
from core.usecases.environments import all_environments

Facts = dict[str, Any]
SHIPPING = ("preparation", "deployment")
HOW = "Add --as priya, or set RELEASE_BOT_AS for scripts."


class SeveralMeant(ReleaseBotError):
    """More than one release could be meant."""


async def meant(app: App, version: str) -> Facts:
    """The release with this number; without one the only one in preparation or deployment.

    Raises NotFound when there is none, SeveralMeant with all of them when there are several.
    """
    if version:
        number = Version.parse(version).final
        found = await look.status(app.ctx, str(number))
        if found is None:
            raise NotFound(f"There is no v{number}.")
        return found
    one = await only_one(app)
    if one is not None:
        return one
    others = _listed(await look.open_releases(app.ctx))
    more = f" Open are {others}: name the version that you mean." if others else " No release is open."
    raise NotFound(f"No release is in preparation or deployment.{more}")


async def only_one(app: App) -> Facts | None:
    """The only release in preparation or deployment, or None. Raises SeveralMeant when there are several."""
    found = [f for f in await look.open_releases(app.ctx) if f["phase"] in SHIPPING]
    if len(found) > 1:
        raise SeveralMeant(
            f"{len(found)} releases are in preparation or deployment: {_listed(found)}. Name the version that you mean."
        )
    return found[0] if found else None


async def expected(app: App, environment: str, version: str) -> tuple[str, str]:
    """Version and commit that should run there: those of the version that is named, else of the release that is in
    deployment to production, else what the record says; two empty texts when nobody knows.

    Raises SeveralMeant when two releases ship and none is named.
    """
    there = (await all_environments(app.ctx))[environment]
    facts = await meant(app, version) if version else await only_one(app)
    if facts is None or not (version or (facts["phase"] == "deployment" and environment == "production")):
        return str(there["version"] or ""), str(there["sha"] or "")
    run = facts.get("run") or {}
    if version or run.get("kind") != "roll back":
        return str(facts["version"]), _commit_of(facts, environment)
    return recorded(there, str(run["target"]))


def recorded(there: Mapping[str, Any], version: str) -> tuple[str, str]:
    """A version with its commit, as the record of an environment knows it; the commit is "" where it does not."""
    return version, str(there["sha"] or "") if version == there["version"] else ""


def _commit_of(facts: Facts, environment: str) -> str:
    """On staging a candidate runs, in production the commit of the promotion."""
    candidate = str((facts.get("candidate") or {}).get("sha") or "")
    return str(facts.get("promotion_sha") or candidate) if environment == "production" else candidate


def _listed(found: list[Facts]) -> str:
    return ", ".join(f"v{f['version']} ({f['phase']})" for f in found)


async def acts(app: App, person: str) -> str:
    """The Slack id of who acts: --as, RELEASE_BOT_AS, or the person of the policy with git's user.email."""
    actor = person_of(await app.ctx.policy(), person) if person else await known(app)
    if not actor:
        fail(f"Who are you? {HOW}", 2)
    return actor
