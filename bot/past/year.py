"""What happens in the year: a release on every train, and the troubles of a usual team, each at its own hour.

People, CI and developers do what they do by themselves; here stands what else happens. `TROUBLES` is the whole script:
the number of the train, how long after its departure, and what. The numbers of the year follow from it, and a test
holds each of them by hand.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from bot.simulate.acting import person_of
from bot.simulate.people import Ci, Developers, Team
from bot.simulate.world import World
from core.domain.calendar import departures
from core.store import environments
from core.usecases.advance import Ask
from core.usecases.evidence import Posted, take
from core.usecases.remind import remind

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MOST = 30  # departures of a year
WRONG, BROKEN = "something is wrong", "customers cannot work"
Act = Callable[["Year", str], Awaitable[object]]


@dataclass
class Year:
    """The world and what of it is under way."""

    w: World
    left: list[datetime] = field(default_factory=list)  # the departure that something is about, and those after it

    async def live(self) -> str:
        """The version that production runs now."""
        async with self.w.ctx.store.database.reader.connect() as conn:
            return (await environments.load(conn, self.w.ctx.product, "production")).version

    async def leaving(self) -> str:
        """What stands on the train that leaves now, or is being brought to production."""
        found = [dict(card.facts) for card in await self.w.ctx.reads.in_flight(self.w.ctx.product)]
        return str(next(one["version"] for one in found if one["phase"] in ("preparation", "deployment")))


def feedback(text: str) -> Act:
    return lambda y, v: y.w.acts("sana", "report", v, reason=text, kind="feedback")


def bug(text: str) -> Act:
    return lambda y, v: y.w.acts("sana", "report", v, reason=text, kind="bug")


def triaged(report: int, found: str) -> Act:
    return lambda y, v: y.w.acts("qadir", "triage", v, report=report, found=found, reason="tried it on staging")


def incident(severity: str, text: str, earlier: timedelta | None = None) -> Act:
    """`earlier`: who tells it says since when."""

    async def told(y: Year, v: str) -> None:
        more = {"detected_at": (y.w.now - earlier).isoformat()} if earlier else {}
        await y.w.acts("sana", "incident", v, reason=text, severity=severity, **more)

    return told


def resolved(number: int = 1) -> Act:
    return lambda y, v: y.w.acts("olu", "resolve", v, incident=number, reason="the cause is found and gone")


def rolled_back(severity: str, reason: str) -> Act:
    return lambda y, v: y.w.acts("olu", "rollback", v, severity=severity, reason=reason)


async def unlocked(y: Year, v: str) -> None:
    await y.w.acts("olu", "unlock", environment="production", reason="the cause is known and will be mended")


def fixed_forward(reason: str, text: str) -> Act:
    """A hotfix, and the commit that it is for."""

    async def mended(y: Year, v: str) -> None:
        done = await y.w.acts("priya", "fix_forward", v, reason=reason)
        number = str(done.notes["hotfix"])
        facts = await y.w.facts(number)
        await y.w.commits("dana", f"fix: {text}", {"fixed.py": f"# {text}\n"}, str(facts["branch"]))

    return mended


@dataclass(slots=True)
class Reports:
    """What CI says of every candidate beside its tests: coverage, and what static analysis finds."""

    _told: set[str] = field(default_factory=set)
    _seen: int = -1

    async def next(self, w: World) -> datetime | None:
        return None

    async def do(self, w: World) -> bool:
        if self._seen == w.store.changes:
            return False
        self._seen = w.store.changes
        found = [dict(card.facts) for card in await w.ctx.reads.in_flight(w.ctx.product)]
        shas = [str((one.get("candidate") or {}).get("sha") or "") for one in found]
        new = [sha for sha in shas if sha and sha not in self._told]
        for sha in new:
            self._told.add(sha)
            number = len(self._told)
            await take(w.ctx, Posted(sha, "automated", "ci", coverage(8000 + 40 * (number % 7)), "coverage"))
            await take(w.ctx, Posted(sha, "security", "ci", findings(12 - number % 5), "static analysis"))
        return bool(new)


def coverage(covered: int) -> bytes:
    """A Cobertura report of 10,000 lines."""
    return f'<coverage lines-valid="10000" lines-covered="{covered}" line-rate="{covered / 10_000}"/>'.encode()


def findings(count: int) -> bytes:
    """A SARIF log with this many warnings."""
    results = [{"ruleId": "complexity", "level": "warning", "message": {"text": "too long"}} for _ in range(count)]
    run = {"tool": {"driver": {"name": "lint"}}, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def fails(step: str, why: str) -> Act:
    """The next deployment to production of what leaves now stops at this step."""

    async def broken(y: Year, v: str) -> None:
        y.w.faults[f"production:{await y.leaving()}:{step}"] = why

    return broken


async def tried_again(y: Year, v: str) -> None:
    y.w.faults.clear()
    await y.w.acts("olu", "retry", await y.leaving())


async def held(y: Year, v: str) -> None:
    await y.w.acts("priya", "hold", await y.leaving(), reason="the provider of mails is down")


async def resumed(y: Year, v: str) -> None:
    await y.w.acts("priya", "resume", await y.leaving())


async def put_on_an_extra_train(y: Year, v: str) -> None:
    when = (y.left[0] + DAY).isoformat()
    number = await y.leaving()
    await y.w.acts("priya", "extra", train="main", at=when, reason="the release missed its train")
    await y.w.acts("priya", "move", number, to=when, reason="the texts are mended")


async def went(y: Year, v: str) -> None:
    await y.w.acts("priya", "go", await y.leaving())


async def went_together(y: Year, v: str) -> None:
    """A major goes when release manager and DevOps say so."""
    number = await y.leaving()
    for who in ("priya", "olu"):
        await y.w.acts(who, "go", number)


async def begun_anew(y: Year, v: str) -> None:
    """What was begun before the major is numbered too low now."""
    found = [dict(card.facts) for card in await y.w.ctx.reads.in_flight(y.w.ctx.product)]
    number = next(str(one["version"]) for one in found if one["phase"] in ("planning", "development"))
    await y.w.acts("priya", "cancel", number, reason="it follows the major, with another number")


def reminded(who: str, whom: str, code: str) -> Act:
    """Somebody reminds somebody of what the release waits for."""

    async def sent(y: Year, v: str) -> None:
        policy, number = await y.w.ctx.policy(), int((await y.w.facts(v))["id"])
        given = {"person": person_of(policy, whom), "code": code, "about": code}
        await remind(y.w.ctx, Ask(person_of(policy, who), "remind", release=number, input=given))
        await y.w.settle()

    return sent


def started(kind: str, trains: int = 0) -> Act:
    """`trains` after this one it leaves; without, it waits for none and a mended thing comes with it."""

    async def begun(y: Year, v: str) -> None:
        more = {"departs_at": y.left[trains].isoformat()} if trains else {"reason": "what customers met"}
        done = await y.w.acts("priya", "start", kind=kind, **more)
        if not trains:
            facts = await y.w.facts(str(done.facts["version"]))
            text = f"keep the address of {facts['version']}"
            await y.w.commits("dana", f"fix: {text}", {"address.py": f"# {text}\n"}, str(facts["branch"]))

    return begun


# the train, how long after it has left (or before), what
TROUBLES: tuple[tuple[int, timedelta, Act], ...] = (
    (1, 3 * HOUR, feedback("the new list is easier to read")),
    (1, 5 * HOUR, triaged(1, "not a bug")),
    (2, 3 * HOUR, incident(BROKEN, "nobody can pay")),
    (2, 3 * HOUR + 15 * MINUTE, rolled_back(BROKEN, "payments fail")),
    (2, 4 * HOUR, resolved()),
    (2, 19 * HOUR, unlocked),
    (3, 3 * HOUR, incident(WRONG, "statements show last month", 30 * MINUTE)),
    (3, 3 * HOUR + 20 * MINUTE, fixed_forward("statements show the wrong month", "take the month of the lease")),
    (3, 26 * HOUR, resolved()),
    (5, 4 * HOUR, bug("photos are turned")),
    (5, 5 * HOUR, bug("the export lacks a column")),
    (5, 6 * HOUR, reminded("priya", "mira", "item.retro")),
    (5, 22 * HOUR, triaged(1, "bug")),
    (5, 23 * HOUR, triaged(2, "duplicate")),
    (7, 20 * HOUR, incident(WRONG, "mails arrive late")),
    (7, 22 * HOUR, resolved()),
    (9, 6 * HOUR, incident(BROKEN, "nobody can log in", 10 * MINUTE)),
    (9, 6 * HOUR + 20 * MINUTE, rolled_back(BROKEN, "the login fails")),
    (9, 7 * HOUR, resolved()),
    (9, 20 * HOUR, unlocked),
    (11, -10 * MINUTE, fails("smoke", "the smoke test of the calendar failed")),
    (11, 30 * MINUTE, tried_again),
    (13, -10 * MINUTE, held),
    (13, 18 * HOUR, resumed),
    (13, 19 * HOUR, put_on_an_extra_train),
    (13, DAY + 10 * MINUTE, went),
    (15, 5 * HOUR, feedback("the map loads at once")),
    (15, 6 * HOUR, bug("one street is missing on it")),
    (15, 20 * HOUR, triaged(1, "not a bug")),
    (15, 21 * HOUR, triaged(2, "bug")),
    (18, 3 * HOUR, incident(BROKEN, "invoices go out twice")),
    (18, 3 * HOUR + 10 * MINUTE, fixed_forward("invoices go out twice", "send an invoice once")),
    (18, 30 * HOUR, resolved()),
    (20, 5 * DAY, started("major", 3)),
    (23, MINUTE, went_together),
    (23, HOUR, begun_anew),
    (23, 6 * HOUR, bug("old links lead nowhere")),
    (23, 8 * HOUR, reminded("priya", "qadir", "item.retro")),
    (23, 24 * HOUR, triaged(1, "bug")),
    (25, 20 * HOUR, started("patch")),
)


async def play(w: World, first: datetime, weeks: int, said: Callable[[datetime], object] = lambda _: None) -> Year:
    """Live these weeks; `first` is the first departure that a release can take. `said` hears of each moment."""
    y, end, versions = Year(w), w.now + timedelta(weeks=weeks), dict[int, str]()
    w.lives[:] = [Developers(days=(1, 3)), Ci(), Reports(), Team()]
    table = (await w.ctx.policy()).trains["main"].timetable()
    leaves = list(islice(departures(table, first - HOUR), MOST))  # at ten in the morning, summer and winter
    script = [(leaves[n - 1] + after, n, do) for n, after, do in TROUBLES]
    for at, n, do in sorted(script, key=lambda x: x[0]):
        if at < end:
            await w.until(at)
            y.left[:] = leaves[n - 1 :]
            versions[n] = versions.get(n) or await y.live()
            await do(y, versions[n])
            said(at)
    await w.until(end)
    return y
