"""What the doctor finds about hosts, and which of them are connected."""

from __future__ import annotations

from typing import get_args

import aiohttp
import pytest

from bot.doctor_hosts import Finding, host_findings
from bot.hosts import NEEDED, TITLES, hosts_of
from bot.settings import Settings
from core.domain.policy import Policy, parse_policy
from core.domain.policy_pipeline import HostName
from sandbox.hosts.server import TOKENS, Hosts
from sandbox.hosts.yard import Place, Pretend
from tests.bot.conftest import POLICY

SERVICES = """
[deployment.services.api]
title = "API"
host = "render"
trigger = "{trigger}"
targets = {{ staging = "srv-api-staging", production = "srv-api" }}

[deployment.services.web]
title = "Web"
host = "vercel"
targets = {{ production = "web" }}
"""


def policy(trigger: str) -> Policy:
    return parse_policy(POLICY.read_text() + SERVICES.format(trigger=trigger))


async def found(rules: Policy | None, **settings: object) -> dict[str, Finding]:
    read = Settings(**settings)  # type: ignore[arg-type]
    return {finding[0]: finding async for finding in host_findings(read, rules)}


async def test_each_service_its_host_and_who_makes_it_deploy() -> None:
    async with Hosts(Pretend({"main": "a" * 40})) as hosts:
        await hosts.add("render", Place("srv-api", auto=True))
        await hosts.add("vercel", Place("prj_web"))
        at = {
            "render_api_key": TOKENS["render"], "render_api_url": f"{hosts.url}/render/v1",
            "vercel_token": TOKENS["vercel"], "vercel_api_url": f"{hosts.url}/vercel", "vercel_team_id": "team_sandbox",
        }  # fmt: skip
        api = await found(policy("api"), **at)
        assert (api["api on staging"][1], "under `targets`" in api["api on staging"][3]) == (False, True)
        assert (api["api on production"][1], "before the migrations" in api["api on production"][2]) == (False, True)
        assert (api["web on production"][1], "does not say" in api["web on production"][2]) == (True, True)
        assert (await found(policy("push"), **at))["api on production"][1]
        denied = await found(policy("api"), **{**at, "render_api_key": "rnd_wrong"})
        assert "docs/hosts.md" in denied["api on production"][3]
        lacking = await found(policy("api"), **{**at, "vercel_token": None})
        assert "VERCEL_TOKEN" in lacking["host of web"][2]
    assert await found(None) == {}


async def test_a_host_is_there_when_its_settings_are() -> None:
    async with aiohttp.ClientSession() as session:
        assert hosts_of(Settings(), session) == {}
        assert set(NEEDED) == set(TITLES) == set(get_args(HostName)), "the policy may name each of them"
        settings = Settings(
            render_api_key="rnd_1", vercel_token="v_1", hook_host_url="https://deploy.example", hook_host_token="h_1"
        )
        assert sorted(hosts_of(settings, session)) == ["hook", "render", "vercel"]
        assert {"rnd_1", "v_1", "h_1"} <= set(settings.secrets)
    with pytest.raises(ValueError, match="https"):
        Settings(hook_host_url="http://deploy.example")
