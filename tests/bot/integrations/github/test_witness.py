"""Where the witness differs from GitHub, so that nobody takes its silence for GitHub's; told in sandbox/README.md."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.forge import LONGEST_NOTES
from core.errors import IntegrationError
from tests.bot.integrations.github.conftest import emulated


async def test_where_the_witness_differs(witness: str) -> None:
    async with emulated(witness) as theirs:
        sha = await theirs.head("main")
        await theirs.runs_check(sha, "tests", "success")
        assert (await theirs.ask("GET", f"/commits/{sha}/check-runs"))[1]["check_runs"][0]["name"] == "tests"
        assert (await theirs.ask("GET", f"/commits/{sha}/status"))[0] == 404, "it has no commit statuses"
        with pytest.raises(IntegrationError) as missing:
            await theirs.github.checks(sha)
        assert missing.value.facts["reason"] == "missing"

        for _ in range(2):
            status, _told = await theirs.ask("POST", "/milestones", {"title": "twice"}, by="nobody")
            assert status == 201, "it takes the same title twice, and a token that it does not know"
        assert (await theirs.ask("POST", "/milestones", {"title": ""}))[1].get("errors") is None, "it names no code"

        made = await theirs.github.ensure_milestone("v1.3.0", date(2026, 12, 16))
        number = await theirs.pull("a")
        await theirs.plans(number, made.number)
        assert await theirs.github.issues("v1.3.0") == (), "its issues have no pull requests among them"

        for tag, latest in (("v1.0.0", "true"), ("v0.9.9", "false")):
            await theirs.tag(tag)
            long = {"tag_name": tag, "body": "x" * (LONGEST_NOTES + 1), "make_latest": latest}
            assert (await theirs.ask("POST", "/releases", long))[0] == 201, "it has no limit on texts"
        told = (await theirs.ask("GET", "/releases/latest"))[1]["tag_name"]
        assert told == "v0.9.9", "its latest is the newest, whatever was said"
