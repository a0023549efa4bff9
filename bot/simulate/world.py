"""A world of its own on a clock that is moved by hand: the real use cases, store and words, no network and no Slack.

    async with world(policy, start=datetime(2026, 12, 1, 9, tzinfo=UTC)) as w:
        await w.acts("priya", "start", kind="minor")
        await w.until(datetime(2026, 12, 16, 18, tzinfo=UTC))
        for one in w.sent: ...

The clock jumps from one due moment to the next, so that half a year takes seconds. Nothing happens by itself but what
the bot does by itself; `bot.simulate.people` are people who do what is asked of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

from bot.adopt import adopt
from bot.app import App, build
from bot.clock import HandClock
from bot.integrations.host import Host
from bot.integrations.slack import make_session
from bot.opening import Parts
from bot.policy_start import bring_in
from bot.simulate.acting import CI, act, person_of, reported
from bot.simulate.beginning import Changes, members_of, said_before, settings_at
from bot.simulate.forge import MemoryForge
from bot.simulate.present import Present
from bot.simulate.product import author_of, begun
from bot.simulate.recording import QuietSlack, Recording, Sent
from bot.simulate.repository import MemoryRepository
from bot.simulate.steps import simulated
from core.domain.policy import Policy
from core.store import outbox, releases, runs
from core.store.engines import Database
from core.store.owners import Owner
from core.store.people import ROSTER
from core.store.upgrade import upgrade
from core.usecases.advance import Ask
from core.usecases.context import Context
from core.usecases.groups import store_groups
from core.usecases.heads import observe
from core.usecases.tick import next_due

ROUNDS = 500  # of one moment; more would be a circle


class Life(Protocol):
    """Somebody who does something by themselves: people, developers, CI."""

    async def next(self, w: World) -> datetime | None:
        """When they do something next, as things stand; None while nothing is theirs. Not before now."""

    async def do(self, w: World) -> bool:
        """Do what is theirs now; whether they did anything."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done: an act of a person, a result of CI for a release, or a commit to a branch.

    `about` is the event, the kind of the result or the commit's message; `where` the release's version or the branch.
    """

    at: datetime
    what: Literal["act", "result", "commit"]
    who: str
    about: str
    where: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """One product, its team and its time. `sent` is everything that Slack would have shown, in order."""

    app: App
    clock: HandClock
    repository: MemoryRepository
    store: Changes
    sent: list[Sent]
    faults: dict[str, str]  # "production:1.3.0" -> why that deployment fails; see `steps`
    lives: list[Life] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)  # what everybody did, in order
    _known: tuple[int, datetime | None] = (-1, None)  # after so many changes: when something is due next
    _facts: tuple[int, list[dict[str, Any]]] = (-1, [])  # after so many changes: facts of open releases
    _seen: object = None  # phases and refs, when the releases were last told of them
    moved: Callable[[], object] | None = None  # told of each moment that was reached, for who shows progress

    @property
    def ctx(self) -> Context:
        return self.app.ctx

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # -- what people do --------------------------------------------------------------------------------------------

    async def acts(self, person: str, event: str, version: str = "", **given: Any) -> Any:
        """Somebody does something, and everything that follows at this moment is done. Raises Refused and others.

        `event` is a row of the lifecycle or a word beside it (skip, shift, extra, delegate, away, lock, pause...);
        `given` is its input. `person` is a key or name of the policy, or a Slack id.
        """
        done = await self.does(person_of(await self.ctx.policy(), person), event, version, given)
        await self.settle()
        return done

    async def does(self, who: str, event: str, version: str, given: Mapping[str, Any]) -> Any:
        """The same by a Slack id, without what follows."""
        number = await self._id_of(version) if version else None
        done = await act(self.ctx, Ask(who, event, release=number, version=version or None, input=given))
        self.deeds.append(Deed(self.now, "act", who, event, version, given))
        return done

    async def reports(self, version: str, *kinds: str, passed: bool = True, settled: bool = True) -> None:
        """CI reports results of these kinds for the release's candidate."""
        sha = str((await self.facts(version))["candidate"]["sha"])
        for kind in kinds:
            await reported(self.ctx, sha, kind, passed=passed)
            self.deeds.append(Deed(self.now, "result", CI, kind, version, {"passed": passed}))
        if settled:
            await self.settle()

    async def commits(
        self, author: str, message: str, files: Mapping[str, str] | None = None, branch: str = ""
    ) -> str:
        """Somebody of the policy commits to a branch, develop unless it is named; returns the commit."""
        sha = await self.wrote(author, message, files or {}, branch)
        await self.settle()
        return sha

    async def wrote(self, author: str, message: str, files: Mapping[str, str], branch: str = "") -> str:
        """The same, and nobody has looked yet."""
        policy = await self.ctx.policy()
        where = branch or policy.product.trunk
        self.deeds.append(Deed(self.now, "commit", author, message, where, files))
        return self.repository.commit(where, author_of(policy, author), message, files, self.now)

    async def facts(self, version: str) -> dict[str, Any]:
        """The stored facts of a release."""
        async with self.ctx.store.database.reader.connect() as conn:
            return dict((await releases.facts_of(conn, await self._id_of(version)))[0])

    async def _id_of(self, version: str) -> int:
        async with self.ctx.store.database.reader.connect() as conn:
            found = await releases.find(conn, self.ctx.product, version)
        if found is None:
            raise LookupError(f"there is no v{version}")
        return found.id

    # -- time ------------------------------------------------------------------------------------------------------

    async def until(self, moment: datetime) -> None:
        """Let time pass up to this moment: everything due on the way happens at its own instant, and at the end."""
        await self.settle()
        while (at := await self._next(moment)) is not None:
            self.clock.move_to(at)
            await self.settle()
        self.clock.move_to(max(moment, self.now))
        await self.settle()

    async def _next(self, end: datetime) -> datetime | None:
        """The next instant at which anything happens, not after `end`."""
        due = await self._due()
        found = [due] if due is not None else []
        for life in self.lives:
            at = await life.next(self)
            if at is not None:
                found.append(max(at, self.now))
        first = min(found, default=None)
        return first if first is not None and first <= end else None

    async def _due(self) -> datetime | None:
        """When the bot does something next by itself. It is looked for again when anything has changed or come."""
        changes, at = self._known
        if changes != self.store.changes or (at is not None and at <= self.now):
            found = await next_due(self.ctx)
            self._known = (self.store.changes, found.at if found is not None else None)
        return self._known[1]

    async def settle(self) -> None:
        """Do everything that is due at this moment, by the bot and by people, until nothing is left to do now."""
        for _ in range(ROUNDS):
            await self._moved()
            if await self._ticked() or await self._looked():
                continue
            if not any([await life.do(self) for life in self.lives]):
                break
        else:
            raise RuntimeError(f"nothing comes to rest at {self.now.isoformat()}")
        if self.moved is not None:
            self.moved()

    async def _moved(self) -> None:
        """Deliver what is there and what comes of it."""
        more = 1
        while more:
            more = 0
            async with self.store.database.reader.connect() as conn:
                if await outbox.any_open(conn):
                    more = await self.app.outbox.claim()
                    await self.app.outbox.idle()
                if await runs.any_at_work(conn):
                    more += await self.app.runner.once(60.0)

    async def _ticked(self) -> bool:
        """What the hour brings, unless it is known that it brings nothing; whether it brought anything."""
        changes, at = self._known
        if at is None or at > self.now:  # it comes later, unless what was changed makes something due at once
            if changes == self.store.changes:
                return False
            found = await next_due(self.ctx, waiting=True)
            if found is None or found.at > self.now:
                self._known = (self.store.changes, found.at if found is not None else None)
                return False
        if await self.app.scheduler.what_is_due():
            self._known = (-1, None)  # more may wait
            return True
        await self._due()
        return False

    async def _looked(self) -> bool:
        """Where branches and tags are, when they or a release moved; whether a release heard of something."""
        phases = [(facts["id"], facts["phase"]) for facts in await self.in_flight()]
        stands = (phases, dict(self.repository.refs))
        if stands == self._seen:
            return False
        self._seen = stands
        return bool(await observe(self.ctx, 0.0))

    async def in_flight(self) -> Sequence[Mapping[str, Any]]:
        """The facts of all open releases; read again when anything has changed."""
        changes, found = self._facts
        if changes != self.store.changes:
            known = {(one["id"], one["seq"]): one for one in found}
            cards = await self.ctx.reads.in_flight(self.ctx.product)
            found = [known.get((card.id, card.seq)) or {**card.facts, "seq": card.seq} for card in cards]
            self._facts = (self.store.changes, found)
        return found


@asynccontextmanager
async def world(
    policy: Policy, start: datetime, *, lives: Sequence[Life] = (), now: Present | None = None,
    repository: MemoryRepository | None = None, folder: Path | None = None,
) -> AsyncIterator[World]:  # fmt: skip
    """A product as it is `now`, with nothing in flight, at the instant `start`; without `now` it runs v1.2.2.

    Of a group that nobody has read see `members_of`. What it writes goes with it, unless a `folder` for its database
    is named.
    """
    now = now or Present("1.2.2")
    async with AsyncExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="release-bot-simulated-")))
        settings = settings_at(place)
        await upgrade(settings.database)
        owner = stack.enter_context(Owner.register(place))
        database, session = Database.open(settings.database, durable=False), make_session()
        stack.push_async_callback(database.close)
        stack.push_async_callback(session.close)
        clock, memory = HandClock(start), repository or begun(policy, now.version, start)
        store = Changes(database, owner.id)
        await bring_in(store, clock, policy)
        forge = MemoryForge(memory) if policy.github.repository else None
        app = build(settings, Parts(store, clock, memory, session, owner, forge), policy)
        there = members_of(policy, now.groups)
        faults: dict[str, str] = {}
        told = _recording(app, QuietSlack(there), Host(place / "host.json", faults=faults))
        app.runner.families = simulated(faults)
        await store_groups(app.ctx, there, clock.now())
        await store.unit(partial(said_before, now, policy.product.key), verb="simulate", chains=(ROSTER,))
        await adopt(app.ctx, next(iter(policy.people.values())).slack)
        yield World(app, clock, memory, store, told.sent, faults, list(lives))


def _recording(app: App, slack: QuietSlack, host: Host) -> Recording:
    """In the place of the app's deliveries."""
    was = app.outbox.deliveries
    app.outbox.deliveries = told = Recording(app.ctx, slack, host, was.pace, was.addresses)
    return told
