"""What is whose on a release, read from its facts as people read it from cards and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.facts import timely

Facts = Mapping[str, Any]
HEADING = "Improvements"
TEXT = "Runs by itself before the new version starts."
RETRO = "retro"  # the item that a summary meets
SAID = {"well": "The tests were ready in time."}  # in a retrospective
SOON = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that is somebody's to do: an event with its input. `key` is the same as long as it is the same task.

    Not before `after`; `at_once` waits for nobody's working hours.
    """

    key: str
    person: str
    event: str
    version: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    after: datetime | None = None
    at_once: bool = False


def tasks_of(facts: Facts, now: datetime) -> Iterator[Task]:
    """Everything that somebody could do now for this release; nothing that would be refused."""
    if facts["hold"] or facts["phase"] in ("closed", "cancelled"):
        return
    yield from _items(facts)
    yield from _retro(facts)
    yield from _notes(facts)
    yield from _approvals(facts)
    yield from _next_step(facts, now)


def _task(facts: Facts, person: str, event: str, about: str = "", **more: Any) -> Task:
    tag = str((facts.get("candidate") or {}).get("tag") or "")
    content = tag if event in ("tick", "approve", "ready", "go") else ""
    key = f"{facts['id']}:{event}:{about}:{content}:{facts['epoch']}"
    return Task(key, person, event, str(facts["version"]), **more)


def _items(facts: Facts) -> Iterator[Task]:
    """Items of the checklists that wait for a signature."""
    for item in facts["signoffs"]:
        people = item["called"] or item["people"]
        if item["met"] == "sign-off" and item["due"] and people and not (item["name"] == RETRO and facts.get("retro")):
            yield _task(facts, people[0], "tick", item["name"], given={"item": item["name"]})


def _retro(facts: Facts) -> Iterator[Task]:
    """One in three answers, and the lead sums up after the meeting."""
    retro = facts.get("retro")
    if not retro or retro["summary"]:
        return
    for person in retro["invited"][::3]:
        if person not in retro["answered"]:
            yield _task(facts, person, "retro_say", person, given=SAID)
    ends = datetime.fromisoformat(retro["meets_at"]) + timedelta(minutes=retro["minutes"])
    yield _task(facts, facts["lead"], "retro_summary", retro["opened_at"], after=ends)


def _notes(facts: Facts) -> Iterator[Task]:
    """Items without a heading, and upgrade notes that are missing."""
    notes = facts.get("notes") or {}
    for item in notes.get("unclassified") or ():
        given = {"item": item["id"], "heading": HEADING}
        yield _task(facts, facts["lead"], "classify", item["id"], given=given)
    for gap in notes.get("gaps") or ():
        if gap["blocking"] and gap["code"] != "unclassified":
            given = {"item": gap["item"], "text": TEXT}
            yield _task(facts, facts["lead"], "classify", f"{gap['item']}:{gap['code']}", given=given)


def _approvals(facts: Facts) -> Iterator[Task]:
    if facts["phase"] != "preparation":
        return
    for seat in facts["approvals"]:
        given = {one["person"] for one in seat["given"]}
        free = [person for person in seat["called"] or seat["asked"] if person not in given]
        for person in free[: max(0, seat["need"] - len(given))]:
            yield _task(facts, person, "approve", seat["role"], given={"role": seat["role"]})


def _next_step(facts: Facts, now: datetime) -> Iterator[Task]:
    """What moves the release on, when nothing else is missing."""
    event = str(facts["next"])
    codes = [str(blocker["code"]) for blocker in facts["blockers"]]
    moved = {"branch_settled", "head_moved", "contains_production", "production_lacks"} & set(codes)
    if event in ("ready", "go") and moved and "candidate" in facts["allowed"]:
        yield _task(facts, facts["lead"], "candidate", facts["branch_head"])
    if codes or event not in ("begin", "candidate", "ready", "go", "close"):
        return
    if event != "go":
        yield _task(facts, facts["lead"], event)
        return
    opens = facts["departs_at"] if any(b.code == "window" for b in timely(facts, now)) else ""
    after = datetime.fromisoformat(opens) + SOON if opens else None
    for person in _speakers(facts):
        yield _task(facts, person, "go", person, after=after, at_once=bool(after))


def _speakers(facts: Facts) -> Sequence[str]:
    """Who says go: one for each role that has to, the lead where the lead may."""
    held = [facts["members"].get(role) or () for role in facts["go_roles"]]
    found = [facts["lead"] if facts["lead"] in people else people[0] for people in held if people]
    return list(dict.fromkeys(found))
