"""What the doctor finds about Jira: nothing waits for it, so nobody else would say that it refuses us."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.doctor_forge import Finding
from bot.integrations.slack import make_session
from bot.settings import Settings
from bot.tracker import jira_of
from core.errors import IntegrationError

AFTER = {
    "denied": "set JIRA_EMAIL and JIRA_TOKEN for Jira Cloud, JIRA_TOKEN alone for a Data Center",
    "missing": "correct JIRA_URL: it is the address of the site, without /rest or /browse",
    "refused": "correct JIRA_URL: it is the address of the site as the browser ends up on it",
    "rate": "wait; other programs use the same account",
}


async def tracker_findings(settings: Settings) -> AsyncIterator[Finding]:
    """One finding; nothing at all where no address is set."""
    session = make_session()
    try:
        jira = jira_of(settings, session)
        if jira is None:
            return
        try:
            yield "jira", True, f"it answers as {await jira.account()}", ""
        except IntegrationError as error:
            todo = AFTER.get(str(error.facts.get("reason")), "check JIRA_URL and the network of this machine")
            yield "jira", False, str(error), todo
    finally:
        await session.close()
