"""Which tracker this process reads: Jira where its address is set, else none."""

from __future__ import annotations

import aiohttp

from bot.integrations.jira import Jira, JiraSettings
from bot.integrations.watched import watched
from bot.settings import Settings
from core.ports import Tracker


def jira_of(settings: Settings, session: aiohttp.ClientSession) -> Jira | None:
    """The adapter itself, for those who look after it."""
    if settings.jira_url is None:
        return None
    token = settings.jira_token.get_secret_value() if settings.jira_token else ""
    return Jira(JiraSettings(settings.jira_url, settings.jira_email, token), session)


def tracker_of(settings: Settings, session: aiohttp.ClientSession) -> Tracker | None:
    """The port, watched like all others; None works from plain git."""
    jira = jira_of(settings, session)
    return None if jira is None else watched(jira, "jira")
