"""A walk of people who do anything by any route: words, clicks, forms, mentions, the command line, pushes, time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bot.cli.acting import typed
from core.usecases import look
from handlers.words import BY_WORD
from sandbox.workspace.errors import NotThere
from sandbox.workspace.find import spots, typed_value
from sandbox.workspace.form_values import KEYS
from sandbox.workspace.payloads import Spot
from sandbox.workspace.person import Person
from sandbox.workspace.records import Json, View
from tests.scenarios.driver import SIGNERS, Team

PEOPLE = ("Priya", "Theo", "Qadir", "Mira", "Olu", "Sana", "Erika", "Dana", "Jo", "Vera")
KINDS = ("start minor", "start patch wrong month", "start hotfix payments fail", "start major")
FORGED = (
    "approve",
    "reject",
    "go",
    "ready",
    "begin",
    "candidate",
    "close",
    "rollback",
    "tick",
    "retry",
    "cancel",
    "nope",
)
Facts = dict[str, Any]
REMEDIES = {
    "branch.ahead": "candidate {v}", "contains_production": "candidate {v}", "git.behind": "candidate {v}",
    "concern": "settle {v} it is settled", "production.locked": "unlock it is settled",
    "incident": "resolve {v} it is settled", "scope.open": "scope drop {v} {ref} not this time",
    "notes.unclassified": "classify {v} {first} improvement", "notes.gap": "classify {v} {item} Nothing is to be done.",
    "notes.changed": "candidate {v}", "version.file": "candidate {v}", "late": "accept {v} {item} it is needed",
    "stray": "accept {v} {ref} it is known",
}  # fmt: skip


def _named(facts: Mapping[str, Any]) -> dict[str, str]:
    """What a remedy may name: the facts of the blocker, and the first of several items."""
    items = facts.get("items") or [{}]
    return {k: str(v) for k, v in facts.items() if k != "v"} | {"first": str(items[0].get("id", ""))}


@dataclass
class Walk:
    """Steps drawn from one seed; `trace` is what somebody needs to play it again by hand."""

    play: Team
    dice: random.Random
    trace: list[str] = field(default_factory=list)

    async def step(self) -> None:
        """One thing happens; sometimes two at once."""
        acts: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (60, self.helps), (12, self.types), (14, self.clicks), (5, self.forges), (5, self.at_the_terminal),
            (3, self.pushes), (3, self.time_passes), (3, self.groups_change), (2, self.breaks), (2, self.mentions),
        ]  # fmt: skip
        chosen = self.dice.choices(
            [act for _, act in acts], [weight for weight, _ in acts], k=self.dice.choice((1, 1, 2))
        )
        await asyncio.gather(*(act() for act in chosen))
        await self.play.settles()

    async def flight(self) -> list[Facts]:
        return [dict(f) for f in await look.open_releases(self.play.app.ctx)]

    def someone(self) -> Person:
        return self.play.slack.person(self.dice.choice(PEOPLE))

    def note(self, what: str) -> None:
        self.trace.append(f"{self.play.clock.now():%d %b %H:%M} {what}")

    # -- what a good team would do next ------------------------------------------------------------------------------

    async def helps(self) -> None:
        found = await self.flight()
        if not found or (len(found) < 3 and self.dice.random() < 0.05):
            await self.says("priya", self.dice.choice(KINDS))
            return
        facts = found[0] if self.dice.random() < 0.7 else self.dice.choice(found)
        version, phase = facts["version"], facts["phase"]
        due = [s for s in facts["signoffs"] if s["due"] and not s["done"]]
        codes = {blocker.code: blocker.facts for blocker in look.why(facts, self.play.clock.now())}
        remedy = next((line.format(v=version, **_named(codes[c])) for c, line in REMEDIES.items() if c in codes), None)
        if facts["hold"]:
            await self.says("theo", f"resume {version}")
        elif remedy:
            await self.says("priya", remedy)
        elif due:
            for item in due:
                await self.says(SIGNERS[item["role"]], f"tick {version} {item['name']}")
        elif phase == "preparation":
            await self.prepares(facts)
        elif phase == "development" and facts["train"]:
            await self.jumps(facts["freeze_at"])
        elif phase == "development":
            self.commits(facts["branch"])
            await self.play.settles()
            await self.says("theo", f"candidate {version}")
        elif phase == "deployment":
            await self.says("olu", f"{self.dice.choice(('retry', 'worked'))} {version} I looked")
        else:
            words = {"planning": "begin", "stabilization": "ready", "post-release": "close"}
            await self.says("priya", f"{words[phase]} {version}")

    async def prepares(self, facts: Facts) -> None:
        version, sha = facts["version"], facts["candidate"]["sha"][:7]
        now, old = self.play.clock.now(), timedelta(days=7)
        valid = [[g for g in s["given"] if now - datetime.fromisoformat(g["at"]) < old] for s in facts["approvals"]]
        seats = zip(facts["approvals"], valid, strict=True)
        missing = [seat for seat, given in seats if len(given) < seat["need"] or seat["rejected"]]
        for seat in missing:
            for person in seat["asked"]:
                await self.words_of(self.play.slack.person(person), f"approve {version} {sha} as {seat['title']}")
        if facts["window_ends_at"] and datetime.fromisoformat(facts["window_ends_at"]) < now:
            await self.says("priya", f"move {version}")
        elif not missing:
            await self.jumps(facts["coming_at"])
            await self.jumps(facts["departs_at"])
            for role in facts["go_roles"]:
                await self.goes(getattr(self.play, SIGNERS[role]), version)

    async def goes(self, person: Person, version: str) -> None:
        self.note(f"{person.name} says go for {version}")
        try:
            await person.types(f"/release go {version}")
            await self.play.app.replies.after.idle()
            await person.clicks("Go", "form")
            await person.closes(everything=True)
        except NotThere as why:
            self.note(f"  {why}")
        await self.play.settles()

    # -- what anybody may try ----------------------------------------------------------------------------------------

    async def says(self, who: str, words: str) -> None:
        await self.words_of(getattr(self.play, who), words)

    async def words_of(self, person: Person, words: str) -> None:
        self.note(f"{person.name}: /release {words}")
        place = "product-news" if person.name == "Vera" else "releases"
        await person.types(f"/release {words}", place)
        await self.answers_form(person)

    async def a_line(self) -> str:
        found = [f["version"] for f in await self.flight()] or ["1.3.0"]
        word = self.dice.choice(sorted(BY_WORD))
        return " ".join(
            [word, self.dice.choice([*found, ""]), self.dice.choice(("", "", "because", "minor", "30 dec"))]
        )

    async def types(self) -> None:
        await self.words_of(self.someone(), await self.a_line())

    async def mentions(self) -> None:
        person = self.play.slack.person(self.dice.choice(PEOPLE[:-1]))
        cards = [m for m in person.messages("releases") if m.blocks and m.blocks[0].get("block_id") == "title"]
        line = await self.a_line()
        self.note(f"{person.name}: @Release Bot {line}")
        await person.types(f"@Release Bot {line}", thread=self.dice.choice(cards) if cards else None)

    async def clicks(self) -> None:
        person = self.someone()
        surfaces = [m for _, m in zip(range(12), person._surfaces(None), strict=False)]
        found = [(label, spot) for one in surfaces for label, spot in spots(one)]
        found = [(label, spot) for label, spot in found if "url" not in spot.element and spot.block["type"] != "input"]
        if not found:
            return
        label, spot = self.dice.choice(found)
        self.note(f"{person.name} clicks {label!r} ({spot.element['action_id']})")
        await self.play.slack.hands.press(person.id, spot, self.value(spot.element, spot.option))
        await self.answers_form(person)

    def value(self, element: Json, option: Json | None) -> Any:
        if element["type"] == "overflow" or option is None:
            return option
        return option if KEYS[element["type"]][0] == "selected_option" else [option]

    async def forges(self) -> None:
        """A button that no message holds: any verb about any release, with a subject that was guessed."""
        found, person = await self.flight(), self.someone()
        message = next(iter(person._state.all_visible(person.id)), None)
        if message is None or not found:
            return
        facts = self.dice.choice(found)
        digest = (facts["candidate"] or {"digest": "0" * 64})["digest"]
        subject = self.dice.choice((digest[:16], str(facts["epoch"]), "0" * 16, "", "said"))
        named = ("", "product_manager", "tech_lead", "said", "tests.automated", "notes.final", "staging.qa")
        item = self.dice.choice(named)
        verb = self.dice.choice(FORGED)
        self.note(f"{person.name} forges {verb} {facts['version']} {item} {subject}")
        text = {"type": "plain_text", "text": verb}
        button = {"type": "button", "action_id": verb, "value": f"{facts['id']}|{item}|{subject}", "text": text}
        block = {"type": "actions", "block_id": "forged", "elements": [button]}
        await self.play.slack.hands.press(person.id, Spot(message, block, button))
        await self.answers_form(person)

    async def answers_form(self, person: Person) -> None:
        """A form that is open is filled with anything and sent, or closed."""
        await self.play.app.replies.after.idle()
        form = person.form
        if form is None:
            return
        try:
            if "submit" in form.body and self.dice.random() < 0.7:
                await person.submits(self.filled(person, form))
            if person.form:
                await person.closes(everything=True)
        except NotThere:
            self.note(f"{person.name} could not send it")

    def filled(self, person: Person, form: View) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for block in form.blocks:
            element = block.get("element")
            if block["type"] != "input" or element is None or block.get("dispatch_action"):
                continue
            match element["type"]:
                case "plain_text_input" if "initial_value" not in element:
                    given[block["block_id"]] = "the walk wants it so"
                case "static_select" | "radio_buttons":
                    given[block["block_id"]] = self.dice.choice(element["options"])["value"]
                case "checkboxes":
                    chosen = [o["value"] for o in element["options"] if self.dice.random() < 0.7]
                    given[block["block_id"]] = chosen
                case "datepicker":
                    day = self.play.clock.now().date() + timedelta(days=self.dice.randint(1, 40))
                    given[block["block_id"]] = date.isoformat(day)
                case "users_select" if "initial_user" not in element:
                    typed_value(person._state, element, "Dana")
                    given[block["block_id"]] = "Dana"
        self.note(f"{person.name} sends {form.body.get('callback_id')} {given}")
        return given

    async def at_the_terminal(self) -> None:
        person, line = self.someone(), await self.a_line()
        self.note(f"{person.name} at the terminal: {line}")
        await typed(self.play.app, line, person.id)

    # -- the world around --------------------------------------------------------------------------------------------

    async def pushes(self) -> None:
        heads = [r.removeprefix("refs/heads/") for r in self.play.product.refs() if r.startswith("refs/heads/")]
        self.commits(self.dice.choice([h for h in heads if h.startswith(("develop", "release/", "hotfix/"))]))

    def commits(self, branch: str) -> None:
        if f"refs/heads/{branch}" not in self.play.product.refs():
            return
        number, author = len(self.trace), self.dice.choice(("Dana", "Ines", "Theo", "Kim"))
        self.note(f"{author} pushes to {branch}")
        subject = f"fix: number {number} (AA-{number})"
        self.play.product.commit(branch, f"app/n{number}.py", f"N = {number}\n", author=author, subject=subject)

    async def time_passes(self) -> None:
        hours = self.dice.choice((1, 3, 24, 72))
        await self.jumps((self.play.clock.now() + timedelta(hours=hours)).isoformat())

    async def jumps(self, moment: str | None) -> None:
        when = datetime.fromisoformat(moment) if moment else self.play.clock.now()
        if when > self.play.clock.now():
            self.note(f"time: {when}")
            await self.play.moves_to(when)

    async def groups_change(self) -> None:
        people = self.dice.choice((["U0MIRA"], ["U0MIRA", "U0JO"], ["U0JO"], ["U0MIRA", "U0PRIYA"]))
        silently = self.dice.random() < 0.5
        self.note(f"@product-managers are {people}{' silently' if silently else ''}")
        self.play.slack.people.set_group("S0PM", people, silently)
        await self.play.slack.settled()

    async def breaks(self) -> None:
        faults = self.play.app.host.faults
        if faults:
            faults.clear()
        else:
            for facts in await self.flight():
                faults[f"production:{facts['version']}"] = "smoke tests failed"
        self.note(f"the host fails for {sorted(faults)}")
