"""What the doctor finds about GitHub: whether it answers, what the token may do, how long it lives, the webhook."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.forge import github_of
from bot.github_hook import GITHUB_PATH
from bot.integrations.github import GitHub, Standing
from bot.integrations.slack import make_session
from bot.settings import Settings
from core.domain.policy import Policy
from core.errors import IntegrationError

Finding = tuple[str, bool, str, str]  # what was looked at, whether it is well, what was found, what to do

FEW = 200  # calls left of this hour
SOON = timedelta(days=14)
AFTER = {
    "denied": "make a token as docs/github.md says, for this repository",
    "missing": "correct `repository` in [github] of the policy, or give the token access to it",
    "rate": "wait; other programs use the same token",
}


async def findings(settings: Settings, policy: Policy | None) -> AsyncIterator[Finding]:
    """Nothing at all where neither a token nor a repository is given: everything works from plain git then."""
    repository = policy.github.repository if policy is not None else ""
    if not settings.forge_token and not repository:
        return
    if not settings.forge_token:
        said = f"{repository} is in the policy, and GITHUB_TOKEN is not set"
        yield "github", False, said, "set GITHUB_TOKEN, see docs/github.md"
        return
    if policy is None or not repository:
        yield "github", False, "GITHUB_TOKEN is set, and the policy names no repository", "name it in [github]"
        return
    session = make_session()
    try:
        github = github_of(settings, policy, session)
        if github is not None:
            async for finding in _connected(github, repository):
                yield finding
    finally:
        await session.close()
    yield _webhook(settings)
    if bool(settings.github_app_id) != (settings.github_app_key is not None):
        lacking = "GITHUB_APP_KEY" if settings.github_app_id else "GITHUB_APP_ID"
        yield "github app", False, f"{lacking} is not set, so no job of CI is answered", "set both, see docs/github.md"


async def _connected(github: GitHub, repository: str) -> AsyncIterator[Finding]:
    try:
        told = await github.standing()
    except IntegrationError as error:
        reason = str(error.facts.get("reason"))
        yield "github", False, str(error), AFTER.get(reason, "GitHub could not be reached from this machine")
        return
    yield "github", True, f"{repository}, {'private' if told.private else 'public'}, {_left(told)}", ""
    if told.archived or not told.writes:
        why = "is archived" if told.archived else "the person of the token may not write"
        yield "github access", False, why, "milestones, pull requests and releases need write access"
    for probe in told.probes:
        todo = "" if probe.ok else "give the token this permission, see docs/github.md"
        yield f"github {probe.what}", probe.ok, probe.said or "can be read", todo
    if told.remaining is not None and told.remaining < FEW:
        yield "github limit", False, f"{told.remaining} calls left of this hour", AFTER["rate"]
    if told.expires is not None and told.here is not None and told.expires - told.here < SOON:
        yield "github token", False, f"expires on {told.expires:%Y-%m-%d}", "make a new one and set GITHUB_TOKEN"


def _left(told: Standing) -> str:
    return "no limit told" if told.remaining is None else f"{told.remaining} calls left of this hour"


def _webhook(settings: Settings) -> Finding:
    if settings.app_token:
        return "github webhook", True, "none with Socket Mode: GitHub is asked every minute", ""
    if not settings.hook_secret:
        return "github webhook", True, "GITHUB_WEBHOOK_SECRET is not set: GitHub is asked every minute", ""
    return "github webhook", True, f"knocks at {GITHUB_PATH}", ""
