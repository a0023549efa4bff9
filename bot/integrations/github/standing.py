"""What a token can do in a repository, found out without changing anything; for the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.integrations.bounded import dated
from bot.integrations.github.reading import instant
from bot.integrations.github.wire import Wire
from core.errors import IntegrationError


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing the bot reads: whether it may, and the permission that GitHub names for it."""

    what: str
    ok: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """`writes` is what the person of the token may do; a fine-grained token may be allowed less."""

    private: bool
    archived: bool
    writes: bool
    remaining: int | None
    expires: datetime | None
    here: datetime | None  # GitHub's clock
    probes: tuple[Probe, ...]


async def read(wire: Wire, repo: str) -> Standing:
    """Raises IntegrationError when the repository itself cannot be read."""
    told = await wire.get(repo)
    headers = wire.seen
    probes = [await _probe(wire, what, path) for what, path in _paths(repo).items()]
    actions = probes.pop()
    runs = next(i for i, one in enumerate(probes) if one.what == "checks")
    if not probes[runs].ok and actions.ok:
        probes[runs] = Probe("checks", True, "those of GitHub Actions; this token may not see those of others")
    return Standing(
        private=bool(told.get("private")),
        archived=bool(told.get("archived")),
        writes=bool((told.get("permissions") or {}).get("push")),
        remaining=_number(headers.get("x-ratelimit-remaining")),
        expires=_expiry(headers),
        here=dated(headers),
        probes=tuple(probes),
    )


def _paths(repo: str) -> dict[str, str]:
    return {
        "pull requests": f"{repo}/pulls",
        "issues and milestones": f"{repo}/milestones",
        "releases": f"{repo}/releases",
        "deployments": f"{repo}/deployments",
        "commit statuses": f"{repo}/commits/HEAD/status",
        "checks": f"{repo}/commits/HEAD/check-runs",
        "GitHub Actions": f"{repo}/actions/runs",
    }


async def _probe(wire: Wire, what: str, path: str) -> Probe:
    try:
        await wire.get(path, {"per_page": "1"})
    except IntegrationError as error:
        if error.facts["reason"] in ("denied", "missing"):
            return Probe(what, False, str(error.facts.get("needs") or error))
        raise
    return Probe(what, True)


def _expiry(headers: Mapping[str, str]) -> datetime | None:
    """GitHub writes "2026-11-12 10:31:26 UTC", or an offset in place of UTC."""
    told = headers.get("github-authentication-token-expiration", "").replace(" UTC", "+00:00").strip()
    try:
        return instant(told.replace(" +", "+").replace(" -", "-")) if told else None
    except ValueError:
        return None


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isdigit() else None
