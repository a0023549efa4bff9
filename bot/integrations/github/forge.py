"""The port Forge on GitHub: what it reads, and the few things it makes, each looked for before it is made."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import aiohttp

from bot.integrations.bounded import plain
from bot.integrations.github import deployments, reading, releases, standing
from bot.integrations.github.app import ProtectionRule
from bot.integrations.github.errors import codes, error, says
from bot.integrations.github.settings import GitHubSettings
from bot.integrations.github.wire import Wire
from core.domain.forge import LONGEST_PULL, Attachment, Check, Issue, Milestone, Pull, Shown
from core.errors import IntegrationError

ONE_BY_ONE = 300  # up to so many pull requests are asked for singly; the list, for more, does not count commits
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
            pulls = self._wire.made(partial(_pulls, told))
            found |= {pull.number: pull for pull in pulls if pull.number in wanted}
            if len(told) < PAGE or pulls[-1].number <= min(wanted):
                break
        return found

    async def _pull(self, number: int) -> Pull | None:
        try:
            told = await self._wire.get(f"{self._repo}/pulls/{number}")
        except IntegrationError as failed:
            if failed.facts["reason"] == "missing":  # an issue has such a number too
                return None
            raise
        return self._wire.made(lambda: reading.pull_of(told))

    async def _reviewed(self, pull: Pull) -> Pull:
        told = await self._wire.all(f"{self._repo}/pulls/{pull.number}/reviews")
        return self._wire.made(lambda: reading.reviewed(pull, told))

    async def open_pulls(self, base: str) -> Sequence[Pull]:
        query = {"state": "open", "base": base, "sort": "created", "direction": "desc"}
        told = await self._wire.all(f"{self._repo}/pulls", query)
        return self._wire.made(partial(_pulls, told))

    async def ensure_pull(self, head: str, base: str, title: str, body: str) -> Pull:
        if len(body) > LONGEST_PULL:
            words = f"The text has {len(body)} characters, GitHub takes {LONGEST_PULL}"
            raise error("refused", words, cause="too_long")
        opened = await self._open_pull(head, base)
        if opened is not None:
            return opened
        wanted = {"title": title, "head": head, "base": base, "body": body}
        try:
            made = await self._wire.send("POST", f"{self._repo}/pulls", wanted)
        except IntegrationError as failed:
            if says(failed, "No commits between"):
                raise error("refused", str(failed), cause="no_commits") from failed
            opened = await self._open_pull(head, base) if says(failed, "already exists") else None
            if opened is None:
                raise
            return opened
        return self._wire.made(lambda: reading.pull_of(made))

    async def _open_pull(self, head: str, base: str) -> Pull | None:
        query = {"state": "open", "head": f"{self.settings.owner}:{head}", "base": base}
        told = await self._wire.all(f"{self._repo}/pulls", query, most=1)
        return self._wire.made(lambda: reading.pull_of(told[0]) if told else None)

    # -- milestones and issues -------------------------------------------------------------------------------------

    async def milestone(self, title: str) -> Milestone | None:
        told = await self._wire.all(f"{self._repo}/milestones", {"state": "all"})
        known = self._wire.made(lambda: [reading.milestone_of(one) for one in told])
        found = [one for one in known if one.title.strip() == title.strip()]
        return min(found, key=lambda one: (one.state == "closed", one.number), default=None)

    async def ensure_milestone(self, title: str, due: date | None = None) -> Milestone:
        found = await self.milestone(title)
        if found is None:
            wanted = {"title": title, **({"due_on": reading.noon(due)} if due else {})}
            try:
                return await self._kept("POST", f"{self._repo}/milestones", wanted)
            except IntegrationError as failed:
                found = await self.milestone(title) if "already_exists" in codes(failed) else None
                if found is None:
                    raise
        change: dict[str, Any] = {"state": "open"} if found.state == "closed" else {}
        if due is not None and due != found.due:
            change["due_on"] = reading.noon(due)
        return await self._changed(found, change)

    async def _kept(self, method: str, path: str, wanted: Mapping[str, Any]) -> Milestone:
        told = await self._wire.send(method, path, wanted)
        return self._wire.made(lambda: reading.milestone_of(told))

    async def close_milestone(self, title: str) -> Milestone | None:
        found = await self.milestone(title)
        if found is None or found.state == "closed":
            return found
        return await self._changed(found, {"state": "closed"})

    async def _changed(self, found: Milestone, change: Mapping[str, Any]) -> Milestone:
        if not change:
            return found
        return await self._kept("PATCH", f"{self._repo}/milestones/{found.number}", change)

    async def issues(self, milestone: str) -> Sequence[Issue]:
        found = await self.milestone(milestone)
        if found is None:
            return ()
        query = {"milestone": str(found.number), "state": "all", "sort": "created", "direction": "asc"}
        told = await self._wire.all(f"{self._repo}/issues", query)
        return self._wire.made(lambda: tuple(reading.issue_of(one) for one in told))

    # -- checks ----------------------------------------------------------------------------------------------------

    async def checks(self, sha: str) -> Sequence[Check]:
        if not _SHA.fullmatch(sha):
            raise error("refused", f"{plain(sha)!r} is no commit")
        runs = await self._runs(sha)
        statuses = await self._wire.all(f"{self._repo}/commits/{sha}/status", key="statuses")
        told = self._wire.made(lambda: [*map(reading.run_of, runs), *map(reading.status_of, statuses)])
        return reading.by_name(told)

    async def _runs(self, sha: str) -> list[Any]:
        """Check runs. In a private repository no fine-grained token may see them; then those of GitHub Actions."""
        path = f"{self._repo}/commits/{sha}/check-runs"
        try:
            return await self._wire.all(path, {"filter": "latest"}, key="check_runs")
        except IntegrationError as failed:
            if "No commit found" in str(failed):
                raise error("missing", str(failed), status=422) from failed
            if failed.facts["reason"] != "denied":
                raise
        runs = await self._wire.all(f"{self._repo}/actions/runs", {"head_sha": sha}, key="workflow_runs")
        newest = {(run.get("name"), run.get("event")): run for run in reversed(runs)}  # GitHub lists the newest first
        return list(newest.values())

    # -- releases --------------------------------------------------------------------------------------------------

    async def ensure_release(
        self, tag: str, name: str, body: str, *, latest: bool, attachments: Sequence[Attachment] = ()
    ) -> str:
        wanted = releases.Wanted(tag, name, body, latest, tuple(attachments))
        return await releases.Releases(self._wire, self._repo).ensure(wanted)

    async def show_run(self, run: Shown) -> str:
        return await deployments.Deployments(self._wire, self._repo).show(run)

    async def answer_rule(self, asked: Mapping[str, object], allowed: bool, words: str) -> None:
        await ProtectionRule(self.settings, self._wire).answer(asked, allowed, words)

    async def mark_latest(self, tag: str) -> str:
        return await releases.Releases(self._wire, self._repo).mark_latest(tag)

    # -- for the doctor --------------------------------------------------------------------------------------------

    async def standing(self) -> standing.Standing:
        """What the token can do here; for `release-bot doctor`."""
        return await standing.read(self._wire, self._repo)


def _pulls(told: Sequence[reading.Json]) -> tuple[Pull, ...]:
    return tuple(reading.pull_of(one) for one in told)
