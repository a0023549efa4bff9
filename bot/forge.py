"""Which forge this process speaks to: GitHub where a token is set and the policy names a repository, else none."""

from __future__ import annotations

from dataclasses import replace

import aiohttp

from bot.integrations.github import GitHub, GitHubSettings
from bot.integrations.watched import watched
from bot.settings import Settings
from core.domain.policy import Policy
from core.ports import Forge


def github_of(settings: Settings, policy: Policy, session: aiohttp.ClientSession) -> GitHub | None:
    """The adapter itself, for those who look after it. A repository that a later policy names needs a restart."""
    repository = policy.github.repository
    if not settings.forge_token or not repository:
        return None
    app_key = settings.github_app_key.get_secret_value() if settings.github_app_key else ""
    told = GitHubSettings(repository, settings.forge_token, settings.github_api_url)
    return GitHub(replace(told, app_id=settings.github_app_id, app_key=app_key), session)


def forge_of(settings: Settings, policy: Policy, session: aiohttp.ClientSession) -> Forge | None:
    """The port, watched like all others; None works from plain git."""
    github = github_of(settings, policy, session)
    return None if github is None else watched(github, "github")
