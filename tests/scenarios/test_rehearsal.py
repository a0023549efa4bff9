"""A whole release is rehearsed in one channel while a real one goes on beside it: nothing real moves or is told."""

from __future__ import annotations

from datetime import datetime

from core import failpoints
from core.domain.rehearsals import LASTS
from core.store import releases
from core.usecases import look
from core.usecases.advance import Ask, perform
from core.usecases.context import Context
from core.usecases.rehearsing import running
from core.usecases.trail import record_of
from handlers.ids import read
from sandbox.workspace.records import Channel, Message
from tests.scenarios.driver import SIGNERS, Team

ROOM = "rehearsals"
WRONG = "patch wrong month in statements"


async def types(play: Team, who: str, words: str) -> str:
    """Somebody types in the rehearsal's channel; everything that follows is done, and the copy is looked at."""
    person = getattr(play, who)
    answer = await person.types(f"/release {words}", channel=ROOM)
    assert answer is not None and answer.ok
    await play.app.settle()
    return str(person.private())


async def settles(play: Team) -> None:
    await play.app.settle()
    if await play.app.scheduler.look_at_remote():
        await play.app.settle()


async def there(play: Team) -> Context:
    (one,) = await running(play.app.ctx)
    return one


async def facts(play: Team, version: str = "1.3.0") -> dict:  # type: ignore[type-arg]
    ctx = await there(play)
    async with ctx.store.database.reader.connect() as conn:
        found = await releases.find(conn, ctx.product, version)
        assert found is not None
        return dict((await releases.facts_of(conn, found.id))[0])


async def signs(play: Team, gate: str) -> None:
    for item in (await facts(play))["signoffs"]:
        if item["gate"] == gate and item["due"]:
            words = f"/release tick 1.3.0 {item['name']}"
            assert (await getattr(play, SIGNERS[item["role"]]).types(words, channel=ROOM)).ok
    await play.app.settle()


async def mends_notes(play: Team) -> None:
    found = await facts(play)
    given = [{"item": i["id"], "heading": "Improvements"} for i in found["notes"]["unclassified"]]
    given += [
        {"item": gap["item"], "text": "Runs by itself."}
        for gap in found["notes"]["gaps"] if gap["blocking"] and gap["code"] != "unclassified"
    ]  # fmt: skip
    for one in given:
        await perform(await there(play), Ask("U0PRIYA", "classify", release=found["id"], input=one))


async def until(play: Team, date: str) -> None:
    """The meeting goes from hour to hour until a date of the release."""
    for _ in range(12):
        if (await there(play)).clock.now() >= datetime.fromisoformat((await facts(play))[date]):
            return
        said = await types(play, "priya", "rehearse next")
        await settles(play)
    raise AssertionError(said)


def given_a_channel(play: Team) -> None:
    members = play.slack.state.channels["C0RELEASES"].members
    play.slack.state.channels["C0PLAY"] = Channel("C0PLAY", ROOM, set(members))


async def goes_to_its_end(play: Team) -> None:
    """From planning to closed, everybody typing in the one channel."""
    await signs(play, "begin")
    await types(play, "priya", "begin 1.3.0")
    await settles(play)
    await mends_notes(play)
    await until(play, "freeze_at")
    assert (await facts(play))["candidate"]
    await signs(play, "ready")
    assert "v1.3.0 is in preparation" in await types(play, "priya", "ready 1.3.0")
    await play.mira.clicks("Approve (last signature)", within="dm")
    await settles(play)
    await signs(play, "go")
    await signs(play, "rollback")
    await until(play, "departs_at")
    await types(play, "priya", "go 1.3.0")
    await play.priya.clicks("Go")
    await settles(play)
    await signs(play, "deployed")
    await signs(play, "close")
    assert (await facts(play))["phase"] == "closed", (await facts(play))["blockers"]


async def test_a_minor_is_rehearsed_to_its_end_beside_a_real_one(play: Team) -> None:
    given_a_channel(play)
    await play.says("priya", "start minor")
    real, refs, hosts = await play.facts("1.3.0"), play.product.refs(), play.app.host.runs()
    told = {name: play.channel(name) for name in ("releases", "product-news", "support")}
    asked = {who: len(getattr(play, who).dm()) for who in SIGNERS.values()}

    assert "Only a release manager" in await types(play, "dana", "rehearse minor")
    assert "Rehearse in a channel of its own" in await play.says("priya", "rehearse minor")
    said = await types(play, "priya", "rehearse minor")
    assert said.startswith("Rehearsal") and "v1.3.0 is started" in said, said
    assert "rehearses in this channel" in await types(play, "priya", "rehearse minor")
    assert (await types(play, "priya", "status")).startswith("Rehearsal")
    shadow = await there(play)
    await goes_to_its_end(play)

    remote = shadow.repository.seen()
    assert remote is not None and remote.heads["main"] == remote.tags["v1.3.0"]
    assert play.product.refs() == refs and play.app.host.runs() == hosts
    now = await play.facts("1.3.0")
    assert now == real, {key: (real.get(key), now[key]) for key in now if now[key] != real.get(key)}
    assert told == {name: play.channel(name) for name in told}
    everywhere = [m for who, seen in asked.items() for m in getattr(play, who).dm()[seen:]]
    everywhere += [m for m in play.priya.messages(ROOM) if m.text]
    assert len(everywhere) > 12
    for message in everywhere:
        assert message.text.startswith("Rehearsal"), message.text
    card = next(m for m in play.priya.messages(ROOM) if m.blocks and m.blocks[0].get("block_id") == "title")
    thread = [play.priya.reads(m) for m in play.priya.messages(ROOM, thread=card)]
    assert any("for the stakeholders' channel" in line for line in thread), thread
    assert [f["id"] for f in await look.open_releases(play.app.ctx)] == [real["id"]]
    assert not await look.listing(play.app.ctx, done=True), "what is rehearsed is in no list"

    assert "has ended" in await types(play, "priya", "rehearse end")
    assert not await running(play.app.ctx)
    assert not (await types(play, "priya", "status")).startswith("Rehearsal")
    assert (await record_of(shadow, card_of(card)))["whole"]


def card_of(card: Message) -> int:
    """The release that a card is about, by one of its buttons."""
    values = [e.get("value", "") for block in card.blocks for e in block.get("elements") or ()]
    return next(target.release for value in values if (target := read(value)).release)


async def test_a_fix_is_rehearsed_with_what_develop_has_and_it_ends_by_itself(play: Team) -> None:
    given_a_channel(play)
    assert "A reason" in await types(play, "priya", "rehearse patch")
    assert not await running(play.app.ctx), "what was refused does not keep the channel"
    play.watch.expect("handler_failed")
    failpoints.configure({failpoints.ARMED: "commit.after:rehearse=error"})
    await play.priya.types(f"/release rehearse {WRONG}", channel=ROOM)
    failpoints.configure({})
    assert len(await running(play.app.ctx)) == 1, "it is begun and has no release yet"
    assert "is started" in await types(play, "priya", f"rehearse {WRONG}"), "who asks again goes on where it stopped"
    await settles(play)
    await types(play, "priya", "scope add 1.2.3 #338")
    assert await play.priya.submits({}) == {}
    await settles(play)
    await types(play, "theo", "candidate 1.2.3")
    assert (await facts(play, "1.2.3"))["candidate"]["tag"] == "v1.2.3-rc.1"
    refs = play.product.refs()
    await play.moves_to(play.clock.now() + LASTS)
    assert not await running(play.app.ctx)
    assert play.product.refs() == refs and not list((play.app.settings.data_dir / "rehearsals").iterdir())
    newest = play.priya.messages(ROOM)[-1]
    assert "Rehearsal" in newest.text and "cancelled" in newest.text, newest.text
