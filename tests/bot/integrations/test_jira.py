"""Jira is read in batches, strangers' words and redirects are not believed, and every failure has a reason."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.integrations.jira import BATCH, Jira, JiraSettings
from bot.integrations.slack import make_session
from core.domain.notes.model import Issue
from core.errors import IntegrationError
from sandbox.jira import Fault, JiraServer, Work


@asynccontextmanager
async def reading(email: str = "bot@asset-anchor.example", token: str = "") -> AsyncIterator[tuple[Jira, JiraServer]]:
    session = make_session()
    try:
        async with JiraServer(email=email) as server:
            settings = JiraSettings(server.url, email, token or server.token, timeout=0.5)
            yield Jira(settings, session), server
    finally:
        await session.close()


@pytest.mark.parametrize("email", ["bot@asset-anchor.example", ""])
async def test_titles_and_states_are_read_in_one_go(email: str) -> None:
    async with reading(email) as (jira, server):
        server.issues = {"AA-1": Work("Faster search"), "AA-2": Work("Bank\nline", "In Review", "indeterminate")}
        found = await jira.issues(["AA-1", "AA-2", "AA-1", "#12", "x) or key > (", "AA-01"])
        assert found == {
            "AA-1": Issue("AA-1", "Faster search", "Done", True),
            "AA-2": Issue("AA-2", "Bank line", "In Review", False),
        }
        assert server.asked == ["key in (AA-1, AA-2)"], "what is no key of Jira's is not asked about"
        assert await jira.issues(["#12"]) == {} and len(server.asked) == 1


async def test_keys_that_jira_does_not_know_do_not_hide_the_others() -> None:
    async with reading() as (jira, server):
        server.issues = {f"AA-{n}": Work(f"Work {n}") for n in range(1, 2 * BATCH)}
        wanted = [*server.issues, "ZZ-9"]
        found = await jira.issues(wanted)
        assert [*found] == [*server.issues]
        assert len(server.asked) < 2 * BATCH / 4, "halves, not one by one"


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"),
    [
        ("rate", "rate", True),
        ("down", "down", True),
        ("silent", "down", True),
        ("garbage", "down", True),
        ("elsewhere", "refused", False),
    ],
)
async def test_each_failure_has_its_reason(fault: Fault, reason: str, retryable: bool) -> None:
    async with reading() as (jira, server):
        server.issues = {"AA-1": Work("One"), "AA-2": Work("Two")}
        server.faults = [fault]
        with pytest.raises(IntegrationError) as told:
            await jira.issues(["AA-1", "AA-2"])
        assert (told.value.vendor, told.value.facts["reason"], told.value.retryable) == ("jira", reason, retryable)
        assert server.token not in str(told.value)
        if fault == "rate":
            with pytest.raises(IntegrationError) as again:
                await jira.issues(["AA-1"])
            assert 0 < again.value.retry_after <= 2 and len(server.asked) == 1, "while the limit holds nobody asks"


async def test_a_token_that_is_not_taken_is_said() -> None:
    async with reading(token="another") as (jira, server):
        server.issues = {"AA-1": Work("One")}
        with pytest.raises(IntegrationError) as told:
            await jira.issues(["AA-1"])
        assert told.value.facts["reason"] == "denied" and not told.value.retryable and "another" not in str(told.value)
