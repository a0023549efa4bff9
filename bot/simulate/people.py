"""People who do what is asked of them: in their working hours, each thing a while after it became theirs."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.simulate.duties import Facts, Task, tasks_of
from bot.simulate.world import World
from core.domain.calendar import wall
from core.domain.people import Roster
from core.domain.release import ReleaseType
from core.errors import Refused
from core.usecases.context import role_members, roster_of
from core.usecases.start import propose

LEAST, SPREAD = 15, 100  # minutes from when something is somebody's until it is done
CI_TAKES = timedelta(minutes=40)
LATER = timedelta(hours=2)  # what was refused is tried again then
EARLY = {"planning", "development", "stabilization", "preparation", "deployment"}


def pause(key: str) -> timedelta:
    """How long this one lets it lie: always the same, and not the same for all."""
    return timedelta(minutes=LEAST + zlib.crc32(key.encode()) % SPREAD)


@dataclass(slots=True)
class Team:
    """Everybody who holds a role. `refused` keeps what was tried in vain: when, what, why."""

    refused: list[tuple[datetime, Task, str]] = field(default_factory=list)
    _at: dict[str, datetime] = field(default_factory=dict)
    _tasks: list[Task] = field(default_factory=list)
    _seen: int = -1  # changes of the store

    async def next(self, w: World) -> datetime | None:
        return min((self._at[task.key] for task in self._tasks), default=None)

    async def do(self, w: World) -> bool:
        if self._seen != w.store.changes:  # else nothing is anybody's that was not before
            self._seen = w.store.changes
            facts = await w.in_flight()
            self._tasks = [task for one in facts for task in tasks_of(one, w.now)]
            self._tasks += [task async for task in self._starts(w, facts)]
            await self._plan(w)
        ripe = [task for task in self._tasks if self._at[task.key] <= w.now]
        for task in sorted(ripe, key=lambda t: self._at[t.key]):
            if await self._done(w, task):
                return True
        return False

    async def _plan(self, w: World) -> None:
        """Say of what is new when it will be done."""
        roster = await self._roster(w)
        for task in self._tasks:
            if task.key not in self._at:
                begins = max(w.now + pause(task.key), task.after or w.now)
                if task.at_once and task.after:
                    begins = task.after
                self._at[task.key] = begins if task.at_once else roster.next_hour(task.person, begins)

    async def _done(self, w: World, task: Task) -> bool:
        try:
            await w.does(task.person, task.event, task.version, task.given)
        except Refused as refused:
            self.refused.append((w.now, task, ", ".join(b.code for b in refused.blockers)))
            self._at[task.key] = w.now + LATER
            return False
        return True

    async def _roster(self, w: World) -> Roster:
        async with w.ctx.store.database.reader.connect() as conn:
            return await roster_of(conn, await w.ctx.active_policy(conn))

    async def _starts(self, w: World, open_ones: Sequence[Facts]) -> AsyncIterator[Task]:
        """The next train gets its release as soon as none is before the freeze any more."""
        if any(one["phase"] in ("planning", "development") and one["departs_at"] for one in open_ones):
            return
        found = await propose(w.ctx, ReleaseType.MINOR, actor="")
        if found.departs_at is None or not found.changes:
            return
        async with w.ctx.store.database.reader.connect() as conn:
            policy = await w.ctx.active_policy(conn)
            members, _ = await role_members(conn, policy, w.now)
        who = [p for role in policy.permissions["start"] for p in members.get(role, ())]
        captain = found.captain(found.departs_at)
        if who:
            given = {"kind": "minor", "departs_at": found.departs_at.isoformat()}
            yield Task(f"start:{found.version}:{found.departs_at.isoformat()}", captain or who[0], "start", "", given)


@dataclass(slots=True)
class Ci:
    """Reports for each candidate what its checklist waits for, a while after it was tagged."""

    _at: dict[str, datetime] = field(default_factory=dict)
    _wanted: list[tuple[str, str, str]] = field(default_factory=list)  # version, commit, kind
    _seen: int = -1  # changes of the store

    async def next(self, w: World) -> datetime | None:
        return min((self._at[f"{sha}:{kind}"] for _, sha, kind in self._wanted), default=None)

    async def do(self, w: World) -> bool:
        if self._seen != w.store.changes:
            self._seen = w.store.changes
            self._wanted = [one for told in await w.in_flight() for one in _open_results(told)]
        for _, sha, kind in self._wanted:
            self._at.setdefault(f"{sha}:{kind}", w.now + CI_TAKES)
        ripe = [(version, kind) for version, sha, kind in self._wanted if self._at[f"{sha}:{kind}"] <= w.now]
        for version, kind in ripe:
            await w.reports(version, kind, settled=False)
        return bool(ripe)


def _open_results(facts: Facts) -> Iterator[tuple[str, str, str]]:
    sha = str((facts.get("candidate") or {}).get("sha") or "")
    for item in facts["signoffs"] if sha and facts["phase"] in EARLY else ():
        if item["met"] == "evidence" and item["state"] == "open":
            yield facts["version"], sha, item["rule"]


@dataclass(slots=True)
class Developers:
    """Commit to develop on the same days of each week, in turns."""

    days: tuple[int, ...] = (1,)  # Tuesday
    hour: time = time(10)  # in the policy's zone
    _next: datetime | None = None
    _count: int = 0

    async def next(self, w: World) -> datetime | None:
        if self._next is None:
            self._next = self._after(w.now, (await w.ctx.policy()).zone)
        return self._next

    async def do(self, w: World) -> bool:
        if self._next is None or self._next > w.now:
            return False
        policy = await w.ctx.policy()
        self._next = self._after(w.now, policy.zone)
        busy = {person for role in policy.roles for person in policy.static_members(role)}
        free = [p.name for p in policy.people.values() if p.slack not in busy and p.emails]
        authors = free or [p.name for p in policy.people.values()]
        self._count += 1
        what, where = WORK[self._count % len(WORK)]
        number = 400 + self._count
        message = f"{what} (#{number})"
        await w.wrote(authors[self._count % len(authors)], message, {where: f"# {number}\n"})
        return True

    def _after(self, now: datetime, zone: str) -> datetime:
        day = now.astimezone(ZoneInfo(zone)).date()
        while day.weekday() not in self.days or wall(day, self.hour, zone) <= now:
            day += timedelta(days=1)
        return wall(day, self.hour, zone)


WORK = (
    ("feat(search): save a search under a name", "search.py"),
    ("fix(payments): show the newest payment first", "payments.py"),
    ("feat(owners): send the statement as a file", "owners.py"),
    ("fix(photos): keep the order of photos", "photos.py"),
    ("feat(calendar): remind of the next visit", "visits.py"),
    ("fix(login): say when the password was changed", "login.py"),
    ("feat(reports): compare two years", "reports.py"),
)
