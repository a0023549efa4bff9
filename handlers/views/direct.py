"""Direct messages: what a person has to do now, with the buttons to do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers import ids
from handlers.request import Block, Message
from handlers.views import (
    addresses,
    departing,
    drills,
    environments,
    flag_asked,
    following,
    keeping,
    overrides,
    people,
    policy,
    reminders,
    retro_told,
    voices,
)
from handlers.views import blocks as b
from handlers.views.announcements import decision_blocks
from handlers.views.approval import seat_of
from handlers.views.approval_again import withdrawn
from handlers.views.card_state import open_reasons
from handlers.views.checklist import is_met
from handlers.views.git_words import carried_by_hand, open_button, purpose
from handlers.views.marks import BLOCKED, DONE, LOOK, WAITS
from handlers.views.pressing import press, show
from handlers.views.reasons import reasons
from handlers.views.why import met, missing
from handlers.views.writing import (
    Data,
    Facts,
    counted,
    date_token,
    day_in_words,
    in_words,
    instant,
    mention,
    plain,
    quoted,
    said,
    spoken,
    who,
)

Writer = Callable[[Data, Facts, str], Message]


def render(person: str, moment: str, data: Data) -> Message:
    """The message to one person about a moment."""
    facts: Facts = data.get("facts") or data
    write = MOMENTS.get(moment)
    if write:
        return write(data, facts, person)
    line = f"*{said(facts.get('tag') or 'The release')}*: {said(moment.replace('_', ' '))}."
    return b.message(spoken(line, facts), b.section(line), _open(facts))


def due_items(facts: Facts, person: str, gate: str = "") -> list[dict[str, Any]]:
    """The checklist items that this person can sign now."""
    return [
        s
        for s in facts.get("signoffs") or ()
        if s.get("due") and not is_met(s) and person in s.get("people", ()) and (not gate or s.get("gate") == gate)
    ]


def sign_button(facts: Facts, item: Mapping[str, Any], label: str = "Sign it off") -> Block:
    return b.button(
        label,
        "tick",
        ids.value(facts["id"], item["name"], item["name"]),
        about=f"Sign off {item['title']}: {facts['tag']}",
    )


def _your_turn(data: Data, facts: Facts, person: str) -> Message:
    gate = str(data.get("gate") or "")
    items = due_items(facts, person, gate)
    if not items:
        return _turn_over(facts, person, gate)
    c = facts.get("candidate") or {}
    staged = (facts.get("environments", {}).get("staging") or {}).get("candidate") == c.get("tag")
    where = {
        "begin": "Development begins after it",
        "ready": "The candidate can be tested",
        "go": "It is on staging" if staged else "Go waits for it",
        "deployed": "It is in production",
        "rollback": "A roll-back waits for it, and is free to go when somebody else than you asks for it",
        "close": "It is live",
    }.get(gate, "It is your turn")
    at = f" rc.{c['number']} at `{said(c['sha'][:7])}`." if c else ""
    titles = "; ".join(plain(i["title"]) for i in items[:3])
    rows = [
        b.section(
            f"{WAITS} *{said(i['title'])}*\nas {said(i['role_title'])}", f"item.{i['name']}", sign_button(facts, i)
        )
        for i in items[:10]
    ]
    return b.message(
        f"{plain(facts['tag'])} waits for your sign-off: {titles}. {where}.",
        b.section(f"*{said(facts['tag'])}* waits for you: {counted(len(items), 'sign-off')}. {where}.{at}"),
        *rows,
        b.actions(
            show(facts, "checklist", "Checklist"),
            press(facts, "concern"),
            show(facts, "why", "What is missing?"),
            block_id="do",
        ),
    )


def _turn_over(facts: Facts, person: str, gate: str) -> Message:
    """What the list of sign-offs becomes when none is left: what this person signed, or that it was taken off them."""
    tag = plain(facts["tag"])
    mine = [
        plain(s["title"])
        for s in facts.get("signoffs") or ()
        if (not gate or s.get("gate") == gate) and (s.get("done") or {}).get("person") == person
    ]
    first = f"You signed off for {tag}: {'; '.join(mine)}. " if mine else ""
    text = f"{first}Nothing of {tag} waits for you here now."
    return b.message(text, b.section(f"{DONE if mine else LOOK} {said(text, 600)}"))


def _withdrawn(data: Data, facts: Facts, person: str) -> Message:
    return withdrawn({**data, "facts": facts}, (seat_of(facts, person) or {"role": ""})["role"])


def _go_hour(data: Data, facts: Facts, person: str) -> Message:
    at = instant(data.get("at")) or instant(facts.get("departs_at"))  # the hour that asks decides too
    found = open_reasons(facts, at) if at else reasons(list(facts.get("blockers") or ()), facts)
    tag, closes = said(facts["tag"]), date_token(facts, facts.get("window_ends_at"), "{time}")
    count = len(met(facts, at)) if at else len(facts.get("met") or ())
    state = f"{counted(count, 'condition is', 'conditions are')} met"
    if found:
        state = f"{counted(len(found), 'condition is', 'conditions are')} open"
    named = f": {missing(found, facts)}" if found else ""
    lines = [f"{r.mark} {r.line}" for r in found[:4]]
    until = in_words(facts, facts.get("window_ends_at"))
    return b.message(
        f"Go or no-go for {plain(facts['tag'])}? {state}{named}. The window closes {until}.",
        b.section(f"*Go or no-go for {tag}?* {state}. The window closes at {closes}."),
        b.section("\n".join(lines), "open") if lines else None,
        b.actions(
            press(facts, "go", primary=not found),
            press(facts, "nogo"),
            show(facts, "why", "What is missing?"),
            block_id="do",
        ),
    )


def _failure(data: Data, facts: Facts, person: str) -> Message:
    reason = str(data.get("reason") or "")
    if data.get("incident"):
        by = str(data.get("actor") or "")
        text = f"{spoken(who(facts, by), facts)} reports that something is wrong with {plain(facts['tag'])}: "
        number = str(data["incident"])
        return b.message(
            text + plain(reason, 300),
            b.section(
                f"{BLOCKED} {mention(facts, by)} reports that something is wrong with *{said(facts['tag'])}*: "
                f"{quoted(reason, 900)}"
            ),
            b.actions(
                press(facts, "rollback"),
                press(facts, "fix_forward"),
                press(facts, "resolve", item=number, subject=number),
                show(facts, "why", "What is missing?"),
                block_id="do",
            ),
        )
    run = facts.get("run") or {}
    if run.get("kind") == "roll back":
        text = f"The rollback of {plain(facts['tag'])} stopped: {plain(reason, 300)}. Nothing runs now."
        return b.message(
            text,
            b.section(
                f"{BLOCKED} *The rollback of {said(facts['tag'])} stopped*: {quoted(reason, 900)} Nothing runs now."
            ),
            b.actions(
                press(facts, "retry", primary=True),
                press(facts, "worked"),
                press(facts, "record"),
                press(facts, "fix_forward"),
                block_id="do",
            ),
        )
    return b.message(
        f"{plain(facts['tag'])} stopped in production: {plain(reason, 300)}. Please decide.",
        b.header(f"{plain(facts['tag'])}: the deployment stopped"),
        *decision_blocks(facts, reason),
    )


def _git_failed(data: Data, facts: Facts, person: str) -> Message:
    details = " ".join(r.detail for r in reasons(list(data.get("problem") or ()), facts)) or "The reason is in the log."
    what = purpose(data.get("purpose"))
    hand = carried_by_hand(data)
    line = f"{BLOCKED} Git could not publish the {what} of *{said(facts['tag'])}*. {details}{hand}"
    return b.message(
        spoken(f"Git could not publish the {what} of {said(facts['tag'])}. No branch has moved.", facts),
        b.section(line),
        b.context("No branch has moved; tag and branches are as before."),
        b.actions(*_git_buttons(data, facts), show(facts, "why", "What is missing?"), block_id="do"),
    )


def _git_buttons(data: Data, facts: Facts) -> list[Block]:
    again = {"freeze": "freeze_early", "candidate": "candidate", "promote": "go"}.get(str(data.get("purpose")))
    offered = [open_button(facts)] if data.get("host") else []
    return [press(facts, again, label="Try again")] if again else offered


def _go_refused(data: Data, facts: Facts, person: str) -> Message:
    found = reasons(list(data.get("problem") or ()), facts)
    lines = "\n".join(f"{r.mark} *{r.title}*: {r.detail}" for r in found[:5])
    return b.message(
        f"Your go for {plain(facts['tag'])} did not fire: {plain(spoken(lines, facts), 300)}",
        b.section(f"*Your go for {said(facts['tag'])} did not fire.* Nothing has moved.\n{lines}"),
        b.actions(press(facts, "go"), show(facts, "why", "What is missing?"), block_id="do"),
    )


def _unproven(data: Data, facts: Facts, person: str) -> Message:
    t, why = facts["tag"], str(data.get("reason") or "")
    free = "Nothing in production has changed, and the lock is free. Mend it, then go again."
    return b.message(
        f"{plain(t)} did not go out: {plain(why, 200)}. {free}",
        b.section(f"{BLOCKED} *{said(t)} did not go out.* {quoted(why, 300)}\n{free}"),
        b.actions(press(facts, "go"), show(facts, "why", "What is missing?"), block_id="do"),
    )


def _hold_over(data: Data, facts: Facts, person: str) -> Message:
    h = facts.get("hold") or {}
    until = f" until {day_in_words(facts, h['until'])}" if h.get("until") else ""
    text = f"You put {plain(facts['tag'])} on hold{until}. It stays on hold until somebody resumes it."
    why = f" Reason: {quoted(h['reason'], 300)}" if h.get("reason") else ""
    return b.message(
        text,
        b.section(f"{WAITS} {said(text, 300)}{why}"),
        b.actions(press(facts, "resume", primary=True), show(facts, "why", "What is missing?"), block_id="do"),
    )


def _reminded(data: Data, facts: Facts, person: str) -> Message:
    """Somebody pressed Remind or Ask."""
    by, what = mention(facts, str(data.get("actor") or "")), str(data.get("about") or "it waits for you")
    items = due_items(facts, person)
    rows = [b.section(f"{WAITS} *{said(i['title'])}*", f"item.{i['name']}", sign_button(facts, i)) for i in items[:5]]
    return b.message(
        f"{plain(facts['tag'])} waits for you: {plain(what, 200)}.",
        b.section(f"{by} reminds you of *{said(facts['tag'])}*: {said(what, 200)}."),
        *rows,
        b.actions(show(facts, "why", "What is missing?"), show(facts, "status", "Open"), block_id="do"),
    )


def _open(facts: Facts) -> Block | None:
    return b.actions(show(facts, "status", "Open"), block_id="do") if facts.get("id") else None


MOMENTS: dict[str, Writer] = {
    **people.MOMENTS,
    **voices.MOMENTS,
    **addresses.MOMENTS,
    "ahead": reminders.asked,
    **keeping.MOMENTS,
    **environments.MOMENTS,
    **following.MOMENTS,
    **overrides.MOMENTS,
    **drills.MOMENTS,
    **flag_asked.MOMENTS,
    **policy.MOMENTS,
    **retro_told.MOMENTS,
    "your_turn": _your_turn,
    "withdrawn": _withdrawn,
    "go_hour": _go_hour,
    "missed": departing.missed,
    "missed_author": departing.missed_author,
    "left_behind": departing.left_behind,
    "failure": _failure,
    "git_failed": _git_failed,
    "go_refused": _go_refused,
    "unproven": _unproven,
    "hold_over": _hold_over,
    "reminder": _reminded,
}
