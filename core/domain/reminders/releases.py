"""What is due of one release, read from its facts alone: each function is one kind of reminder.

A fact that has changed takes its reminder away, so nothing is sent whose reason is gone. Of a release that is on hold
nothing is due. The facts are those that cards are drawn from; instants in them are ISO-8601.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from core.domain.calendar import Timetable, ahead
from core.domain.reminders.model import Reminder
from core.domain.retro.writing import stands_for_it

Facts = Mapping[str, Any]
SCOPE_DAYS = 5  # working days before the freeze
STUCK = timedelta(minutes=5)  # after its hour, in which git may be at work
ANSWER = timedelta(hours=4)  # of somebody's own working hours, until a request is repeated
A_DAY, LONG = timedelta(days=1), timedelta(days=14)
REVIEWS = 7  # days on which the review of a hotfix is asked for
ENDED = ("closed", "cancelled")


@dataclass(frozen=True)
class View:
    """The facts of one release, and the timetable that says which days are worked."""

    facts: Facts
    table: Timetable

    def at(self, name: str) -> datetime | None:
        value = self.facts.get(name)
        return datetime.fromisoformat(value) if value else None

    @cached_property
    def phase(self) -> str:
        return str(self.facts["phase"])

    @property
    def lead(self) -> str:
        return str(self.facts["lead"])

    @property
    def since(self) -> datetime:
        return self.at("phase_since") or self.at("started_at") or datetime.fromisoformat("2000-01-01T00:00:00+00:00")

    @property
    def ends(self) -> datetime:
        """From when on nothing before its departure helps any more."""
        return self.at("window_ends_at") or self.since + LONG

    def called(self, role: str) -> tuple[str, ...]:
        """Who is asked in a role: who fills it on this release, else its holders."""
        for row in self.facts.get("signoffs") or ():
            if row["role"] == role:
                return tuple(row["called"])
        filled = (self.facts.get("cast") or {}).get(role)
        return (str(filled),) if filled else tuple((self.facts.get("members") or {}).get(role, ()))

    def ask(
        self, code: str, to: str, occurrence: str, due: datetime, until: datetime, about: Mapping[str, Any]
    ) -> Reminder:
        f = self.facts
        known = {"release": f["id"], "version": f["version"], **about}
        return Reminder(code, f"release:{f['id']}", occurrence, due, until, to, known)


def planning(v: View) -> Iterator[Reminder]:
    """The scope is not final, or development has not begun, and the freeze comes near."""
    freeze = v.at("freeze_at")
    if v.phase != "planning" or freeze is None:
        return
    scope = next((x for x in v.facts["signoffs"] if x["name"] == "scope.final"), None)
    final = scope is None or scope["state"] == "met"
    ownerless = sum(1 for x in v.facts.get("dependencies") or () if x["state"] == "open" and not x["owner"])
    at = freeze.isoformat()
    about = {"at": at, "final": final, "ownerless": ownerless}
    people = (v.lead,) if final else (v.lead, *v.called("product_manager"))
    due = max(ahead(v.table, freeze, SCOPE_DAYS), v.since + A_DAY)  # the start itself has just asked for it
    for person in dict.fromkeys(people) if due < freeze else ():
        yield v.ask("planning", person, at, due, freeze, about)


def freeze_near(v: View) -> Iterator[Reminder]:
    """The authors of open pull requests, a working day before the freeze."""
    freeze = v.at("freeze_at")
    if v.phase != "development" or freeze is None or v.facts.get("next") != "freeze":
        return
    theirs: dict[str, list[str]] = {}
    for offer in v.facts.get("offers") or ():
        if offer["kind"] == "pull" and offer["state"] == "open" and offer.get("person"):
            theirs.setdefault(offer["person"], []).append(offer["ref"])
    at = freeze.isoformat()
    for person, refs in theirs.items():
        yield v.ask("freeze_near", person, at, ahead(v.table, freeze, 1), freeze, {"at": at, "refs": refs})


def freeze_stuck(v: View) -> Iterator[Reminder]:
    """It should be frozen now, and something stops it."""
    freeze, departs = v.at("freeze_at"), v.at("departs_at")
    if v.phase != "development" or v.facts.get("next") != "freeze" or freeze is None or departs is None:
        return
    open_ = [x for x in v.facts.get("blockers") or () if not x.get("later")]
    if open_:
        at = freeze.isoformat()
        yield v.ask("freeze_stuck", v.lead, at, freeze + STUCK, departs, {"at": at, "open": len(open_)})


def _open_items(v: View, gate: str, tests: bool) -> Iterator[Facts]:
    """What is open before an event and somebody's to do; what happens by itself is nobody's."""
    for x in v.facts.get("signoffs") or ():
        by_hand = x["met"] in ("sign-off", "evidence") and not stands_for_it(x["name"], x.get("rule", ""))
        if x["gate"] != gate or not by_hand or x["state"] not in ("open", "failed"):
            continue
        is_test = x["name"].startswith("tests.") and x["met"] == "evidence"
        if is_test is tests and not (is_test and x["state"] == "failed"):  # that has a result, and others hear of it
            yield x


def _before(v: View, deadline: datetime | None) -> tuple[datetime, datetime, str]:
    """When work with this deadline is asked for, until when, and the deadline; a day on where there is none."""
    if deadline is None:
        return v.since + A_DAY, v.since + LONG, ""
    return max(ahead(v.table, deadline, 1), v.since), max(v.ends, deadline), deadline.isoformat()


def _of_items(v: View, code: str, gate: str, deadline: datetime | None) -> Iterator[Reminder]:
    """One for each item and owner. What has become theirs just now was told then, so it is left alone for some hours
    of their work."""
    c, staging = v.facts.get("candidate") or {}, (v.facts.get("environments") or {}).get("staging") or {}
    there = staging.get("since") if c and staging.get("candidate") == c.get("tag") else None
    began = [datetime.fromisoformat(at) for at in (c.get("at"), there) if at]
    opened = max((v.since, *began))
    due, until, at = _before(v, deadline)
    new = opened > due - ANSWER
    for x in _open_items(v, gate, code == "tests"):
        about = {"at": at, "item": x["name"], "title": x["title"], "how": x["met"], "kind": x.get("rule", ""),
                 "candidate": c.get("number", 0)}  # fmt: skip
        which = f"{x['name']} {c.get('tag', '')} {at}"
        for person in x["called"]:
            one = v.ask(code, person, which, max(due, opened), until, about)
            yield replace(one, worked=ANSWER) if new else one


def tests(v: View) -> Iterator[Reminder]:
    """Tests that have no result yet on the newest candidate, the working day before preparation begins."""
    if v.phase == "stabilization" and v.facts.get("candidate"):
        yield from _of_items(v, "tests", "ready", v.at("prepare_at"))


def items(v: View) -> Iterator[Reminder]:
    """Items of the checklist by their owner, the working day before they are needed."""
    if v.phase == "stabilization":
        yield from _of_items(v, "items", "ready", v.at("prepare_at"))
    if v.phase == "preparation":
        yield from _of_items(v, "items", "go", v.at("departs_at"))


def notes(v: View) -> Iterator[Reminder]:
    """What the notes lack, to those who own them, the working day before preparation begins."""
    n = v.facts.get("notes")
    if v.phase != "stabilization" or not n or not (n["blocking"] or n["unclassified"]):
        return
    due, until, at = _before(v, v.at("prepare_at"))
    owners = [p for x in v.facts["signoffs"] if x["name"].startswith("notes.") for p in x["called"]]
    titles = [g["title"] or g["code"] for g in n["gaps"] if g["blocking"]]
    about = {"at": at, "titles": titles, "gaps": n["blocking"], "unclassified": len(n["unclassified"])}
    for person in dict.fromkeys(owners or (v.lead,)):
        yield v.ask("notes", person, at or v.since.isoformat(), due, until, about)


def approval(v: View) -> Iterator[Reminder]:
    """A request to sign that has waited for four of the person's own working hours; their delegate is asked later."""
    c = v.facts.get("candidate")
    if v.phase != "preparation" or not c:
        return
    seats = v.facts.get("approvals") or ()
    left = sum(max(0, seat["need"] - len(seat["given"])) for seat in seats)
    asked: dict[str, str] = {}
    for seat in seats:
        answered = {d["person"] for d in (*seat["given"], *seat["rejected"])}
        if len(seat["given"]) < seat["need"]:
            for person in seat["called"]:
                if person not in answered:
                    asked.setdefault(person, seat["title"])
    for person, title in asked.items():
        about = {"title": title, "since": v.since.isoformat(), "last": left == 1}
        found = v.ask("approval", person, f"{c['digest'][:16]} {v.since.isoformat()}", v.since, v.ends, about)
        yield replace(found, worked=ANSWER)


def knowledge(v: View) -> Iterator[Reminder]:
    """The draft for the knowledge base, when preparation begins."""
    yield from _to_support(v, "knowledge", max(v.at("prepare_at") or v.since, v.since))


def briefing(v: View) -> Iterator[Reminder]:
    """Support is briefed the working day before it leaves, and says so one by one."""
    yield from _to_support(v, "briefing", max(v.at("coming_at") or v.since, v.since))


def _to_support(v: View, code: str, due: datetime) -> Iterator[Reminder]:
    if v.phase != "preparation":
        return
    at = v.facts.get("departs_at") or ""
    for person in v.called("support"):
        yield v.ask(code, person, at or v.since.isoformat(), due, v.ends, {"at": at})


def live_day(v: View) -> Iterator[Reminder]:
    """How it is doing, a day after it went live: those who watch over it and those who hear from customers."""
    live = v.at("live_at")
    if v.phase != "post-release" or v.facts.get("outcome") or live is None:
        return
    people = [p for d in v.facts.get("duties") or () if (d["kind"], d["name"]) == ("reminder", "live")
              for p in d["people"]]  # fmt: skip
    for person in dict.fromkeys((*people, *v.called("qa"))):
        yield v.ask("live_day", person, live.isoformat(), live + A_DAY, live + 3 * A_DAY, {"at": live.isoformat()})


def after_live(v: View) -> Iterator[Reminder]:
    """What is open before it can be closed, a day after it went live, by its owner."""
    live = v.at("live_at")
    if v.phase != "post-release" or live is None:
        return
    for x in _open_items(v, "close", tests=False):
        about = {"at": "", "item": x["name"], "title": x["title"], "how": x["met"], "kind": x.get("rule", "")}
        for person in x["called"]:
            yield v.ask("after_live", person, f"{x['name']} {live.isoformat()}", live + A_DAY, live + LONG, about)


def hotfix_review(v: View) -> Iterator[Reminder]:
    """Somebody looks back at a hotfix a day after it went live, and is asked every day until then."""
    live = v.at("live_at")
    if v.facts.get("type") != "hotfix" or v.phase != "post-release" or live is None:
        return
    for day in range(1, REVIEWS + 1):
        for person in v.called("tech_lead"):
            due, at = live + day * A_DAY, live.isoformat()
            found = v.ask("hotfix_review", person, f"{at} day {day}", due, due + A_DAY, {"at": at, "day": day})
            yield replace(found, thing=at)


Rule = Callable[[View], Iterator[Reminder]]
BEFORE: tuple[Rule, ...] = (
    planning, freeze_near, freeze_stuck, tests, items, notes, approval, knowledge, briefing, live_day, after_live,
    hotfix_review,
)  # fmt: skip
