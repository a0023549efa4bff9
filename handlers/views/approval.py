"""The approver's message: the request with everything worth knowing, and what it becomes after the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.card_contents import risks
from handlers.views.checklist import is_met, item_line, met_of
from handlers.views.marks import BLOCKED, DONE, LOOK
from handlers.views.pressing import approve_question, more, show
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
    role_title,
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
    return request(facts, seat, now)


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


def request(facts: Facts, seat: Seat, now: datetime, *, again: bool = False) -> Message:
    """What is asked, exactly what for, what is worth knowing, and the buttons."""
    tag, title, last = plain(facts["tag"]), said(seat["title"]), is_last(facts, seat)
    by = answer_by(facts)
    due = f", by {in_words(facts, by)}" if by else ""
    text = f"{name(facts, facts['lead'])} asks you to approve {tag} ({facts['type']}) as {plain(seat['title'])}{due}."
    until = f" Please answer by {date_token(facts, by)}." if by else ""
    leaves = f"; the release leaves {date_token(facts, facts['departs_at'])}" if facts.get("departs_at") else ""
    urgent = "\nSent outside your hours because production is affected." if facts["type"] == "hotfix" else ""
    return b.message(
        text + (" Yours is the last signature." if last else ""),
        b.header(f"Approve {tag}{' again' if again else ''}?"),
        b.section(f"{mention(facts, facts['lead'])} asks you as *{title}*{leaves}.{until}{urgent}"),
        _new(facts),
        b.fields(_content(facts), "content"),
        b.section(_worth_knowing(facts), "risks"),
        b.context(_last_line(facts) if last else "", _exactly(facts)),
        b.actions(*_buttons(facts, seat, last=last, again=again), block_id="decide"),
    )


def answer_by(facts: Facts) -> str:
    """Until when an answer helps: the time that the policy gives, or the departure when that comes first."""
    return min((str(facts[k]) for k in ("answer_by", "departs_at") if facts.get(k)), default="")


def _buttons(facts: Facts, seat: Seat, *, last: bool, again: bool) -> list[Block | None]:
    value = ids.value(facts["id"], seat["role"], facts["candidate"]["digest"][:16])
    label = "Approve again" if again else "Approve"
    return [
        b.button(
            f"{label} (last signature)" if last else label,
            "approve",
            value,
            primary=True,
            confirm=approve_question(facts, last=last, again=again),
        ),
        b.button("Reject…", "reject", value),
        show(facts, "diff", "See all changes"),
        show(facts, "notes", "Read the notes"),
        more(facts, ("Raise a concern…", "concern"), ("What is missing?", "why")),
    ]


def _new(facts: Facts) -> Block | None:
    gets = ((facts.get("texts") or {}).get("stakeholders") or {}).get("gets") or []
    if not gets:
        return None
    lines = [f"• {said(g)}" for g in gets[:5]] + ([f"and {len(gets) - 5} more"] if len(gets) > 5 else [])
    return b.section("*New for customers*\n" + "\n".join(lines))


def _content(facts: Facts) -> list[tuple[str, str]]:
    c, tests = facts["candidate"], [s for s in facts.get("signoffs") or () if s["name"].startswith("tests.")]
    scope = facts.get("scope") or {}
    plan = next((s for s in facts.get("signoffs") or () if s["name"] == "plan.written"), None)
    planned = item_line(facts, plan) if plan and is_met(plan) else ""
    exactly = f"rc.{c['number']} at {links.commit(facts, c['sha'])}, {counted(scope.get('count') or 0, 'change')}"
    mark = DONE if all(map(is_met, tests)) else LOOK
    return [
        ("What you approve", exactly),
        ("Tests on this commit", f"{mark} {met_of(tests)} passed" if tests else ""),
        ("Way back on paper", planned),
        ("Way back", f"v{said(_production(facts))}" if _production(facts) else ""),
    ]


def _production(facts: Facts) -> str:
    return str(((facts.get("environments") or {}).get("production") or {}).get("version") or "")


def _worth_knowing(facts: Facts) -> str:
    """Each risk with its reason, and the good facts too; nothing that the record does not prove."""
    lines = risks(facts) + [
        f"{LOOK} {said(s['title'])} is open"
        for s in facts.get("signoffs") or ()
        if s.get("gate") == "ready" and not is_met(s)
    ]
    lines += [f"{LOOK} Concern of {mention(facts, c['by'])}: {quoted(c['text'])}" for c in facts.get("concerns") or ()]
    if not (facts.get("texts") or {}).get("edited_at"):
        lines.append(f"{LOOK} The texts for stakeholders and support are drafts from the scope; nobody has mended them")
    if facts["candidate"]["number"] > 1:
        lines.append(f"{LOOK} It is candidate number {facts['candidate']['number']}")
    return "*Worth knowing*\n" + "\n".join(lines[:9]) if lines else ""


def _last_line(facts: Facts) -> str:
    c = facts["candidate"]
    return f"*Yours is the last signature:* rc.{c['number']} then goes to staging. Production still needs a go."


def _exactly(facts: Facts) -> str:
    digest = facts["candidate"]["digest"][:8]
    return (
        f"You approve exactly this content (`{said(digest[:4])} {said(digest[4:])}`). If it changes, I withdraw "
        "your approval and ask you again."
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
        b.section(f"{DONE} You approved {shown} {date_token(facts, mine['at'])}."),
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
    if mine and mine["verdict"] == "given":
        line = f"{DONE} You approved {said(tag)} {date_token(facts, mine['at'])}. It is in {said(phase)} now."
        return b.message(f"You approved {tag}. It is in {phase} now.", b.section(line))
    return _over(f"{tag} is in {phase}. Nothing is left to approve.", facts)


def _over(text: str, facts: Facts) -> Message:
    return b.message(text, b.section(said(text, 300)), b.actions(show(facts, "status", "Open"), block_id="decide"))


def asked_anew(facts: Facts) -> Message:
    """What a request becomes when the same is asked again in a newer message."""
    return _over(f"I asked you again about {plain(facts['tag'])}: the newer message below counts.", facts)


def withdrawn(data: Facts) -> Message:
    """The message when the content moved under a signature: what changed, and that a new request follows."""
    facts: Facts = data["facts"]
    tag, c = plain(facts["tag"]), facts.get("candidate") or {}
    old = plain(str(data.get("before") or "")).rpartition("-")[2] or "the candidate before"
    new = f"rc.{c.get('number')}"
    by = mention(facts, str(data.get("actor") or c.get("by") or ""))
    title = role_title(facts, (seat_of(facts, str(data.get("person") or "")) or {"role": ""})["role"])
    as_role = f" as {said(title)}" if title else ""
    came, went = _commits(data, "came", "more"), _commits(data, "went", "gone")
    return b.message(
        f"{tag} changed after you approved it, so your approval was withdrawn. {old} became {new}. I ask you again "
        "when it is ready.",
        b.header(f"{tag} changed after you approved it"),
        b.section(
            f"Your approval of {said(old)}{as_role} was withdrawn, because {new} was tagged "
            f"{date_token(facts, c.get('at'))} by {by}. I ask you again when it is ready.",
            "moved",
        ),
        b.section(f"*Only this is different, {came[0]}*\n{came[1]}", "came") if came else None,
        b.section(f"*Not in it any more, {went[0]}*\n{went[1]}", "went") if went else None,
        b.actions(show(facts, "diff", "See all changes"), show(facts, "why", "What is missing?"), block_id="decide"),
    )


def _commits(data: Facts, key: str, rest: str) -> tuple[str, str] | None:
    """How many changes there are and a line for each; None when there are none."""
    found, more = list(data.get(key) or ()), int(data.get(rest) or 0)
    if not found:
        return None
    facts: Facts = data["facts"]
    shas = [links.commit(facts, str(c["sha"])) for c in found]
    lines = [
        f"• {said(c.get('subject'))}, by {said(c.get('author'), 40)}, {sha}" for c, sha in zip(found, shas, strict=True)
    ]
    return counted(len(found) + more, "change"), "\n".join([*lines, *([f"+{more} more"] if more else [])])
