"""A refusal is help: what is missing, who can clear it, and what would work now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from core.errors import Blocker
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views.asked_words import asked, cannot
from handlers.views.overrides import in_why
from handlers.views.pressing import show
from handlers.views.reasons import Reason, as_fact, reason, reasons, summary
from handlers.views.why import by_itself, conditions, missing, ordered
from handlers.views.writing import Facts, listed, mention, name, plain, role_title, said, spoken

_ABOUT_YOU = ("not_holder", "not_self", "one_role", "not_author", "left_role", "signed_before", "delegation_over")


def refusal(
    event: str, blockers: Sequence[Blocker], facts: Facts, person: str, now: datetime | None = None
) -> Message:
    """Why what was asked did not happen: all reasons, who can clear each, and what leads on. It changed nothing."""
    found = ordered(reasons(list(blockers), facts), person)
    tag = plain(facts.get("tag", "")) or "This"
    denied = next((r for r in found if r.code == "permission"), None)
    if denied:
        roles = next((x.facts.get("roles") for x in blockers if x.code == "permission"), None)
        return _no_permission(event, denied, facts, roles)
    about_you = [r for r in found if r.code in _ABOUT_YOU]
    if about_you:
        return _yourself(about_you, facts, person)
    first = _heading(event, tag, {r.code for r in found})
    if len(found) == 1:
        head = f"*{said(first, 200)}.* Nothing was changed."
        text = f"{first}. {spoken(found[0].detail, facts)} Nothing was changed."
    else:
        head = f"*{said(first, 200)}.* You asked to {said(asked(event, 'it'))}; {summary(found)}. Nothing was changed."
        text = f"{first}. Missing: {missing(found, facts)}. Nothing was changed."
    return b.message(
        text,
        b.section(head),
        *conditions(found, facts, person, now),
        b.section(by_itself(facts, now), "itself") if now and _is_next(event, facts) else None,
        *in_why(facts, person),
        b.actions(*_other(blockers), *onward(facts), block_id="onward"),
    )


def _heading(event: str, tag: str, codes: set[str]) -> str:
    """What came of it in a few words; a pause stops everybody, and an unknown name is about no item's state."""
    if "paused" in codes and event != "pause":
        return f"Everything is paused, so nobody can {asked(event, tag)} now"
    if codes == {"signoff.unknown"}:
        return f"{tag} has no such item"
    return cannot(event, tag)


def _is_next(event: str, facts: Facts) -> bool:
    """Whether the refused event is the next step: then what happens by itself is told too."""
    return bool(facts.get("id")) and facts.get("next") in (event, event.removesuffix("_early"))


def _yourself(found: list[Reason], facts: Facts, person: str) -> Message:
    """Why this person's signature does not count here, and whose does."""
    line = " ".join(r.detail for r in found) + " Nothing was changed, and the request is still open."
    others = list(dict.fromkeys(p for r in found for p in r.people if p != person))
    remind = [
        b.button(f"Remind {name(facts, p)}", "remind", ids.value(facts.get("id"), found[0].code, p)) for p in others
    ]
    return b.message(
        spoken(line, facts), b.section(line), b.actions(*remind[:2], *onward(facts)[1:], block_id="onward")
    )


def _other(blockers: Sequence[Blocker]) -> list[Block]:
    """The way to the release that is in the way."""
    found = {
        str(x.facts["version"]): int(str(x.facts["release"]))
        for x in blockers
        if x.facts.get("release") and x.facts.get("version")
    }
    return [b.button(f"Open v{plain(v)}", "status", ids.value(i)) for v, i in list(found.items())[:1]]


def at_fields(found: Iterable[tuple[str, Blocker]], facts: Facts) -> dict[str, str]:
    """Reasons as words at the fields of a form, as (field, reason); several at one field stand one after another."""
    errors: dict[str, str] = {}
    for field, blocker in found:
        text = spoken(reason(as_fact(blocker), facts).detail, facts)
        errors[field] = f"{errors[field]} {text}" if field in errors else text
    return errors


def onward(facts: Facts) -> list[Block]:
    """What leads on from a refusal, whoever reads it."""
    if not facts.get("id"):
        return [b.button("All words", "help")]
    concern = [] if facts.get("phase") in ("closed", "cancelled") else [show(facts, "concern", "Raise a concern…")]
    return [show(facts, "why", "What is missing?"), *concern]


def _no_permission(event: str, r: Reason, facts: Facts, roles: object) -> Message:
    titles = [role_title(facts, role) for role in (roles if isinstance(roles, list | tuple) else ())]
    can = f"can {asked(event, plain(facts.get('tag', '')))}"
    named = listed([name(facts, p) for p in r.people], "or", 3) or "nobody holds the role now"
    shown = listed([mention(facts, p) for p in r.people], "or", 3) or "nobody holds the role now"
    only = f"Only a {listed(titles, 'or', 3)} {can}"
    if event == "go" and facts.get("type"):  # `[types.<kind>] go`, which is narrower than the permission
        only = f"For a {plain(facts['type'])} release only a {listed(titles, 'or', 3)} says go"
    ask = (
        b.button(f"Ask {name(facts, r.people[0])}", "remind", ids.value(facts.get("id"), f"ask.{event}", r.people[0]))
        if r.people and facts.get("id")  # a reminder tells of a release
        else None
    )
    return b.message(
        f"{only}: {named}. Nothing was changed." if titles else f"Only {named} {can}. Nothing was changed.",
        b.section(
            f"{said(only, 200)}: {shown}. Nothing was changed."
            if titles
            else f"Only {shown} {said(can, 200)}. Nothing was changed."
        ),
        b.actions(ask, *onward(facts), block_id="onward"),
    )
