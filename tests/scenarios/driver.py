"""A whole team at work: the strict workspace, a real git remote and the real bot over signed HTTP, time set by hand.

Nothing runs by itself: `settles()` delivers until nothing is due. A play ends by failing on what nobody expects:
a logged error, an outbox row that was not delivered, a message that Slack refused, a click without an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from pydantic import SecretStr
from sqlalchemy import select, update

from bot.adopt import adopt
from bot.app import App, running
from bot.clock import HandClock
from bot.settings import Settings
from core.errors import IntegrationError
from core.store import releases
from core.store.audit import verify
from core.store.tables import home, outbox
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask, perform
from core.usecases.heads import observe
from sandbox.product import Product, seed
from sandbox.product.ci import Ci, kinds_of
from sandbox.workspace.payloads import view_submission
from sandbox.workspace.person import Person
from sandbox.workspace.records import Message
from sandbox.workspace.workspace import Settings as SlackSettings
from sandbox.workspace.workspace import Workspace
from tests.policies import simulated
from tests.scenarios.watching import Watch
from tests.torture.world import CI_TOKEN

POLICY = simulated()
START = "2026-12-01T14:00:00+00:00"  # Tuesday, 9:00 Eastern
EASTERN = ZoneInfo("America/New_York")
HOTFIX = "1.2.2-hotfix.1"
FIX = ("app/payments.py", "TIMEOUT = 30\n")
NAMES = ("priya", "theo", "qadir", "mira", "olu", "sana", "erika", "dana")
SIGNERS = {
    "release_manager": "priya",
    "tech_lead": "theo",
    "qa": "qadir",
    "product_manager": "mira",
    "devops": "olu",
    "support": "sana",
    "executive": "erika",
}


@dataclass
class Team:
    """The people by name, and what a test asks about the world around them."""

    slack: Workspace
    app: App
    product: Product
    clock: HandClock
    watch: Watch

    def __getattr__(self, name: str) -> Person:
        if name in NAMES:
            return self.slack.person(name.capitalize())
        raise AttributeError(name)

    # -- time and work ---------------------------------------------------------------------------------------------

    async def settles(self) -> None:
        """Look at the remote, deliver, edit, until nothing is due at this moment."""
        await self.app.settle()
        with contextlib.suppress(IntegrationError):  # the remote is away; the scheduler would look again
            if await observe(self.app.ctx, max_age=0.0):
                await self.app.settle()

    async def homes_follow(self) -> None:
        """Homes follow every few seconds of real time, which no test waits for."""
        await self.app.ctx.store.unit(_homes_are_due, verb="test.homes", interactive=False)
        await self.app.homes.once()

    async def moves_to(self, moment: str | datetime) -> None:
        """Jump to a moment ("2026-12-16 10:00" is Eastern wall time) and do what is due there."""
        when = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment).replace(tzinfo=EASTERN)
        self.clock.move_to(when)
        await self.slack.clock.jump(when)
        await self.settles()

    async def says(self, who: str, words: str) -> str:
        """Somebody types words after /release and everything that follows is done; returns the private answer."""
        person: Person = getattr(self, who)
        answer = await person.types(f"/release {words}")
        assert answer is not None and answer.ok, f"{who}: /release {words} got no answer in time"
        await self.settles()
        return person.private()

    async def sends_twice(self, who: str, fields: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Somebody's open form reaches the bot twice at once, as after a double click; the answers' bodies."""
        person: Person = getattr(self, who)
        await person.fills(fields or {})
        view = await person.waits_for_form()
        sent = view_submission(self.slack.desk, person.member, view)
        answers = await asyncio.gather(*(self.slack.courier.interaction(sent) for _ in range(2)))
        assert all(one.ok for one in answers), answers
        await person.closes(everything=True)
        await self.settles()
        return [one.answer() or {} for one in answers]

    # -- what there is ---------------------------------------------------------------------------------------------

    async def facts(self, version: str) -> dict[str, Any]:
        """The stored facts of the release with this number."""
        async with self.app.ctx.store.database.reader.connect() as conn:
            found = await releases.find(conn, self.app.ctx.product, version)
            assert found is not None, f"there is no {version}"
            return dict((await releases.facts_of(conn, found.id))[0])

    async def phase(self, version: str) -> str:
        return str((await self.facts(version))["phase"])

    def card(self, version: str) -> Message:
        """The living card of a release: the newest message of the bot in #releases with the card's header."""
        for message in reversed(self.priya.messages("releases")):
            if (
                message.blocks
                and message.blocks[0].get("block_id") == "title"
                and f"v{version} " in str(message.blocks[0])
            ):
                return message
        raise AssertionError(f"there is no card of {version}")

    def card_text(self, version: str) -> str:
        return self.priya.reads(self.card(version))

    def thread(self, version: str) -> list[str]:
        """The story in the card's thread, in order, without the card."""
        card = self.card(version)
        return [self.priya.reads(m) for m in self.priya.messages("releases", thread=card) if m.ts != card.ts]

    def channel(self, name: str) -> list[str]:
        """What everybody reads in a channel, cards left out."""
        return [
            self.priya.reads(m)
            for m in self.priya.messages(name)
            if not m.only_for and not (m.blocks and m.blocks[0].get("block_id") == "title")
        ]

    # -- shortcuts over several steps ------------------------------------------------------------------------------

    async def ci_reports(self, version: str, *kinds: str, fails: bool = False) -> None:
        """CI posts its results for the newest candidate, with its token: of these kinds, else of all that it runs."""
        tag = (await self.facts(version))["candidate"]["tag"]
        ci = Ci(self.product, f"{self.slack.bot_url}/evidence", CI_TOKEN, set(kinds) if fails else set())
        async with aiohttp.ClientSession() as http:
            await ci.report(http, tag, *(kinds or kinds_of(tag)))
        await self.settles()

    async def signs(self, version: str, gate: str, but: Sequence[str] = ()) -> None:
        """Each owner ticks the items that are due for a gate, and CI reports what it waits for."""
        items = (await self.facts(version))["signoffs"]
        kinds = [i["rule"] for i in items if i["met"] == "evidence" and i["gate"] == gate and i["name"] not in but]
        if kinds and (gate == "ready" or "uat" in kinds):
            await self.ci_reports(version, *kinds)
        for item in items:
            if item["gate"] == gate and item["due"] and item["name"] not in but:
                answer = await getattr(self, SIGNERS[item["role"]]).types(f"/release tick {version} {item['name']}")
                assert answer is not None and answer.ok
        await self.settles()

    async def mends_notes(self, version: str) -> None:
        """Priya gives every item a heading and writes each upgrade note that is missing."""
        facts = await self.facts(version)
        for item in facts["notes"]["unclassified"]:
            await self.writes(facts["id"], item["id"], heading="Improvements")
        for gap in facts["notes"]["gaps"]:
            if gap["blocking"] and gap["code"] != "unclassified":
                await self.writes(facts["id"], gap["item"], text="Runs by itself before the new version starts.")
        await self.settles()

    async def writes(self, release: int, item: str, **words: Any) -> None:
        """What Priya sends with the form of the notes."""
        await perform(self.app.ctx, Ask("U0PRIYA", "classify", release=release, input={"item": item, **words}))

    async def to_stabilization(self, version: str = "1.3.0") -> None:
        """A minor that is started becomes frozen on its day."""
        await self.signs(version, "begin")
        await self.says("priya", f"begin {version}")
        await self.freezes(version)

    async def freezes(self, version: str) -> None:
        """In development: the notes are mended, then its freeze comes."""
        await self.mends_notes(version)
        freeze = (await self.facts(version))["freeze_at"]
        await self.moves_to(datetime.fromisoformat(freeze))
        assert await self.phase(version) == "stabilization"

    async def to_preparation(self, version: str = "1.3.0") -> None:
        await self.signs(version, "ready")
        await self.says("priya", f"ready {version}")
        assert await self.phase(version) == "preparation", self.priya.private()

    async def to_the_hour(self, version: str) -> None:
        """Everything that go waits for is done, and it is time."""
        await self.signs(version, "go")
        await self.signs(version, "rollback")
        facts = await self.facts(version)
        for name in ("coming_at", "departs_at"):
            if facts[name] and datetime.fromisoformat(facts[name]) > self.clock.now():
                await self.moves_to(datetime.fromisoformat(facts[name]))
        await self.settles()

    async def ships(self, version: str, who: str = "priya") -> None:
        """From approved on staging to live."""
        await self.to_the_hour(version)
        await self.says(who, f"go {version}")
        if await self.phase(version) == "preparation":
            await getattr(self, who).clicks("Go")
            await self.settles()
        await self.signs(version, "deployed")
        assert await self.phase(version) == "post-release", self.priya.private()


@dataclass(frozen=True)
class Frozen:
    """A moment of a play that others begin from: its files, what stands in Slack, and the time."""

    place: Path
    said: dict[str, Any]
    at: datetime


REMEMBERED = (
    "members", "channels", "groups", "messages", "forms", "homes", "read", "_by_ts", "_threads", "seq", "_last_ts",
)  # fmt: skip


async def freeze(
    place: Path, begin: Callable[[Team], Awaitable[object]] | None = None, after: Frozen | None = None
) -> Frozen:
    """Play the beginning once, in files at `place`, from the first morning or from where `after` ended."""
    place.mkdir(exist_ok=True)
    async with team(place, after) as playing:
        if begin is not None:
            await begin(playing)
    said = copy.deepcopy({name: getattr(playing.slack.state, name) for name in REMEMBERED})
    return Frozen(place, said, playing.clock.now())


@asynccontextmanager
async def team(
    place: Path, after: Frozen | None = None, policy: Path = POLICY, bot: Mapping[str, Any] | None = None, **slack: Any
) -> AsyncIterator[Team]:
    """The team on its first morning: v1.2.2 is in production, nothing is in flight; or where `after` ended.

    `bot` are more settings of the bot; a product that lies at `place` already is taken as it is.
    """
    remote = place / "product.git"
    if after is None:
        product = Product(remote) if remote.exists() else seed(remote).product
    else:
        shutil.copytree(after.place, place, dirs_exist_ok=True)
        product = Product(remote)
    async with Workspace(SlackSettings(start=START, rate_scale=0.0, pace=0.0, **slack)) as workspace:
        settings = Settings(
            slack_bot_token=SecretStr(workspace.settings.token),
            slack_signing_secret=SecretStr(workspace.settings.signing_secret),
            slack_api_url=workspace.api_url,
            evidence_tokens=SecretStr(f"ci:{CI_TOKEN}"),
            database_url=SecretStr(f"sqlite:///{place / 'bot.db'}"),
            data_dir=place / "data",
            product_repo=str(remote),
            release_policy=policy,
            port=0,
            settle_seconds=0.2,
            pace_scale=0.0,
            **(bot or {}),
        )
        clock = HandClock(datetime.fromisoformat(START) if after is None else after.at)
        if after is not None:
            for name, value in copy.deepcopy(after.said).items():
                setattr(workspace.state, name, value)
            await workspace.clock.jump(after.at)
        async with running(settings, loops=False, clock=clock) as app:
            assert app.listener is not None
            workspace.bot_url = app.listener.address
            await app.scheduler.sweep_groups()
            if after is None:
                await adopt(app.ctx, "U0PRIYA")
            watch = Watch(workspace, app.replies.after.idle)
            playing = Team(workspace, app, product, clock, watch)
            with watch.watching():
                yield playing
                await playing.settles()
            await _nothing_unexpected(playing)


async def _homes_are_due(unit: Unit) -> None:
    await unit.conn.execute(update(home).values(next_at=0.0))


async def _nothing_unexpected(playing: Team) -> None:
    async with playing.app.ctx.store.database.reader.connect() as conn:
        left = (
            await conn.execute(
                select(outbox.c.kind, outbox.c.state, outbox.c.error, outbox.c.body).where(outbox.c.open.is_(True))
            )
        ).all()
    report = await verify(playing.app.ctx.store.database)
    faults = [f"not delivered: {r.kind} {r.state}: {r.error}" for r in left]
    faults = [f for f in faults if not any(re.search(p, f) for p in playing.watch.expected)]
    faults += [f"the record is not whole: {fault}" for fault in report.faults]
    faults += playing.watch.faults()
    assert not faults, "a play must not end with this:\n" + "\n".join(faults)
