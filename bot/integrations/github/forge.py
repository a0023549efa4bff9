"""The port Forge on GitHub: what it reads, and the few things it makes, each looked for before it is made."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import aiohttp

from bot.integrations.github import reading, releases, standing
from bot.integrations.github.errors import codes, error, plain, says
from bot.integrations.github.settings import GitHubSettings
from bot.integrations.github.wire import Wire
from core.domain.forge import LONGEST_PULL, Attachment, Check, Issue, Milestone, Pull
from core.errors import IntegrationError

ONE_BY_ONE = 20  # up to so many pull requests are asked for singly, more are read from the list
PAGES_OF_PULLS = 10
PAGE = 100
_SHA = re.compile(r"[0-9a-f]{40}")


class GitHub:
    """One repository on GitHub. Implements `core.ports.Forge`."""

    def __init__(self, settings: GitHubSettings, session: aiohttp.ClientSession) -> None:
        self.settings = settings
        self._wire = Wire(settings, session)
        self._repo = f"/repos/{settings.repository}"

    # -- pull requests ---------------------------------------------------------------------------------------------

    async def pulls(self, numbers: Sequence[int]) -> Mapping[int, Pull]:
        wanted = {number for number in numbers if number > 0}
        listed = await self._listed(wanted) if len(wanted) > ONE_BY_ONE else {}
        single = await asyncio.gather(*(self._pull(number) for number in sorted(wanted - listed.keys())))
        found = listed | {pull.number: pull for pull in single if pull is not None}
        whole = await asyncio.gather(*(self._reviewed(pull) for pull in found.values()))
        return {pull.number: pull for pull in sorted(whole, key=lambda pull: pull.number)}

    async def _listed(self, wanted: set[int]) -> dict[int, Pull]:
        """Those among the newest pull requests, read a hundred at a time."""
        found: dict[int, Pull] = {}
        for page in range(1, PAGES_OF_PULLS + 1):
            query = {"state": "all", "sort": "created", "direction": "desc", "per_page": str(PAGE), "page": str(page)}
            told = await self._wire.get(f"{self._repo}/pulls", query)
            pulls = [reading.pull_of(one) for one in told]
            found |= {pull.number: pull for pull in pulls if pull.number in wanted}
            if len(told) < PAGE or pulls[-1].number <= min(wanted):
                break
        return found

    async def _pull(self, number: int) -> Pull | None:
        try:
            return reading.pull_of(await self._wire.get(f"{self._repo}/pulls/{number}"))
        except IntegrationError as told:
            if told.facts["reason"] == "missing":  # an issue has such a number too
                return None
            raise

    async def _reviewed(self, pull: Pull) -> Pull:
        return reading.reviewed(pull, await self._wire.all(f"{self._repo}/pulls/{pull.number}/reviews"))

    async def open_pulls(self, base: str) -> Sequence[Pull]:
        query = {"state": "open", "base": base, "sort": "created", "direction": "desc"}
        return tuple(reading.pull_of(one) for one in await self._wire.all(f"{self._repo}/pulls", query))

    async def ensure_pull(self, head: str, base: str, title: str, body: str) -> Pull:
        if len(body) > LONGEST_PULL:
            words = f"The text has {len(body)} characters, GitHub takes {LONGEST_PULL}"
            raise error("refused", words, cause="too_long")
        opened = await self._open_pull(head, base)
        if opened is not None:
            return opened
        wanted = {"title": title, "head": head, "base": base, "body": body}
        try:
            return reading.pull_of(await self._wire.send("POST", f"{self._repo}/pulls", wanted))
        except IntegrationError as told:
            if says(told, "No commits between"):
                raise error("refused", str(told), cause="no_commits") from told
            opened = await self._open_pull(head, base) if says(told, "already exists") else None
            if opened is None:
                raise
            return opened

    async def _open_pull(self, head: str, base: str) -> Pull | None:
        query = {"state": "open", "head": f"{self.settings.owner}:{head}", "base": base}
        found = await self._wire.all(f"{self._repo}/pulls", query, most=1)
        return reading.pull_of(found[0]) if found else None

    # -- milestones and issues -------------------------------------------------------------------------------------

    async def milestone(self, title: str) -> Milestone | None:
        told = await self._wire.all(f"{self._repo}/milestones", {"state": "all"})
        found = [reading.milestone_of(one) for one in told if str(one.get("title", "")).strip() == title.strip()]
        return min(found, key=lambda one: (one.state == "closed", one.number), default=None)

    async def ensure_milestone(self, title: str, due: date | None = None) -> Milestone:
        found = await self.milestone(title)
        if found is None:
            wanted = {"title": title, **({"due_on": reading.noon(due)} if due else {})}
            try:
                return reading.milestone_of(await self._wire.send("POST", f"{self._repo}/milestones", wanted))
            except IntegrationError as told:
                found = await self.milestone(title) if "already_exists" in codes(told) else None
                if found is None:
                    raise
        change: dict[str, Any] = {"state": "open"} if found.state == "closed" else {}
        if due is not None and due != found.due:
            change["due_on"] = reading.noon(due)
        return await self._changed(found, change)

    async def close_milestone(self, title: str) -> Milestone | None:
        found = await self.milestone(title)
        if found is None or found.state == "closed":
            return found
        return await self._changed(found, {"state": "closed"})

    async def _changed(self, found: Milestone, change: Mapping[str, Any]) -> Milestone:
        if not change:
            return found
        path = f"{self._repo}/milestones/{found.number}"
        return reading.milestone_of(await self._wire.send("PATCH", path, change))

    async def issues(self, milestone: str) -> Sequence[Issue]:
        found = await self.milestone(milestone)
        if found is None:
            return ()
        query = {"milestone": str(found.number), "state": "all", "sort": "created", "direction": "asc"}
        return tuple(reading.issue_of(one) for one in await self._wire.all(f"{self._repo}/issues", query))

    # -- checks ----------------------------------------------------------------------------------------------------

    async def checks(self, sha: str) -> Sequence[Check]:
        if not _SHA.fullmatch(sha):
            raise error("refused", f"{plain(sha)!r} is no commit")
        runs, statuses = await asyncio.gather(self._runs(sha), self._statuses(sha))
        return reading.by_name([*map(reading.run_of, runs), *map(reading.status_of, statuses)])

    async def _runs(self, sha: str) -> list[Any]:
        """Check runs. In a private repository no fine-grained token may see them; then those of GitHub Actions."""
        path = f"{self._repo}/commits/{sha}/check-runs"
        try:
            return await self._wire.all(path, {"filter": "latest"}, key="check_runs")
        except IntegrationError as told:
            if told.facts["reason"] != "denied":
                raise
        return await self._wire.all(f"{self._repo}/actions/runs", {"head_sha": sha}, key="workflow_runs")

    async def _statuses(self, sha: str) -> list[Any]:
        return await self._wire.all(f"{self._repo}/commits/{sha}/status", key="statuses")

    # -- releases --------------------------------------------------------------------------------------------------

    async def ensure_release(
        self, tag: str, name: str, body: str, *, latest: bool, attachments: Sequence[Attachment] = ()
    ) -> str:
        wanted = releases.Wanted(tag, name, body, latest, tuple(attachments))
        return await releases.Releases(self._wire, self._repo).ensure(wanted)

    async def mark_latest(self, tag: str) -> str:
        return await releases.Releases(self._wire, self._repo).mark_latest(tag)

    # -- for the doctor --------------------------------------------------------------------------------------------

    async def standing(self) -> standing.Standing:
        """What the token can do here; for `release-bot doctor`."""
        return await standing.read(self._wire, self._repo)
