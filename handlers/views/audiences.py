"""The words for people outside the team: stakeholders and support. No commit, branch, flag or candidate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.domain.notes.audiences import scrubbed
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.pressing import press, show
from handlers.views.writing import (
    Data,
    Facts,
    between,
    date_token,
    holders,
    instant,
    lasted,
    listed,
    local,
    long_token,
    mention,
    name,
    plain,
    said,
    spoken,
    zone_name,
)


def outside(text: object, limit: int = 200) -> str:
    """A foreign line for people outside the team, without commits and branch names that slipped in."""
    return said(scrubbed(str(text)), limit)


def _product(facts: Facts) -> str:
    return said((facts.get("product") or {}).get("name") or "The product", 60)


def _post(facts: Facts, first: str, *blocks: Block | None) -> Message:
    return b.message(spoken(first.split("\n")[0], facts), b.section(first, "what"), *blocks)


def _items(title: str, lines: object, block_id: str = "") -> Block | None:
    shown = [f"• {outside(line)}" for line in lines if str(line).strip()] if isinstance(lines, list | tuple) else []
    return b.section(f"*{title}*\n" + "\n".join(shown), block_id) if shown else None


def _line(title: str, text: object, block_id: str = "") -> Block | None:
    return b.section(f"*{title}*\n{outside(text, 600)}", block_id) if str(text or "").strip() else None


def _texts(facts: Facts, audience: str) -> Mapping[str, Any]:
    return (facts.get("texts") or {}).get(audience) or {}


def _questions(facts: Facts) -> str:
    people = listed([mention(facts, p) for p in holders(facts, ("role:product_manager",))], "or", 2)
    return f"Questions: {people}" if people else ""


def _clock(facts: Facts, iso: object) -> str:
    when = instant(iso)
    return f"{local(facts, when):%H:%M} {zone_name(str(facts.get('zone')))}" if when else ""


# --- stakeholders ----------------------------------------------------------------------------------------------------


def _planned(data: Data, facts: Facts) -> Message:
    gets = _texts(facts, "stakeholders").get("gets") or []
    first = f"*{_product(facts)} {said(facts['tag'])} is planned for* {long_token(facts, facts.get('departs_at'))}."
    return _post(
        facts,
        first,
        _items("Planned", gets),
        b.context("This can still change; you hear from us if the date moves.", _questions(facts)),
    )


def _live(data: Data, facts: Facts) -> Message:
    words = _texts(facts, "stakeholders")
    took = f" The update took {lasted(int(data['seconds']))}." if data.get("seconds") else ""
    first = f"*{_product(facts)} {said(facts['tag'])} is live*\nSince {date_token(facts, facts.get('live_at'))}.{took}"
    return b.message(
        f"{plain(facts['product']['name'])} {plain(facts['tag'])} is live since {_clock(facts, facts.get('live_at'))}.",
        b.section(first, "what"),
        _items("What customers get", words.get("gets")),
        _line("Also better", words.get("better")),
        _line("Good to know", words.get("good_to_know")),
        b.context(_questions(facts)),
    )


def _rolled_back(data: Data, facts: Facts) -> Message:
    first = (
        f"*{_product(facts)} {said(facts['tag'])} was taken back.* Customers work with v{said(data.get('target'))} as "
        "before. What was new comes later; the new date follows."
    )
    return _post(facts, first, b.context(_questions(facts)))


def _hotfix(data: Data, facts: Facts) -> Message:
    first = f"*A fix for {_product(facts)} is live* since {date_token(facts, facts.get('live_at'))}."
    return _post(
        facts, first, _items("What is solved", _texts(facts, "support").get("solved")), b.context(_questions(facts))
    )


def _moved(data: Data, facts: Facts) -> Message:
    why = f"\nReason: {outside(data['reason'], 300)}" if data.get("reason") else ""
    name = f"*{_product(facts)} {said(facts['tag'])}"
    if not facts.get("departs_at"):
        first = f"{name} does not leave* {long_token(facts, data.get('before'))}. The new date follows.{why}"
    else:
        first = f"{name} moves to* {long_token(facts, facts['departs_at'])}.{why}"
    return _post(facts, first, b.context(_questions(facts)))


def _cancelled(data: Data, facts: Facts) -> Message:
    why = f"\nReason: {outside(data['reason'], 300)}" if data.get("reason") else ""
    first = (
        f"*{_product(facts)} {said(facts['tag'])} does not come.* What was planned with it may come with a later "
        f"version; you hear from us then.{why}"
    )
    return _post(facts, first, b.context(_questions(facts)))


def _merged(data: Data, facts: Facts) -> Message:
    when = f" {long_token(facts, data['leaves'])}" if data.get("leaves") else ""
    first = (
        f"*{_product(facts)} {said(facts['tag'])} comes with v{said(data.get('into'))}*{when}. What was planned with "
        "it is in that version."
    )
    return _post(facts, first, b.context(_questions(facts)))


# --- support ---------------------------------------------------------------------------------------------------------


def _coming(data: Data, facts: Facts) -> Message:
    words = _texts(facts, "support")
    when = long_token(facts, facts["departs_at"]) if facts.get("departs_at") else "soon, as soon as it is ready"
    down = f" {outside(words['downtime'])}." if words.get("downtime") else ""
    first = f"*{_product(facts)} is updated* {when}.{_capital(down)}"
    return _post(
        facts,
        first,
        _items("New for customers", words.get("new"), "changed"),
        _items("Solved", words.get("solved"), "solved"),
        *_help(words, "When it is done and a customer asks"),
        b.actions(show(facts, "notes", "Read the answers", "support"), block_id="after"),
        _contact(facts, words),
    )


def _updated(data: Data, facts: Facts) -> Message:
    words = _texts(facts, "support")
    product, clock = plain(facts["product"]["name"]), _clock(facts, facts.get("live_at"))
    return b.message(
        f"{product} was updated at {clock}. What changed for customers, what may come up, and what to say is below.",
        b.header(f"{product} was updated today"),
        b.section(f"Since {date_token(facts, facts.get('live_at'))}.", "what"),
        _items("New for customers", words.get("new"), "changed"),
        _items("Solved", words.get("solved"), "solved"),
        *_help(words),
        _after(facts),
        _contact(facts, words),
    )


def _taken_back(data: Data, facts: Facts) -> Message:
    run, words = facts.get("run") or {}, _texts(facts, "support")
    live, ended = facts.get("live_at") or run.get("started_at"), run.get("ended_at")
    at = f" at {_clock(facts, ended)}" if ended else ""
    first = f"*Today's update was taken back{at}.* Customers work with the version before."
    if between(live, ended):
        first += f" Between {_clock(facts, live)} and {_clock(facts, ended)} parts may not have worked."
    gone = [outside(n) for n in words.get("new") or ()]
    say = (
        "We took an update back because something did not work as it should. Please try again. "
        "If it still does not work, tell me and we look into it."
    )
    return _post(
        facts,
        first,
        b.section(f"Gone for now: {listed(gone, 'and', 4)}.", "gone") if gone else None,
        _say(say),
        _after(facts, read=False),
        _contact(facts, words),
    )


def _works_again(data: Data, facts: Facts) -> Message:
    words = _texts(facts, "support")
    first = f"*A problem in {_product(facts)} is solved* since {date_token(facts, facts.get('live_at'))}."
    say = words.get("say") if facts.get("texts", {}).get("edited_at") else "The problem is solved. Please try again."
    return _post(
        facts,
        first,
        _items("Solved", words.get("solved"), "solved"),
        _say(str(say or "")),
        _after(facts, read=False),
        _contact(facts, words),
    )


def _support_moved(data: Data, facts: Facts) -> Message:
    what = f"*The update of {_product(facts)}"
    again = "You hear from us again the day before."
    first = (
        f"{what} moves to* {long_token(facts, facts['departs_at'])}. {again}"
        if facts.get("departs_at")
        else f"{what} does not come* {long_token(facts, data.get('before'))}. The new date follows. {again}"
    )
    return _post(facts, first, b.context(_questions(facts)))


def _support_ended(data: Data, facts: Facts) -> Message:
    first = f"*The update of {_product(facts)} that was announced here does not come.* Nothing changes for customers."
    return _post(facts, first, b.context(_questions(facts)))


def _support_merged(data: Data, facts: Facts) -> Message:
    when = f" {long_token(facts, data['leaves'])}" if data.get("leaves") else " later"
    first = f"*The update of {_product(facts)} comes{when}*, with another version. You hear of it the day before."
    return _post(facts, first, b.context(_questions(facts)))


def _help(words: Mapping[str, Any], when: str = "If a customer asks") -> list[Block | None]:
    return [
        _items("May still come up", words.get("known_issues"), "known"),
        _line("What helps", words.get("workaround"), "way"),
        _say(str(words.get("say") or ""), when),
    ]


def _say(text: str, when: str = "If a customer asks") -> Block | None:
    return b.section(f"*{when}*\n> “{outside(text, 600)}”", "say") if text.strip() else None


def _after(facts: Facts, *, read: bool = True) -> Block:
    briefed = press(facts, "tick", label="Team has read this", item="post.support", subject="post.support")
    return b.actions(
        show(facts, "notes", "All answers", "support"),
        press(facts, "incident", label="A customer has a problem…"),
        briefed if read else None,
        block_id="after",
    )


def _contact(facts: Facts, words: Mapping[str, Any]) -> Block | None:
    asked = {name(facts, p) for p in holders(facts, ("role:product_manager",))}  # they stand there under questions
    contact = str(words.get("contact") or "")
    named = f"Contact: {outside(contact)}" if contact and contact not in asked else ""
    duty = listed([mention(facts, p) for p in holders(facts, ("role:devops",))], "or", 2)
    return b.context(" · ".join(p for p in (named, f"On duty: {duty}" if duty else "", _questions(facts)) if p))


def _capital(text: str) -> str:
    bare = text.strip()
    return f" {bare[:1].upper()}{bare[1:]}" if bare else ""


OUTSIDE: dict[tuple[str, str], Callable[[Data, Facts], Message]] = {
    ("stakeholders", "planned"): _planned,
    ("stakeholders", "live"): _live,
    ("stakeholders", "rolled_back"): _rolled_back,
    ("stakeholders", "hotfix_live"): _hotfix,
    ("stakeholders", "moved"): _moved,
    ("stakeholders", "cancelled"): _cancelled,
    ("stakeholders", "merged"): _merged,
    ("support", "coming"): _coming,
    ("support", "live"): _updated,
    ("support", "rolled_back"): _taken_back,
    ("support", "hotfix_live"): _works_again,
    ("support", "moved"): _support_moved,
    ("support", "cancelled"): _support_ended,
    ("support", "merged"): _support_merged,
}
