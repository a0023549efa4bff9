"""A release with a tracker: titles by key, keys whose work is not done, and a tracker that is away."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from sandbox.jira import JiraServer, Work
from tests.scenarios.driver import team

SUBJECT = "feat(search): find by colour, AA-500 (#390)"


async def test_titles_and_states_are_read_and_nothing_waits_for_them(tmp_path: Path) -> None:
    async with JiraServer() as jira:
        settings = {"jira_url": jira.url, "jira_email": jira.email, "jira_token": SecretStr(jira.token)}
        async with team(tmp_path, bot=settings) as play:
            play.product.commit("develop", "app/colour.py", "x = 1\n", author="Jo", subject=SUBJECT)
            jira.faults = ["down"]
            await play.says("priya", "start minor")
            assert not jira.faults, "it was asked"
            facts = await play.facts("1.3.0")
            assert facts["notes"]["counts"] and "key_not_done" not in [g["code"] for g in facts["notes"]["gaps"]]
            jira.issues = {"AA-500": Work("Colours", "In Review", "indeterminate"), "AA-777": Work("Export as PDF")}
            await play.says("mira", "scope add 1.3.0 AA-777")
            titles = {i["ref"]: i["title"] for i in (await play.facts("1.3.0"))["scope_items"]}
            assert titles == {"AA-777": "Export as PDF"}
            play.product.commit("develop", "app/more.py", "x = 1\n", author="Jo", subject="fix: a wrong sum (AA-501)")
            await play.settles()
            gaps = {g["item"]: g for g in (await play.facts("1.3.0"))["notes"]["gaps"] if g["code"] == "key_not_done"}
            assert [*gaps] == ["#390"] and not gaps["#390"]["blocking"]
            shown = await play.says("mira", "notes")
            assert "AA-500 is not done, it is In Review" in shown and "Jira" not in shown, shown
            jira.faults = ["down"] * 3
            play.product.commit("develop", "app/last.py", "x = 1\n", author="Jo", subject="fix: an older sum (AA-502)")
            await play.settles()
            assert len(jira.faults) < 3, "it was asked"
            shown = await play.says("mira", "notes")
            assert "AA-500 is not done, it is In Review" in shown, "as it was told before"
            assert "Titles and states of issues are as of" in shown and "; Jira does not answer" in shown, shown
            jira.faults.clear()
            await play.settles()
            assert "Jira does not answer" not in await play.says("mira", "notes"), "it was asked again by itself"
