"""Runs as deployments on GitHub: made once, told how they stand, whatever was lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.forge import Shown
from core.errors import IntegrationError
from sandbox.github.records import FULL, Token
from tests.bot.integrations.github.worlds import Sandbox


async def run_of(forge: Sandbox) -> Shown:
    sha = await forge.head("main")
    return Shown("anchor/1.3.0/1", "production", sha, "deploy", "running", "v1.3.0 is on its way")


async def test_a_run_is_one_deployment_that_follows_its_states(forge: Sandbox) -> None:
    run = await run_of(forge)
    id = await forge.github.show_run(run)
    assert await forge.github.show_run(run) == id, "the same again"
    for state, said in (("waiting", "v1.3.0 waits for a person (step smoke)"), ("done", "v1.3.0 serves")):
        assert await forge.github.show_run(replace(run, state=state, said=said)) == id  # type: ignore[arg-type]
    back = replace(run, run="anchor/1.3.0/2", kind="roll back", state="failed", said="x" * 300)
    await forge.github.show_run(back)
    first, second = forge.server.hub.deployments
    assert [told.state for told in first.statuses] == ["in_progress", "in_progress", "success"]
    assert (first.environment, first.task, first.sha, first.said) == ("production", "deploy", run.sha, run.said)
    assert (second.task, [told.state for told in second.statuses]) == ("rollback", ["failure"])
    assert forge.server.made("deployments.tell") == 4


async def test_a_lost_answer_makes_no_second_deployment(forge: Sandbox) -> None:
    run = await run_of(forge)
    forge.server.faults.add("deployments.create", "drop", nth=1)
    with pytest.raises(IntegrationError):
        await forge.github.show_run(run)
    await forge.github.show_run(run)
    assert len(forge.server.hub.deployments) == 1
    assert len(forge.server.hub.deployments[0].statuses) == 1


async def test_a_token_without_the_permission_is_denied(forge: Sandbox) -> None:
    few = forge.with_token(Token("github_pat_few", permissions={**FULL, "deployments": "read"}))
    with pytest.raises(IntegrationError) as denied:
        await few.show_run(await run_of(forge))
    assert (denied.value.facts["reason"], denied.value.facts["needs"]) == ("denied", "deployments=write")
