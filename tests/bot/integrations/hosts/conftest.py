"""Each host's adapter with its stand-in behind it, and the line between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from bot.integrations.hosts import HookHost, Render, Vercel, VercelSettings
from bot.integrations.hosts.calling import Address
from core.ports import ServiceHost
from sandbox.hosts.door import Door
from sandbox.hosts.server import TOKENS, Hosts
from sandbox.hosts.yard import Place, Pretend, Yard

OLD, NEW, STRANGE = "a" * 40, "b" * 40, "c" * 40
TARGETS = {"render": "srv-api", "vercel": "prj_web", "hook": "payments"}


@dataclass
class Pair:
    """An adapter and the host that it talks to."""

    host: ServiceHost
    door: Door
    url: str
    session: aiohttp.ClientSession

    @property
    def target(self) -> str:
        return TARGETS[self.host.name]

    @property
    def yard(self) -> Yard:
        return self.door.yard

    @property
    def place(self) -> Place:
        return self.yard.places[self.target]

    def count(self, op: str) -> int:
        """How often something was done."""
        return sum(1 for done, status in self.door.calls if done == op and 200 <= status < 300)


def adapter(name: str, url: str, session: aiohttp.ClientSession, token: str = "", timeout: float = 8.0) -> ServiceHost:
    """An adapter, with the token that the stand-in knows unless another is named."""
    token = token or TOKENS[name]
    if name == "render":
        return Render(Address(name, "Render", f"{url}/render/v1/", token, timeout), session)
    if name == "vercel":
        address = Address(name, "Vercel", f"{url}/vercel/", token, timeout)
        return Vercel(VercelSettings(address, team="team_sandbox"), session)
    return HookHost(Address(name, "the hook", f"{url}/hook/", token, timeout), session)


@pytest.fixture
async def hosts() -> AsyncIterator[Hosts]:
    """All hosts, with nothing deployed; the commits OLD and NEW are known."""
    async with Hosts(Pretend({"main": OLD, "develop": NEW})) as served:
        for name, target in TARGETS.items():
            await served.add(name, Place(target, branch="main"))
        yield served


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture(params=["render", "vercel", "hook"])
async def pair(request: pytest.FixtureRequest, hosts: Hosts, session: aiohttp.ClientSession) -> Pair:
    """One host after the other."""
    return Pair(adapter(request.param, hosts.url, session), hosts.doors[request.param], hosts.url, session)
