"""The doctor says whether Jira takes our account, because nothing else waits for it."""

from __future__ import annotations

from bot.doctor_forge import Finding
from bot.doctor_tracker import tracker_findings
from bot.settings import Settings
from sandbox.jira import JiraServer


async def found(**settings: object) -> list[Finding]:
    return [finding async for finding in tracker_findings(Settings(**settings))]  # type: ignore[arg-type]


async def test_jira_is_well_refuses_us_or_is_away() -> None:
    assert await found() == []
    async with JiraServer() as jira:
        account = {"jira_url": jira.url, "jira_email": jira.email}
        assert await found(**account, jira_token=jira.token) == [("jira", True, "it answers as Release Bot", "")]
        ((_, ok, said, todo),) = await found(**account, jira_token="another")
        assert not ok and "401" in said and "JIRA_TOKEN" in todo and "another" not in said + todo
        jira.faults = ["elsewhere"]
        ((_, ok, said, todo),) = await found(**account, jira_token=jira.token)
        assert not ok and "elsewhere" in said and "JIRA_URL" in todo
    ((_, ok, said, _),) = await found(**account, jira_token=jira.token)
    assert not ok and "no answer" in said
