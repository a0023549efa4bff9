"""The checklist as a form: yours as checkboxes by list, the others' and what is met by itself as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers import ids
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import duties, inputs
from handlers.views.checklist import TITLES, by_list, count, items
from handlers.views.retro import on_checklist
from handlers.views.writing import Facts, plain

YOURS, WHY = "yours", "why"
MOST = 10  # checkboxes of one group: Slack takes no more


def mine(facts: Facts, person: str) -> list[Mapping[str, Any]]:
    """The items that this person can tick or take back now."""
    return [s for s in items(facts) if person in s.get("people", ()) and (s.get("due") or _own(s, facts))]


def _own(item: Mapping[str, Any], facts: Facts) -> bool:
    signed = bool(item.get("done")) and item.get("met", "sign-off") == "sign-off"
    return signed and facts.get("phase") not in ("closed", "cancelled")


def form(facts: Facts, person: str, channel: str = "", why: str = "") -> Form:
    """Ticked ones are done; taking one back asks why."""
    own = mine(facts, person)
    groups = _groups(own)
    shown = [s for found in groups.values() for s in found]
    done = [s["name"] for s in shown if s.get("done")]
    tag = plain(facts.get("tag", ""))
    candidate = str((facts.get("candidate") or {}).get("number", ""))
    hint = "Only when you take a tick away"
    reason = inputs.text(WHY, "Why is one no longer done?", optional=True, initial=why, hint=hint) if done else None
    return inputs.form(
        f"Checklist {tag}",
        "checklist",
        ids.metadata(ids.Target(facts["id"], "", candidate), channel, ",".join(done)),
        [
            b.context(count(facts)),
            duties.in_words(facts, person),
            None if own else b.section("Nothing of it is yours now."),
            *(_boxes(of, found) for of, found in groups.items()),
            reason,
            b.section("*Others' and by itself*"),
            *by_list(facts, {s["name"] for s in shown}),
            *on_checklist(facts),
        ],
        submit="Save" if own else "",
    )


def _groups(own: list[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Yours by the first checklist in which they stand."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for of in TITLES:
        part = [s for s in own if (s.get("lists") or ("",))[0] == of][:MOST]
        if part:
            found[of] = part
    return found


def _boxes(of: str, found: list[Mapping[str, Any]]) -> Block:
    chosen = [s["name"] for s in found if s.get("done")]
    choices = [(s["title"], s["name"]) for s in found]
    name = f"{YOURS}.{of.replace(' ', '-') or 'other'}"
    return inputs.checks(name, f"Yours: {TITLES[of].lower()}", choices, chosen=chosen)


def changes(values: Mapping[str, Any], before: str) -> tuple[list[str], list[str]]:
    """(newly ticked, taken back) against what was ticked when the form was opened."""
    chosen = [n for key, names in values.items() if key.partition(".")[0] == YOURS for n in names or ()]
    was = [name for name in before.split(",") if name]
    return [n for n in chosen if n not in was], [n for n in was if n not in chosen]
