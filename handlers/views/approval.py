"""The approver's message: the request with everything worth knowing, and what it becomes after the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.domain.facts_signing import points_at
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.approval_again import changes, difference, is_known, why_again
from handlers.views.checklist import is_met, item_line, met_of
from handlers.views.marks import BLOCKED, DONE, LOOK
from handlers.views.people import in_place_of, stands_in_line
from handlers.views.pressing import approve_question, more, press, show
from handlers.views.risk_words import worth_knowing
from handlers.views.writing import (
    Facts,
    counted,
    date_token,
    in_words,
    listed,
    mention,
    name,
    plain,
    quoted,
    said,
)

Seat = dict[str, Any]


def ask(facts: Facts, person: str, role: str, now: datetime) -> Message:
    """The living message to one approver, drawn from the facts as they are: asked, answered, or over."""
    seat = seat_of(facts, person, role)
    tag = plain(facts.get("tag", ""))
    if facts.get("phase") == "cancelled":
        return _over(
            f"{tag} was cancelled by {name(facts, facts.get('closed_by', ''))}. There is nothing left to approve.",
            facts,
        )
    if not facts.get("candidate") or seat is None:
        return _over(_not_yours(facts, person, tag), facts)
    mine = _answer(seat, person)
    if facts.get("phase") != "preparation":
        return _elsewhere(facts, mine, tag)
    if mine:
        return _answered(facts, seat, mine)
    if len(seat["given"]) >= seat["need"]:
        return _done_by_others(facts, seat)
    return request(facts, seat, now, person)


def _not_yours(facts: Facts, person: str, tag: str) -> str:
    """Why nothing waits for this person: the role has others now, or it never was theirs."""
    if person not in (facts.get("asked") or ()):
        return f"{tag} does not wait for you."
    others = [name(facts, p) for a in facts.get("approvals") or () for p in a.get("asked") or ()]
    now = f" {listed(list(dict.fromkeys(others)), 'or', 3)} can answer now." if others else ""
    return f"You hold no approving role of {tag} any more, so nothing waits for you.{now}"


def seat_of(facts: Facts, person: str, role: str = "") -> Seat | None:
    """The approval that this person can give: the named role's, else the first that asks them."""
    seats: list[Seat] = list(facts.get("approvals") or ())
    named = [s for s in seats if s["role"] == role]
    mine = [s for s in seats if person in (s.get("asked") or ()) or _answer(s, person)]
    return next(iter(named or mine), None)


def is_last(facts: Facts, seat: Seat) -> bool:
    """Whether one more signature in this seat completes all approvals."""
    others = [s for s in facts.get("approvals") or () if s["role"] != seat["role"]]
    return seat["need"] - len(seat["given"]) == 1 and all(len(s["given"]) >= s["need"] for s in others)


def request(facts: Facts, seat: Seat, now: datetime, person: str = "") -> Message:
    """What is asked, exactly what for, what is worth knowing, and the buttons.

    Who has approved before reads only what is different since then.
    """
    tag, title, last = plain(facts["tag"]), said(seat["title"]), is_last(facts, seat)
    moved = (facts.get("again") or {}).get(person)
    by = answer_by(facts)
    due = f", by {in_words(facts, by)}" if by else ""
    text = f"{name(facts, facts['lead'])} asks you to approve {tag} ({facts['type']}) as {plain(seat['title'])}{due}."
    if moved:
        first = f"{tag} changed after you approved it, so your approval was withdrawn."
        text = f"{first} Please look and approve again{due}, or object."
    return b.message(
        text + (" Yours is the last signature." if last else ""),
        *(_again(facts, moved, by) if moved and is_known(moved) else _anew(facts, title, by, person)),
        b.section(stands_in_line(facts, seat, person), "lent"),
        b.section(_worth_knowing(facts, now), "risks"),
        b.section(_asked(facts, person), "asked"),
        b.context(_last_line(facts) if last else "", _exactly(facts)),
        b.actions(*_buttons(facts, seat, last=last, moved=moved), block_id="decide"),
    )


def _anew(facts: Facts, title: str, by: str, person: str) -> list[Block | None]:
    """Who asks, until when, what is new and what exactly is signed."""
    until = f" Please answer by {date_token(facts, by)}." if by else ""
    leaves = f"; the release leaves {date_token(facts, facts['departs_at'])}" if facts.get("departs_at") else ""
    urgent = "\nSent outside your hours because production is affected." if person in (facts.get("woken") or ()) else ""
    return [
        b.header(f"Approve {plain(facts['tag'])}?"),
        b.section(f"{mention(facts, facts['lead'])} asks you as *{title}*{leaves}.{until}{urgent}"),
        _new(facts),
        b.fields(_content(facts), "content"),
    ]


def _again(facts: Facts, moved: dict[str, Any], by: str) -> list[Block | None]:
    until = f" Please answer by {date_token(facts, by)}." if by else ""
    tests = _tests(facts)
    return [
        b.header(f"{plain(facts['tag'])} changed after you approved it"),
        b.section(f"{why_again(facts, moved)}{until} Only this is different:", "moved"),
        *difference(facts, moved),
        b.context(f"*Tests on rc.{facts['candidate']['number']}:* {tests}" if tests else ""),
    ]


def answer_by(facts: Facts) -> str:
    """Until when an answer helps: the time that the policy gives, or the departure when that comes first."""
    return min((str(facts[k]) for k in ("answer_by", "departs_at") if facts.get(k)), default="")


def _buttons(facts: Facts, seat: Seat, *, last: bool, moved: dict[str, Any] | None) -> list[Block | None]:
    value = ids.value(facts["id"], seat["role"], facts["candidate"]["digest"][:16])
    label = "Approve again" if moved else "Approve"
    return [
        b.button(
            f"{label} (last signature)" if last else label,
            "approve",
            value,
            primary=True,
            confirm=approve_question(facts, last=last, again=bool(moved)),
        ),
        b.button("Object…" if moved else "Reject…", "reject", value),
        press(facts, "ask"),
        changes(facts, moved) if moved else show(facts, "diff", "See all changes"),
        more(facts, ("Read the notes", "notes"), ("Raise a concern…", "concern"), ("What is missing?", "why")),
    ]


def _new(facts: Facts) -> Block | None:
    gets = ((facts.get("texts") or {}).get("stakeholders") or {}).get("gets") or []
    if not gets:
        return None
    lines = [f"• {said(g)}" for g in gets[:5]] + ([f"and {len(gets) - 5} more"] if len(gets) > 5 else [])
    return b.section("*New for customers*\n" + "\n".join(lines))


def _content(facts: Facts) -> list[tuple[str, str]]:
    c = facts["candidate"]
    scope = facts.get("scope") or {}
    plan = next((s for s in facts.get("signoffs") or () if s["name"] == "plan.written"), None)
    planned = item_line(facts, plan) if plan and is_met(plan) else ""
    exactly = f"rc.{c['number']} at {links.commit(facts, c['sha'])}, {counted(scope.get('count') or 0, 'change')}"
    return [
        ("What you approve", exactly),
        ("Tests on this commit", _tests(facts)),
        ("Database", _database(facts)),
        ("Settings and flags", _settings(facts)),
        ("Rollback plan", planned),
        ("Way back", f"v{said(_production(facts))}" if _production(facts) else ""),
    ]


def _tests(facts: Facts) -> str:
    tests = [s for s in facts.get("signoffs") or () if s["name"].startswith("tests.")]
    return f"{DONE if all(map(is_met, tests)) else LOOK} {met_of(tests)} passed" if tests else ""


def _database(facts: Facts) -> str:
    holds = facts.get("content")
    if not holds or not holds["migrations"]:
        return "as it is" if holds else ""
    first = said(holds["migrations_lines"][0].partition(": ")[2], 80)
    return f"{counted(holds['migrations'], 'migration')}{': ' + first if first else ''}"


def _settings(facts: Facts) -> str:
    holds = facts.get("content")
    if not holds:
        return ""
    told = [counted(holds[key], one) for key, one in (("configuration", "setting"), ("flags", "flag")) if holds[key]]
    return listed(told) or "as they are"


def _production(facts: Facts) -> str:
    return str(((facts.get("environments") or {}).get("production") or {}).get("version") or "")


def _worth_knowing(facts: Facts, now: datetime) -> str:
    """Each point with its reason, the good ones too; nothing that the record does not prove."""
    lines = worth_knowing(points_at(facts, now), facts)
    return f"*Worth knowing*\n{lines}" if lines else ""


def _asked(facts: Facts, person: str) -> str:
    """What this person asked about the candidate, whom, and where the answer stands."""
    tag = (facts.get("candidate") or {}).get("tag")
    mine = [q for q in facts.get("questions") or () if q["by"] == person and q["candidate"] == tag]
    where = links.site(facts, facts.get("thread"), "in the thread")
    lines = [
        f"*You asked* {date_token(facts, q['at'])}: {quoted(q['text'], 200)} of "
        f"{listed([mention(facts, p) for p in q['to']])}, {where}"
        for q in mine[-3:]
    ]
    return "\n".join(lines)


def _last_line(facts: Facts) -> str:
    c = facts["candidate"]
    return f"*Yours is the last signature:* rc.{c['number']} then goes to staging. Production still needs a go."


def _exactly(facts: Facts) -> str:
    digest = facts["candidate"]["digest"][:8]
    return (
        f"You approve exactly this content (`{said(digest[:4])} {said(digest[4:])}`). If it changes, I withdraw "
        "your approval and show you only the difference."
    )


# --- what it becomes ------------------------------------------------------------------------------------------------


def _answer(seat: Seat, person: str) -> dict[str, Any] | None:
    for verdict in ("given", "rejected"):
        for one in seat.get(verdict) or ():
            if one["person"] == person:
                return {**one, "verdict": verdict}
    return None


def _answered(facts: Facts, seat: Seat, mine: dict[str, Any]) -> Message:
    c = facts["candidate"]
    what = f"{plain(facts['tag'])} (rc.{c['number']}, {c['sha'][:7]})"
    value = ids.value(facts["id"], seat["role"], c["digest"][:16])
    shown = f"{said(facts['tag'])} (rc.{c['number']}, {links.commit(facts, c['sha'])})"
    if mine["verdict"] == "rejected":
        why = quoted(mine.get("reason", ""), 400)
        after_all = b.button(
            "Approve after all", "approve", value, confirm=approve_question(facts, last=is_last(facts, seat))
        )
        return b.message(
            f"You rejected {what}: {plain(mine.get('reason', ''), 200)}",
            b.section(f"{BLOCKED} You rejected {shown} {date_token(facts, mine['at'])}: {why}"),
            b.context("A new candidate or your own new answer lifts this."),
            b.actions(after_all, show(facts, "why", "What is missing?"), block_id="decide"),
        )
    return b.message(
        f"You approved {what} as {plain(seat['title'])}.",
        b.section(f"{DONE} You approved {shown}{in_place_of(facts, mine)} {date_token(facts, mine['at'])}."),
        b.actions(b.button("Take it back…", "withdraw", value), block_id="decide"),
    )


def _done_by_others(facts: Facts, seat: Seat) -> Message:
    names = listed([name(facts, g["person"]) for g in seat["given"]])
    people = listed([mention(facts, g["person"]) for g in seat["given"]])
    when = date_token(facts, seat["given"][-1]["at"])
    return b.message(
        f"{names} approved {plain(facts['tag'])} as {plain(seat['title'])}. Nothing is left for you to do.",
        b.section(
            f"{DONE} {people} approved {said(facts['tag'])} as {said(seat['title'])} {when}. "
            "Nothing is left for you to do."
        ),
    )


def _elsewhere(facts: Facts, mine: dict[str, Any] | None, tag: str) -> Message:
    phase = str(facts.get("phase"))
    if phase in ("planning", "development", "stabilization"):
        return _over(f"{tag} is back in {phase}, so this request is over. I ask you again when it is ready.", facts)
    now = phase if phase in ("closed", "cancelled") else f"in {phase}"
    if mine and mine["verdict"] == "given":
        line = f"{DONE} You approved {said(tag)} {date_token(facts, mine['at'])}. It is {now} now."
        return b.message(f"You approved {tag}. It is {now} now.", b.section(line))
    return _over(f"{tag} is {now}. Nothing is left to approve.", facts)


def _over(text: str, facts: Facts) -> Message:
    return b.message(text, b.section(said(text, 300)), b.actions(show(facts, "status", "Open"), block_id="decide"))


def asked_anew(facts: Facts) -> Message:
    """What a request becomes when the same is asked again in a newer message."""
    return _over(f"I asked you again about {plain(facts['tag'])}: the newer message below counts.", facts)
