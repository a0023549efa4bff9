"""What people read about who stands in, who is away and what was handed over to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.domain.lending import Desk
from core.domain.people import Colleague
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.marks import DONE, LOOK, WAITS
from handlers.views.pressing import press, show
from handlers.views.writing import (
    Data,
    Facts,
    counted,
    date_token,
    day_token,
    instant,
    listed,
    mention,
    name,
    plain,
    quoted,
    role_title,
    said,
    spoken,
    zone_name,
)


def zone_line(row: Colleague, desk: Desk) -> str:
    """Which zone the hours are read in, and where it comes from."""
    zone = desk.roster.zone_of(row.id)
    source = "from your Slack profile" if row.zone else "the policy's, because Slack knows none of yours"
    return f"Your time zone is {said(zone_name(zone))} ({said(zone)}), {source}."


def absences(row: Colleague, now: datetime, known: Facts) -> str:
    """The absences that are not over, one line each."""
    ahead = [a for a in row.away if a.until > now]
    return "\n".join(f"You are away from {day_token(known, a.first)} until {_until(known, a.until)}." for a in ahead)


def _until(facts: Facts, end: object) -> str:
    """The last day of a time that ends at midnight."""
    at = instant(end)
    return day_token(facts, at - timedelta(minutes=1)) if at else "a day that is not set"


# --- private answers -------------------------------------------------------------------------------------------------


def lent(result: Data, known: Facts) -> Message:
    """`Erika stands in for you as product manager until 4 Dec. Your 1 open request went to Erika too.`"""
    if "off" in result:
        people = listed([mention(known, p) for p in result["off"]])
        line = f"{DONE} {people} no longer stands in for you." if people else "Nobody stands in for you."
        return _answer(f"{line} What was signed in your place still counts.", known)
    who, role = mention(known, str(result["to"])), str(result.get("role") or "")
    as_role = f" as {said(role_title(known, role))}" if role else ""
    if not result.get("until"):
        line = (
            f"{DONE} {who} stands in for you{as_role} while you are away, and when your day ends before an answer is "
            "due."
        )
        return _answer(f"{line} To lend it for a time, name a day: `/release delegate` with “until friday”.", known)
    line = f"{DONE} {who} stands in for you{as_role} until {_until(known, result['until'])}."
    count = int(result.get("open") or 0)
    if count:
        line += f" Your {counted(count, 'open request')} {'goes' if count == 1 else 'go'} to {who} too."
    return _answer(f"{line} `/release delegate off` ends it.", known)


def gone(result: Data, known: Facts) -> Message:
    """An absence is noted, and who stands in for it."""
    if result.get("off"):
        return _answer(f"{DONE} You are there again. Requests reach you in your hours.", known)
    line = f"{DONE} You are away from {day_token(known, result['first'])} until {_until(known, result['until'])}."
    name_one = b.button("Let somebody stand in…", "delegate", primary=True)
    if result.get("covered") and not result.get("rest"):
        return _answer(f"{line} {mention(known, str(result['covered']))} stands in for you then.", known)
    if result.get("covered"):
        who, ends = mention(known, str(result["covered"])), _until(known, result["rest"])
        first, last = day_token(known, result["rest"]), _until(known, result["until"])
        alone = f"{LOOK} Nobody stands in from {first} until {last}."
        return _answer(f"{line} {who} stands in for you until {ends}. {alone}", known, name_one)
    if not result.get("roles"):
        return _answer(line, known)
    rest = "Nobody stands in for you then: without anybody the release manager is told instead of you."
    return _answer(f"{line} {LOOK} {rest}", known, name_one)


def kept(result: Data, known: Facts) -> Message:
    """Settings are saved."""
    to = str(result.get("to") or "")
    who = f" {mention(known, to)} stands in when you are not there." if to else ""
    muted = f" {counted(len(result['mutes']), 'kind')} of messages {_are(len(result['mutes']))} off."
    return _answer(f"{DONE} Your settings are kept.{who}{muted if result.get('mutes') else ''}", known)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _answer(line: str, known: Facts, *buttons: Block) -> Message:
    more = (*buttons, b.button("My settings…", "settings"))
    return b.message(spoken(line, known), b.section(line), b.actions(*more, block_id="onward"))


# --- direct messages -------------------------------------------------------------------------------------------------


def delegated(data: Data, facts: Facts, person: str) -> Message:
    """To who stands in from now on, or no longer."""
    by, role = str(data.get("actor") or ""), str(data.get("role") or "")
    as_role = f" as {said(role_title(facts, role))}" if role else ""
    if data.get("over"):
        line = f"You no longer stand in for {mention(facts, by)}. Thank you. What you signed still counts."
    elif data.get("until"):
        line = f"{mention(facts, by)} asks you to stand in{as_role} until {_until(facts, data['until'])}."
        line += " Requests to sign reach you too; your signature then says for whom you gave it."
    else:
        line = f"{mention(facts, by)} names you to stand in{as_role} in an absence, and where an answer is due and "
        line += "the working day there ends."
    return b.message(
        spoken(line, facts),
        b.section(line),
        b.actions(b.button("What waits for me?", "mine", "-"), b.button("My settings…", "settings"), block_id="do"),
    )


def handover(data: Data, facts: Facts, person: str) -> Message:
    """The open points of the roles that somebody fills from now on, in one message."""
    roles = [str(r) for r in data.get("roles") or ()]
    titles = listed([said(role_title(facts, r)) for r in roles])
    tag, by = said(facts["tag"]), mention(facts, str(data.get("actor") or ""))
    leads = "release_manager" in roles
    head = f"{by} hands *{tag}* over to you: you {'lead it' if leads else f'fill {titles} on it'} now."
    if leads and len(roles) > 1:
        head = f"{by} hands *{tag}* over to you: you lead it now, and fill {titles}."
    points = _points(facts, roles, person)
    text = f"You are {titles} of {plain(facts['tag'])} now. {counted(len(points), 'open point')}."
    return b.message(
        spoken(text, facts),
        b.section(head),
        b.section("\n".join(points[:12]) or f"{DONE} Nothing of it is open now.", "points"),
        b.context(f"and {len(points) - 12} more") if len(points) > 12 else None,
        b.actions(
            show(facts, "checklist", "Checklist"),
            show(facts, "why", "What is missing?"),
            show(facts, "status", "Open"),
            block_id="do",
        ),
    )


def _points(facts: Facts, roles: list[str], person: str) -> list[str]:
    """Approvals, sign-offs, concerns and duties of some roles that are open."""
    found = [
        f"{WAITS} Approval as {said(a['title'])}, {len(a['given'])} of {a['need']} given"
        for a in facts.get("approvals") or ()
        if a["role"] in roles and len(a["given"]) < a["need"] and facts.get("phase") == "preparation"
    ]
    found += [
        f"{WAITS} Sign-off: {said(s['title'])}" if s.get("due") else f"Later: {said(s['title'])}"
        for s in facts.get("signoffs") or ()
        if s["role"] in roles and not s.get("done") and s.get("state") != "met"
    ]
    if "release_manager" in roles:
        found += [f"{LOOK} Concern of {mention(facts, c['by'])}: {quoted(c['text'])}" for c in facts["concerns"]]
    found += [f"Duty: {said(d['text'])}" for d in facts.get("duties") or () if d["role"] in roles]
    return found


def no_stand_in(data: Data, facts: Facts, person: str) -> Message:
    """To the lead, at once: an approver does not answer in time, and nobody stands in."""
    who, role = str(data.get("person") or ""), said(role_title(facts, str(data.get("role") or "")))
    line = (
        f"{LOOK} {mention(facts, who)} has not answered about *{said(facts['tag'])}* as {role}, nobody stands in, and "
        f"the next working hour there is {_day(facts, data.get('back'))}."
    )
    return b.message(
        f"{name(facts, who)} has not answered about {plain(facts['tag'])} and nobody stands in.",
        b.section(line),
        b.actions(
            press(facts, "cast"),
            press(facts, "move"),
            show(facts, "why", "What is missing?"),
            block_id="do",
        ),
    )


def _day(facts: Facts, at: object) -> str:
    from_ = instant(at)
    return day_token(facts, from_) if from_ else "unknown"


def live_duties(data: Data, facts: Facts, person: str) -> Message:
    """Two hours after it went live, to those whose duty it is."""
    mine = [d for d in facts.get("duties") or () if person in d["people"] and d["kind"] == "reminder"]
    parts = listed([said(d["text"]) for d in mine])
    since = date_token(facts, facts.get("live_at"))
    line = f"*{said(facts['tag'])}* is live since {since}. Yours now: {parts or 'a look at it'}. Anything unusual?"
    return b.message(
        spoken(line, facts),
        b.section(line),
        b.actions(
            press(facts, "incident"),
            show(facts, "checklist", "Checklist"),
            show(facts, "status", "Open"),
            block_id="do",
        ),
    )


MOMENTS = {
    "delegated": delegated,
    "handover": handover,
    "no_stand_in": no_stand_in,
    "live_duties": live_duties,
}


# --- lines of the thread ---------------------------------------------------------------------------------------------


def cast_line(data: Data, facts: Facts) -> str:
    """Who fills which role now, and who did before."""
    parts = []
    for moved in data.get("moved") or ():
        role, now, before = str(moved["role"]), str(moved["then"]), str(moved["before"])
        was = f" (was {mention(facts, before)})" if before else ""
        title = said(role_title(facts, role))
        if role == "release_manager":
            parts.append(f"{mention(facts, now)} leads it{was}")
        elif now:
            parts.append(f"{title} is {mention(facts, now)}{was}")
        else:
            parts.append(f"{title} is whoever holds the role{was}")
    by = said(name(facts, str(data.get("actor") or "")))
    return f"{by} changed the roles of *{said(facts['tag'])}*: {listed(parts) or 'nothing'}."


def day_ended(data: Data, facts: Facts) -> str:
    """An approver's day ends without an answer."""
    who, role = mention(facts, str(data.get("person") or "")), said(role_title(facts, str(data.get("role") or "")))
    if data.get("to"):
        to = mention(facts, str(data["to"]))
        return f"{WAITS} {who} has not answered as {role}, and the working day there ends. {to} is asked too."
    lead = mention(facts, str(facts.get("lead") or ""))
    return f"{LOOK} {who} has not answered as {role}, and nobody stands in. {lead} is told."


def stands_in_line(facts: Facts, seat: Data, person: str) -> str:
    """Why somebody is asked who does not hold the role: the first line of the request."""
    one = (seat.get("stand_ins") or {}).get(person)
    if not one:
        return ""
    holder = mention(facts, str(one["holder"]))
    if one["why"] == "away":
        return f"{holder} is away until {_until(facts, one['at'])}, so you are asked as delegate."
    if one["why"] == "day":
        due = min((str(facts[k]) for k in ("answer_by", "departs_at") if facts.get(k)), default="")
        why = f"has not answered and the working day there ends at {_time(facts, one['at'])}"
        if due and str(one["at"]) >= due:
            why = f"is not at work before the answer is due, but again {date_token(facts, one['at'])}"
        return f"{holder} {why}. Either of you can answer; the first counts."
    return f"You stand in for {holder} until {_until(facts, one['at'])}. Either of you can answer; the first counts."


def _time(facts: Facts, at: object) -> str:
    return date_token(facts, at, "{time}")


def in_place_of(facts: Facts, data: Data) -> str:
    """` for Mira` where a signature was given in somebody's place; a name pings nobody."""
    holder = str(data.get("stands_for") or "")
    known = holder in (facts.get("names") or {})
    return f" for {said(name(facts, holder)) if known else mention(facts, holder)}" if holder else ""
