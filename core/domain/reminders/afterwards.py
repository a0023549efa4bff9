"""What is due when a release is live and beside it: its retrospective, its action items, flags past their life."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta

from core.domain.calendar import Timetable, ahead, wall
from core.domain.reminders.model import Reminder
from core.domain.reminders.releases import A_DAY, BEFORE, ENDED, LONG, Facts, Rule, View
from core.domain.retrospective import ActionItem
from core.domain.slack_ids import is_person

LAST_DAY = time(10)  # of a retrospective, in the train's zone, to those who are silent
AT_WORK = time(10)  # when an action item is asked for
OLD = "old"  # a flag past its life that the release itself does nothing to


def retro_open(v: View) -> Iterator[Reminder]:
    """Everybody who is invited and silent, a day after it went live."""
    yield from _to_the_silent(v, "retro_open", lambda live, due: live + A_DAY)


def retro_last(v: View) -> Iterator[Reminder]:
    """Those who are still silent, in the morning of its last day."""
    zone = v.table.zone
    yield from _to_the_silent(v, "retro_last", lambda live, due: wall(v.table.local(due).date(), LAST_DAY, zone))


def _to_the_silent(v: View, code: str, when: Callable[[datetime, datetime], datetime]) -> Iterator[Reminder]:
    retro, live = v.facts.get("retro") or {}, v.at("live_at")
    if v.phase != "post-release" or live is None or not retro or retro.get("summary"):
        return
    ends = datetime.fromisoformat(retro["due_at"])
    about = {"at": retro["due_at"], "count": len(retro["answered"]), "of": len(retro["invited"])}
    for person in retro["silent"]:
        yield v.ask(code, person, f"{live.isoformat()} {retro['due_at']}", when(live, ends), ends, about)


def flags(v: View) -> Iterator[Reminder]:
    """Flags that wait for a decision: past their life while it is made, all of them when it is live."""
    live, started = v.at("live_at"), v.at("started_at")
    for x in v.facts.get("flags") or ():
        if not x.get("undecided"):
            continue
        if v.phase == "post-release" and live is not None:
            due, until, which = live + A_DAY, live + LONG, "live"
        elif x["what"] == OLD and v.phase in ("development", "stabilization") and started is not None:
            due, until, which = started + A_DAY, started + 2 * LONG, "made"
        else:
            continue
        owners = (x["owner"],) if is_person(str(x["owner"])) else v.called("tech_lead")
        about = {"flag": x["name"], "lived": x["lived"], "allowed": x["allowed"], "last": x["last"],
                 "places": len(x["places"]) + x["more"], "old": bool(x["why"])}  # fmt: skip
        for person in owners:
            yield v.ask("flags", person, f"{x['name']} {which}", due, until, about)


RULES: tuple[Rule, ...] = (*BEFORE, retro_open, retro_last, flags)


def of_release(facts: Facts, table: Timetable) -> tuple[Reminder, ...]:
    """Everything that is, was or will be due of a release as it is now, whenever that is."""
    if facts.get("hold") or facts["phase"] in ENDED:
        return ()
    view = View(facts, table)
    return tuple(found for rule in RULES for found in rule(view))


def of_actions(actions: Iterable[ActionItem], table: Timetable) -> Iterator[Reminder]:
    """The open action items of all retrospectives, to their owners: the working day before their day, and after it. Of
    what is kept nothing is asked until it has come to the next release."""
    for a in actions:
        if not a.is_open or a.kept:
            continue
        day = date.fromisoformat(a.due)
        over = wall(day + timedelta(days=1), AT_WORK, table.zone)
        about = {"action": a.id, "text": a.text, "due": a.due, "from_release": a.from_release, "version": a.on_version}
        subject, begins = f"action:{a.id}", ahead(table, wall(day, table.at, table.zone), 1)
        yield Reminder("action_due", subject, a.due, begins, over, a.owner, about)
        yield Reminder("action_overdue", subject, a.due, over, over + LONG, a.owner, about)
