"""A whole minor release as people play it: act, look, and act again only when nothing came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from sandbox.product.ci import Ci
from sandbox.workspace.errors import NotThere
from sandbox.workspace.person import Person
from tests.torture.world import CI_TOKEN, World

Facts = Mapping[str, Any]
Holds = Callable[[Facts], Any]
VERSION = "1.3.0"
SIGNERS = {
    "release_manager": "Priya",
    "tech_lead": "Theo",
    "qa": "Qadir",
    "product_manager": "Mira",
    "devops": "Olu",
    "support": "Sana",
    "executive": "Erika",
}
TRIES = 12
LOOKS = 0.4  # seconds that a person looks at a card that does not change any more before acting again


class NothingCameOfIt(AssertionError):
    """Somebody did the same again and again, and it was never done."""


@dataclass(frozen=True, slots=True)
class Step:
    """Who does what, and how one sees that it is done."""

    what: str
    act: Callable[[World], Awaitable[object]]
    done: Holds


def types(who: str, words: str, done: Holds) -> Step:
    """Somebody types words after /release."""

    async def act(world: World) -> object:
        return await world.slack.person(who).types(f"/release {words}")

    return Step(f"{who}: /release {words}", act, done)


def clicks(who: str, label: str, within: str, done: Holds) -> Step:
    async def act(world: World) -> object:
        return await world.slack.person(who).clicks(label, within=within)

    return Step(f"{who} clicks {label}", act, done)


def fills(who: str, words: str, fields: Mapping[str, object], done: Holds, button: str = "") -> Step:
    """The word opens a form, or shows the button that does; it is filled and sent."""

    async def act(world: World) -> None:
        person: Person = world.slack.person(who)
        while person.form:
            await person.closes(everything=True)  # of an earlier try
        answer = await person.types(f"/release {words}")
        if answer is not None and answer.ok:
            if button:
                await person.clicks(button)
            await person.submits(fields)

    return Step(f"{who}: /release {words}, and the form", act, done)


def did(verb: str, times: int = 1) -> Holds:
    """The verb stands so often in the trail."""
    return lambda f: f.get("did", {}).get(verb, 0) >= times


def says_go(who: str) -> Step:
    """The word opens a form that shows what would happen; its button says it."""

    async def act(world: World) -> None:
        person: Person = world.slack.person(who)
        while person.form:
            await person.closes(everything=True)  # of an earlier try
        answer = await person.types(f"/release go {VERSION}")
        if answer is not None and answer.ok:
            await person.clicks("Go", within=await person.waits_for_form())

    return Step(f"{who}: go", act, lambda f: bool(f.get("run")))


def waits_until(name: str, done: Holds) -> Step:
    """The clock moves on to a date of the release."""

    async def act(world: World) -> None:
        when = (await world.facts(VERSION))[name]
        if when and datetime.fromisoformat(when) > world.slack.clock.now():
            await world.slack.clock.jump(datetime.fromisoformat(when))

    return Step(f"the clock moves to {name}", act, done)


def phase(name: str) -> Holds:
    return lambda f: f.get("phase") == name


def signs(gate: str) -> Step:
    """Everybody ticks what is theirs of a gate, one item after the other in the policy's order."""

    def left(facts: Facts) -> list[Any]:
        items = [item for item in facts.get("signoffs", ()) if item["gate"] == gate]
        return [item for item in items if item["met"] == "sign-off" and not item["done"]]

    async def act(world: World) -> None:
        for item in left(await world.facts(VERSION)):
            await world.slack.person(SIGNERS[item["role"]]).types(f"/release tick {VERSION} {item['name']}")
            if item["name"] in [one["name"] for one in left(await world.facts(VERSION))]:
                return  # lost, or the store was busy: the next in the row waits until this one is done

    return Step(f"everybody signs for {gate}", act, lambda f: f.get("signoffs") and not left(f))


def ci_reports() -> Step:
    """CI sends the results of the newest candidate, each as often as it takes."""

    def missing(facts: Facts) -> list[str]:
        items = [item for item in facts.get("signoffs", ()) if item["met"] == "evidence" and item["gate"] == "ready"]
        return list(dict.fromkeys(item["rule"] for item in items if item["state"] != "met"))

    async def act(world: World) -> None:
        facts = await world.facts(VERSION)
        ci = Ci(world.product, f"{world.slack.bot_url}/evidence", CI_TOKEN)
        async with aiohttp.ClientSession() as http:
            with contextlib.suppress(aiohttp.ClientError, RuntimeError):  # killed, or busy: it sends it again
                await ci.report(http, facts["candidate"]["tag"], *missing(facts))

    return Step("CI reports", act, lambda f: f.get("candidate") and not missing(f))


def missing_notes(facts: Facts) -> list[str]:
    """What has to be typed after `classify` until the notes stop the release no more."""
    notes = facts["notes"]
    texts = [gap["item"] for gap in notes["gaps"] if gap["blocking"] and gap["code"] != "unclassified"]
    return [
        *(f"{item['id']} improvement" for item in notes["unclassified"]),
        *(f"{item} Runs by itself before the new version starts." for item in texts),
    ]


def writes_notes(who: str) -> Step:
    """Somebody chooses the headings that are missing and writes the upgrade notes."""

    async def act(world: World) -> None:
        for words in missing_notes(await world.facts(VERSION)):
            await world.slack.person(who).types(f"/release classify {VERSION} {words}")
            if words in missing_notes(await world.facts(VERSION)):
                return  # the next one waits until this one is done

    return Step(f"{who} completes the notes", act, lambda f: f.get("notes") and not missing_notes(f))


def minor() -> list[Step]:
    """From the first word to closed."""
    return [
        types("Priya", "start minor", lambda f: f.get("scope_read_at")),
        signs("begin"),
        types("Priya", f"begin {VERSION}", phase("development")),
        writes_notes("Priya"),
        waits_until("freeze_at", phase("stabilization")),
        ci_reports(),
        signs("ready"),
        types("Priya", f"ready {VERSION}", phase("preparation")),
        clicks("Mira", "Approve (last signature)", "dm", on_staging),
        signs("go"),
        waits_until("coming_at", lambda f: "coming:support" in f.get("announced", ())),
        waits_until("departs_at", lambda f: True),
        says_go("Priya"),
        signs("deployed"),
        types("Priya", "status", phase("post-release")),
        signs("close"),
        types("Priya", "status", phase("closed")),
    ]


def on_staging(facts: Facts) -> bool:
    return bool((facts.get("staging_run") or {}).get("state") == "done")


async def play(world: World, steps: list[Step] | None = None) -> None:
    """Do the steps in their order. Raises NothingCameOfIt, or Stuck when the world does not settle."""
    for step in steps if steps is not None else minor():
        await _do(world, step)
    await world.settles()


async def _do(world: World, step: Step) -> None:
    for _ in range(TRIES):
        with contextlib.suppress(NotThere, TimeoutError):  # what was to be pressed has not come yet
            await step.act(world)
        await world.settles()
        if await world.until(step.done, VERSION, LOOKS):
            return  # perhaps the answer was lost, the deed was not
    facts = await world.facts(VERSION)
    raise NothingCameOfIt(f"{step.what}; phase {facts.get('phase')}, open: {facts.get('blockers')}")
