"""What people do around a release: flags, addresses, a chart, a package of evidence, a retrospective."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sandbox.workspace.person import Person
from tests.torture.walk import VERSION, Facts, Holds, Step, clicks, did, fills, minor, types
from tests.torture.world import World

FLAG, WHY = "new_billing", "the first people shall pay that way"
MONDAY = datetime.fromisoformat("2026-12-21T14:30:00+00:00")  # after the train of 16 December; 9:30 Eastern
SETTINGS = {"PUBLIC_URL": "https://releases.example"}  # else nothing has an address


def around() -> list[Step]:
    """A minor with a flag that is rolled out and looked at, and with what is said of it when it is live."""
    smooth = minor()
    live = next(n for n, step in enumerate(smooth) if step.what == "Priya: /release status")
    return [
        fills("Dana", f"flag new {FLAG}", {"about": "Pays by the new provider"}, did("flag.created")),
        smooth[0],
        *_flag(),
        *_addresses(),
        *smooth[1 : live + 1],
        *_evidence(),
        *_retrospective(),
        *smooth[live + 1 :],
        *_afterwards(),
    ]


def _flag() -> list[Step]:
    """Two agree to a roll-out; it goes on by itself, is stopped, and is off at once, which somebody else looks at."""
    steps = {"to": "steps", "steps": "10 25 100", "reason": WHY}
    return [
        types("Dana", f"flag {FLAG} belongs {VERSION}", did("flag.belongs")),
        fills("Dana", f"flag {FLAG}", steps, did("flag.asked"), button="Change…"),
        clicks("Olu", "Agree", "dm", did("flag.changed")),
        _days_later(1, lambda world: True, did("flag.changed", 2)),
        presses("Dana", f"flag {FLAG}", "Stop it here", did("flag.stopped")),
        types("Dana", f"flag {FLAG} off payments fail", did("flag.changed", 3)),
        _days_later(1, lambda world: sum("Review…" in text for text in _dm(world, "Theo")) == 2, lambda f: True),
        reviews("Theo", {"right": "yes", "reason": "a test for the provider follows"}, did("flag.reviewed")),
        fills("Dana", f"flag {FLAG} keep the old provider ends in spring", {}, did("flag.decided")),
    ]


def _addresses() -> list[Step]:
    return [
        hears("Priya", "calendar", "Subscribe", lambda world: any("address" in text for text in _dm(world, "Priya"))),
        clicks("Priya", "Make a new address", "dm", did("calendar_renew")),
    ]


def _evidence() -> list[Step]:
    return [
        hears("Mira", "metrics 2026-q4", "", lambda world: any("[file:" in text for text in _dm(world, "Mira"))),
        presses("Priya", f"audit {VERSION}", "Send me the package", did("package.sent")),
        types("Erika", f"audit hold {VERSION} a court asks for it", did("retention.held")),
        types("Erika", f"audit lift {VERSION} the court is done", did("retention.lifted")),
    ]


def _retrospective() -> list[Step]:
    said = {"What went well?": "It left on time", "An action item": "Faster staging", "Who does it?": "Olu"}
    return [
        fills("Dana", f"retro {VERSION}", said, did("retro_say")),
        types("Qadir", f"retro add {VERSION} wrong the regression began late", did("retro_add")),
        types("Priya", f"retro at {VERSION} fri 14:00", did("retro_move")),
        types("Theo", f"action {VERSION} regression on rc.1 too <@U0QADIR> 28 dec", did("action_add")),
        types("Theo", f"action {VERSION} call the bank first <@U0OLU> 28 dec", did("action_add", 2)),
        fills("Priya", f"retro summary {VERSION}", {"A word of your own on top": "Thank you"}, did("retro_summary")),
        types("Qadir", "action done 2", did("action_done")),
        types("Olu", "action drop 3 the bank has gone", did("action_drop")),
    ]


def _afterwards() -> list[Step]:
    """The next release asks about what was resolved, and on Monday its thread tells of the week."""
    return [
        types("Priya", "start minor", did("start", 2)),
        types("Olu", "action keep 1", did("action_keep")),
        _until(MONDAY, lambda world: any("The week of" in m.text for m in world.slack.state.messages["C0RELEASES"])),
    ]


# --- steps ----------------------------------------------------------------------------------------------------------


def presses(who: str, words: str, label: str, done: Holds) -> Step:
    """The word shows a button, which is pressed."""

    async def act(world: World) -> None:
        person = world.slack.person(who)
        await _closes(person)
        answer = await person.types(f"/release {words}")
        if answer is not None and answer.ok:
            await person.clicks(label)

    return Step(f"{who}: /release {words}, then {label}", act, done)


def reviews(who: str, fields: Mapping[str, object], done: Holds) -> Step:
    async def act(world: World) -> None:
        person = world.slack.person(who)
        await _closes(person)
        await person.clicks("Review…", within="dm")
        await person.submits(fields)

    return Step(f"{who} looks at it", act, done)


def hears(who: str, words: str, label: str, told: Callable[[World], bool]) -> Step:
    """The answer comes as a direct message, and no record tells of it."""
    step = presses(who, words, label, lambda f: True) if label else types(who, words, lambda f: True)
    return _seen(step, told)


def _days_later(days: int, told: Callable[[World], bool], done: Holds) -> Step:
    """The clock moves on, once however often it is tried."""
    to: list[datetime] = []

    async def act(world: World) -> None:
        if not to:
            to.append(world.slack.clock.now() + timedelta(days=days))
        await _moves(world, to[0])

    return _seen(Step(f"{days} day later", act, done), told)


def _until(moment: datetime, told: Callable[[World], bool]) -> Step:
    async def act(world: World) -> None:
        await _moves(world, moment)

    return _seen(Step(f"the clock moves to {moment}", act, lambda f: True), told)


async def _moves(world: World, to: datetime) -> None:
    if to > world.slack.clock.now():
        await world.slack.clock.jump(to)


def _seen(step: Step, told: Callable[[World], bool]) -> Step:
    """It is done when people see it in Slack."""
    worlds: list[World] = []

    async def act(world: World) -> None:
        worlds.append(world)
        await step.act(world)

    def done(facts: Facts) -> bool:
        return bool(step.done(facts)) and told(worlds[-1])

    return Step(step.what, act, done)


async def _closes(person: Person) -> None:
    """Forms that tell what was done, or that are of an earlier try."""
    while person.form:
        await person.closes(everything=True)


def _dm(world: World, who: str) -> list[str]:
    """Direct messages of the bot in plain words."""
    person = world.slack.person(who)
    return [person.reads(message) for message in person.dm()]
