"""What somebody does in one go, and what a test then looks at: typing, pressing, the request to approve."""

from __future__ import annotations

from sandbox.workspace.person import Person
from sandbox.workspace.records import Message
from tests.scenarios.driver import Team

LAST = "Approve (last signature)"


async def types(play: Team, who: str, words: str) -> Person:
    """Somebody types; the private answer or the form is there when this returns."""
    person: Person = getattr(play, who)
    await person.types(f"/release {words}".strip())
    await play.app.replies.after.idle()
    return person


async def presses(play: Team, who: str, label: str, within: str | None = None) -> None:
    person: Person = getattr(play, who)
    assert (await person.clicks(label, within)).ok
    await play.app.replies.after.idle()


async def clicks(play: Team, who: str, label: str, within: str | Message | None = "dm") -> str:
    """Press, let everything follow, and return what this person alone is told."""
    person: Person = play.slack.person(who.capitalize())
    assert (await person.clicks(label, within)).ok
    await play.settles()
    return person.reads(person.form) if person.form else person.private()


async def product_managers(play: Team, *people: str, silently: bool = False) -> None:
    play.slack.people.set_group("S0PM", [f"U0{one.upper()}" for one in people], silently)
    await play.slack.settled()
    await play.settles()


def request_of(person: Person) -> Message:
    """The newest living message that asks this person to approve, whatever it has become."""
    return [m for m in person.dm() if not m.only_for and (m.metadata or {}) and "approve" in m.text.casefold()][-1]


async def sha(play: Team, version: str) -> str:
    return str((await play.facts(version))["candidate"]["sha"])[:7]
