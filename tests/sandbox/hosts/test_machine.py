"""The machine behind the hosts really runs the product, really goes back, and leaves no process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from sandbox.hosts.machine import Machine
from sandbox.hosts.server import Hosts
from sandbox.hosts.yard import Deployment, Place, State, Yard
from sandbox.product.seed import seed


async def asked(session: aiohttp.ClientSession, url: str) -> tuple[int, str]:
    async with session.get(url) as answer:
        return answer.status, await answer.text()


async def over(one: Deployment) -> State:
    for _ in range(400):
        if one.state in ("live", "failed", "cancelled"):
            return one.state
        await asyncio.sleep(0.02)
    return one.state


@pytest.fixture
async def hosts(tmp_path: Path) -> AsyncIterator[Hosts]:
    product = seed(tmp_path / "product.git").product
    async with Hosts(Machine(product, tmp_path / "machine")) as served:
        yield served


def machine_of(hosts: Hosts) -> Machine:
    assert isinstance(hosts.worker, Machine)
    return hosts.worker


def brought(yard: Yard, place: Place, name: str) -> Deployment:
    commit = yard.worker.commit(name)
    assert commit is not None
    return yard.begin(place, commit, "api")


async def test_a_backend_and_a_frontend_are_deployed_and_brought_back(hosts: Hosts) -> None:
    api, web = Place("srv-api", database="production"), Place("prj_web", kind="static")
    api_url, web_url = await hosts.add("render", api), await hosts.add("vercel", web)
    machine = machine_of(hosts)
    async with aiohttp.ClientSession() as session:
        assert (await asked(session, f"{api_url}/version"))[0] == 503
        for tag, version in (("v1.2.1", "1.2.1"), ("v1.2.2", "1.2.2"), ("v1.2.1", "1.2.1")):
            both = [brought(hosts.render.yard, api, tag), brought(hosts.vercel.yard, web, tag)]
            assert [await over(one) for one in both] == ["live", "live"], both[0].log + both[1].log
            assert (await asked(session, f"{api_url}/version")) == (200, version)
            assert json.loads((await asked(session, f"{api_url}/healthz"))[1])["ok"]
            assert (await asked(session, f"{web_url}/version")) == (200, version)
            assert "Asset Anchor" in (await asked(session, f"{web_url}/"))[1]
            assert "Harbor House" in (await asked(session, f"{web_url}/properties"))[1]
            assert "Lakeside Trust" in (await asked(session, f"{web_url}/owners"))[1]
            assert len(machine._running) == 1
        assert (await asked(session, f"{web_url}/../../api"))[0] == 404
        assert (await asked(session, f"{web_url}/nothing"))[0] == 404
        assert machine.database(api).is_file()
        page = json.loads((await asked(session, f"{hosts.url}/"))[1])
        assert page["srv-api"]["behind"][0]["commit"] == hosts.render.yard.worker.commit("v1.2.1")
        assert page["prj_web"]["deployments"][0]["state"] == "live"
        (running,) = machine._running.values()
        await machine.close()
        assert running.process.returncode is not None
        with pytest.raises(ProcessLookupError):
            os.kill(running.process.pid, 0)


async def test_what_cannot_start_leaves_the_one_before(hosts: Hosts) -> None:
    api = Place("api", promotes=False)
    url, yard, machine = await hosts.add("hook", api), hosts.hook.yard, machine_of(hosts)
    assert await over(brought(yard, api, "v1.2.2")) == "live"
    broken = machine.product.commit(
        "develop", "asset_anchor/web.py", "raise SystemExit('the port is taken')\n", subject="Break it"
    )
    assert await over(bad := brought(yard, api, broken)) == "failed"
    assert (bad.broke, "the port is taken" in bad.log) == ("start", True)
    async with aiohttp.ClientSession() as session:
        assert (await asked(session, f"{url}/version")) == (200, "1.2.2")
        commit = machine.commit("v1.2.1")
        assert commit is not None
        canary = yard.begin(api, commit, "api", gives=False)
        while canary.state != "ready":  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
        await yard.give(canary, 25)
        seen = [(await asked(session, f"{url}/version"))[1] for _ in range(100)]
        assert (seen.count("1.2.1"), seen.count("1.2.2")) == (25, 75)


def test_a_process_of_the_product_ends_when_the_sandbox_is_gone(tmp_path: Path) -> None:
    (tmp_path / "lasting.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(60)\n")
    child = Path(__file__).parents[3] / "sandbox" / "hosts" / "child.py"
    code = (
        "import os, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, {str(child)!r}, str(os.getpid()), 'lasting'], stdout=2)\n"
        "print(child.pid, flush=True)\nsys.stdin.read()\n"
    )
    words = [sys.executable, "-c", code]
    with subprocess.Popen(
        words, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None and parent.stderr is not None
        pid = int(parent.stdout.readline())
        assert parent.stderr.readline() == "up\n"
        parent.send_signal(signal.SIGKILL)
        _, left = parent.communicate(timeout=10)  # nobody holds the line any more, the child neither
    assert left == ""
    assert pid != parent.pid
