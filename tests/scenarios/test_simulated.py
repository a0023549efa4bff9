"""What a simulation tells is what a real sandbox tells: the same weeks, the same acts, over HTTP and real git."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from bot.simulate.acting import act, report
from bot.simulate.people import Ci, Developers, Team
from bot.simulate.present import Present, present
from bot.simulate.product import begun
from bot.simulate.recording import Sent, moment_of
from bot.simulate.world import Deed, world
from core.domain.policy import parse_policy
from core.store.tables import outbox
from core.usecases.advance import Ask
from core.usecases.tick import next_due
from sandbox.workspace.records import Message
from tests.bot.simulate.layout import as_remote
from tests.policies import simulated_text
from tests.scenarios.driver import START, team
from tests.scenarios.driver import Team as Play
from tests.torture.world import CI_TOKEN

BEGINS = datetime.fromisoformat(START)
POLICY = parse_policy(simulated_text())
Told = tuple[str, str, str, str]  # instant, place or person, moment, words

_SHA = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")


async def simulated(until: datetime, now: Present) -> tuple[list[Sent], list[Deed]]:
    """The weeks in one process, with people who do what is asked of them."""
    async with world(POLICY, BEGINS, lives=[Developers(), Ci(), Team()], now=now) as w:
        await w.until(until)
    return w.sent, w.deeds


async def replayed(play: Play, deeds: list[Deed], until: datetime) -> None:
    """The deeds at their instants, with everything that is due in between."""
    for deed, after in pairwise([*deeds, Deed(until, "act", "", ""), END]):
        while (due := await next_due(play.app.ctx)) is not None and due.at <= deed.at:
            await play.moves_to(due.at)
        if deed.at > play.clock.now():
            await play.moves_to(deed.at)
        if deed.about:
            await done(play, deed)
            if (deed.at, deed.what) != (after.at, after.what) or deed.what == "act":
                await play.settles()


async def done(play: Play, deed: Deed) -> None:
    """Typed where it can be typed; a result as CI posts it, a commit as a developer pushes it."""
    if deed.what == "commit":
        path, text = next(iter(deed.given.items()))
        play.product.commit(deed.where, path, text, author=deed.who, subject=deed.about, at=deed.at)
    elif deed.what == "result":
        sha = str((await play.facts(deed.where))["candidate"]["sha"])
        asked, allowed = {"commit": sha, "kind": deed.about}, {"Authorization": f"Bearer {CI_TOKEN}"}
        async with aiohttp.ClientSession() as http:
            where = f"{play.slack.bot_url}/evidence"
            async with http.post(where, params=asked, data=report(deed.about, sha), headers=allowed) as answer:
                assert answer.status < 300, await answer.text()
    elif deed.about in WORDS:
        words = WORDS[deed.about].format(version=deed.where, **deed.given)
        answered = await play.slack.person(deed.who.removeprefix("U0").capitalize()).types(f"/release {words}")
        assert answered is not None and answered.ok, words
    else:
        number = (await play.facts(deed.where))["id"] if deed.where else None
        await act(play.app.ctx, Ask(deed.who, deed.about, release=number, input=deed.given))


END = Deed(BEGINS, "act", "", "")
WORDS = {
    "start": "start {kind}", "begin": "begin {version}", "tick": "tick {version} {item}", "ready": "ready {version}",
}  # fmt: skip


@contextmanager
def watching(play: Play) -> Iterator[list[Message]]:
    """Every message as it was posted; most are edited later."""
    shown: list[Message] = []
    add = play.slack.state.add

    def watched(message: Message) -> Message:
        shown.append(replace(message))
        return add(message)

    play.slack.state.add = watched
    yield shown


async def moments(play: Play) -> dict[str, str]:
    """By the key of each message: what it is about."""
    async with play.app.ctx.store.database.reader.connect() as conn:
        rows = await conn.execute(select(outbox.c.key, outbox.c.kind, outbox.c.body))
        return {row.key: moment_of(row.kind, row.body) for row in rows}


def where_of(play: Play, message: Message) -> str:
    channel = play.slack.state.channels[message.channel]
    if channel.is_dm:
        return channel.partner
    return f"#{channel.name}" + (", in the thread" if message.thread_ts and message.thread_ts != message.ts else "")


def told(at: datetime, place: str, moment: str, text: str) -> Told:
    return at.isoformat(), place, moment, _SHA.sub("<commit>", text)


async def both(place: Path, days: int) -> tuple[Counter[Told], Counter[Told]]:
    until = BEGINS + timedelta(days=days)
    as_remote(begun(POLICY, "1.2.2", BEGINS), place / "product.git")
    async with team(place) as play:
        sent, deeds = await simulated(until, await present(play.app.settings.database, POLICY))
        with watching(play) as shown:
            await replayed(play, deeds, until)
        about = await moments(play)
        ours = [told(one.at, one.person or one.place, one.moment, one.text) for one in sent]
        theirs = [told(m.at, where_of(play, m), about[_key(m)], m.text) for m in shown if _key(m) in about]
    return Counter(ours), Counter(theirs)


def _key(message: Message) -> str:
    """The outbox row that sent it; "" for private answers."""
    return str(((message.metadata or {}).get("event_payload") or {}).get("key", ""))


def compared(ours: Counter[Told], theirs: Counter[Told]) -> None:
    assert ours == theirs, "\n".join([*(f"- {x}" for x in theirs - ours), *(f"+ {x}" for x in ours - theirs)])


async def test_a_simulation_tells_what_the_sandbox_tells(tmp_path: Path) -> None:
    """From the start of a release to its retrospective, with every reminder on the way."""
    ours, theirs = await both(tmp_path, 18)
    assert sum(ours.values()) > 60 and {"ahead", "frozen", "go_hour", "retro_summary"} <= {x[2] for x in ours}
    compared(ours, theirs)


@pytest.mark.torture
async def test_so_it_is_over_a_quarter(tmp_path: Path) -> None:
    """Six trains over New Year, one of them near a holiday."""
    compared(*await both(tmp_path, 91))
