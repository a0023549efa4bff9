"""Which hosts this process can speak to: those whose settings are there; the policy says which service is where."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from pydantic import SecretStr

from bot.integrations.hosts import HookHost, Render, Vercel, VercelSettings
from bot.integrations.hosts.calling import Address
from bot.integrations.watched import watched
from bot.settings import Settings
from core.ports import ServiceHost

TITLES: Mapping[str, str] = {"render": "Render", "vercel": "Vercel", "hook": "the host"}  # for people
NEEDED: Mapping[str, str] = {  # the setting without which a host is not connected
    "render": "RENDER_API_KEY", "vercel": "VERCEL_TOKEN", "hook": "HOOK_HOST_URL",
}  # fmt: skip


def hosts_of(settings: Settings, session: aiohttp.ClientSession) -> Mapping[str, ServiceHost]:
    """By the names that the policy uses. A host that is not connected is not there, and a step at it says so."""
    found: list[ServiceHost] = []
    if settings.render_api_key is not None:
        at = Address("render", TITLES["render"], settings.render_api_url, _text(settings.render_api_key))
        found.append(Render(at, session))
    if settings.vercel_token is not None:
        at = Address("vercel", TITLES["vercel"], settings.vercel_api_url, _text(settings.vercel_token))
        found.append(Vercel(VercelSettings(at, settings.vercel_team_id, settings.vercel_repository), session))
    if settings.hook_host_url is not None:
        at = Address("hook", TITLES["hook"], settings.hook_host_url, _text(settings.hook_host_token))
        found.append(HookHost(at, session))
    return {host.name: watched(host, host.name) for host in found}


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
