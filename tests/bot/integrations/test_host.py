"""The simulated host knows after a restart what it runs, and as which builds."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.integrations.host import Host

BUILD = {"name": "web", "digest": "sha256:" + "a" * 64, "address": "registry.example/web"}


async def test_what_was_brought_stands_with_its_builds_and_a_fault_is_told(tmp_path: Path) -> None:
    host = Host(tmp_path / "host.json", faults={"production:1.3.0": "disk full"})
    assert (await host.deploy("staging", "1.3.0", "abc", [BUILD])).ok
    failed = await host.deploy("production", "1.3.0", "abc", [BUILD])
    assert (failed.ok, failed.reason) == (False, "disk full")
    again = Host(tmp_path / "host.json").runs()
    assert again["staging"]["builds"] == again["production"]["builds"] == {"web": BUILD["digest"]}
    assert (again["staging"]["healthy"], again["production"]["healthy"]) == (True, False)
    assert (await host.deploy("staging", "1.2.2", "def")).ok and host.runs()["staging"]["builds"] == {}


async def test_several_who_deploy_at_once_lose_nothing(tmp_path: Path) -> None:
    hosts = [Host(tmp_path / "host.json") for _ in range(12)]
    await asyncio.gather(*(host.deploy(f"place {n}", "1.3.0", "a" * 40) for n, host in enumerate(hosts)))
    assert len(hosts[0].runs()) == 12
