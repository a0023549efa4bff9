"""What people say about themselves, as forms: who stands in, when they are away, their hours and what they mute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.lending import Desk
from core.domain.people import MUTABLE, Colleague
from core.domain.policy_people import DAYS
from handlers import ids
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.marks import LOOK
from handlers.views.people import absences, zone_line
from handlers.views.writing import Facts, date_token, mention, said

NOBODY = "nobody"
Given = Mapping[str, str]


def delegate(row: Colleague, desk: Desk, known: Facts, given: Given, channel: str) -> Form:
    """Who stands in, until when, for which role; what holds already stands above."""
    roles = [(desk.policy.title(r), r) for r in desk.roles_of(row.id)]
    lent = [_lent(d, desk, known) for d in row.delegations if d.until is None or d.until > desk.now]
    return _form(
        "Who stands in for you?",
        "delegate",
        "Let them stand in",
        channel,
        [
            _note(given),
            b.section("\n".join(lent), "now") if lent else None,
            inputs.person("to", "Who?", initial=given.get("to", "")),
            inputs.day("until", "Until, this day included", initial=given.get("until", ""), optional=True,
                       hint="Without a day: whenever you are away, or your day ends before an answer is due"),
            inputs.select("role", "For which role?", roles, initial=given.get("role", ""), optional=True,
                          hint="Without one: for all of yours") if len(roles) > 1 else None,
            b.context("They can sign what you can sign. Nobody signs twice, and their own rules stay."),
        ],
    )  # fmt: skip


def away(row: Colleague, desk: Desk, known: Facts, given: Given, channel: str) -> Form:
    """From when until when; what is noted already stands above."""
    gone = absences(row, desk.now, known)
    today = desk.now.astimezone(ZoneInfo(desk.roster.zone_of(row.id))).date().isoformat()
    return _form(
        "When are you away?",
        "away",
        "Note it",
        channel,
        [
            _note(given),
            b.section(gone, "now") if gone else None,
            inputs.day("first", "From", initial=given.get("first") or today),
            inputs.day("last", "Until, this day included", initial=given.get("last", "")),
            b.context("Requests then go to who stands in for you. If nobody does, the release manager is told."),
        ],
    )


def settings(row: Colleague, desk: Desk, known: Facts, given: Given, channel: str) -> Form:
    """Hours, delegate, mutes; absences and delegations for a time are shown, and ended by their own words."""
    hours, now = desk.roster.hours_of(row.id), row.standing
    lent = [_lent(d, desk, known) for d in row.delegations if d.until is not None and d.until > desk.now]
    gone = absences(row, desk.now, known)
    days = [(day.capitalize(), str(n)) for n, day in enumerate(DAYS)]
    return _form(
        "My settings",
        "settings",
        "Save",
        channel,
        [
            b.context(zone_line(row, desk)),
            inputs.clock("begins", "My day begins", initial=_clock(hours.begins)),
            inputs.clock("ends", "and ends", initial=_clock(hours.ends)),
            inputs.checks("days", "On these days", days, chosen=[str(d) for d in hours.days]),
            inputs.person("to", "Who stands in when I am not there?", initial=now, optional=True,
                          hint="While you are away, and when your day ends before an answer is due"),
            inputs.checks(NOBODY, "Or", [("Nobody stands in for me", NOBODY)]) if now else None,
            inputs.checks("mutes", "I do not want to hear of", [(text, kind) for kind, text in MUTABLE.items()],
                          chosen=row.mutes, hint="What is yours to decide always reaches you; lend it or be away"),
            b.section("\n".join(filter(None, (*lent, gone))), "now") if lent or gone else None,
        ],
    )  # fmt: skip


def answers(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, as the use case's input."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found[name] = list(value) if isinstance(value, tuple | list) else value.strip() if value else ""
    if found.pop(NOBODY, None):
        found["to"] = ""
    return found


def _form(title: str, verb: str, submit: str, channel: str, blocks: list[Block | None]) -> Form:
    return inputs.form(title, verb, ids.metadata(ids.Target(), channel), blocks, submit=submit)


def _note(given: Given) -> Block | None:
    return b.section(f"{LOOK} {said(given['note'], 200)}", "note") if given.get("note") else None


def _lent(d: Any, desk: Desk, known: Facts) -> str:
    role = f" as {said(desk.policy.title(d.role))}" if d.role else ""
    if d.until is None:
        return f"{mention(known, d.to)} stands in for you{role} whenever you are not there."
    return f"{mention(known, d.to)} stands in for you{role} until {date_token(known, _last(d.until))}."


def _last(until: datetime) -> datetime:
    return (until - timedelta(minutes=1)).astimezone(UTC)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
