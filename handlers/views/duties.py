"""The duties of somebody's roles now, as Home and the checklist show them: each with where it is met."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.domain.lifecycle import TABLE
from core.domain.policy_people import REMINDERS
from core.domain.release import Phase
from handlers import ids
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views.marks import DONE, NOT_YET, WAITS
from handlers.views.pressing import press, to_sign
from handlers.views.writing import Facts, said

MOST = 6
STAGES = {"before": "before the release", "during": "during the release", "after": "after the release"}


def duties(flight: Sequence[Facts], person: str) -> list[Block]:
    """`My duties now`: one line for each duty of each open release that is this person's, with its button."""
    rows = [(f, d) for f in flight for d in mine(f, person)]
    if not rows:
        return []
    shown = [_row(f, d, person) for f, d in rows[:MOST]]
    more = [b.context(f"and {len(rows) - MOST} more")] if len(rows) > MOST else []
    open_ = sum(_state(f, d)[0] != DONE for f, d in rows)
    return [b.header(f"My duties now · {open_}" if open_ else "My duties now"), *shown, *more, b.divider()]


def mine(facts: Facts, person: str) -> list[dict[str, Any]]:
    """The duties of one release that are this person's in its present stage."""
    return [d for d in facts.get("duties") or () if person in d["people"]]


def in_words(facts: Facts, person: str) -> Block | None:
    """The same as text, above a checklist."""
    lines = [line(facts, d) for d in mine(facts, person)]
    return b.section("*Your duties now*\n" + "\n".join(lines), "duties") if lines else None


def line(facts: Facts, duty: dict[str, Any]) -> str:
    """`⏳ Regression testing · sign-off: Full regression passed`."""
    mark, how = _state(facts, duty)
    return f"{mark} {said(duty['text'])} · {how}"


def _row(facts: Facts, duty: dict[str, Any], person: str) -> Block:
    where = f"{said(facts.get('tag'))}, {STAGES[duty['stage']]}"
    block_id = f"duty.{facts.get('id')}.{duty['role']}"
    return b.section(f"{line(facts, duty)}\n{where}", block_id, _button(facts, duty, person))


def _state(facts: Facts, duty: dict[str, Any]) -> tuple[str, str]:
    """The mark, and where the duty is met."""
    if duty["kind"] == "reminder":
        over = duty["name"] == "go_hour" and _stands_behind(facts, (Phase.PREPARATION,))
        return DONE if over else NOT_YET, said(REMINDERS.get(duty["name"], "a reminder comes"), 200)
    if duty["kind"] == "word":
        sources = [phase for r in TABLE if r.word == duty["name"] for phase in r.sources]
        return DONE if _stands_behind(facts, sources) else WAITS, f"`/release {said(duty['name'])}`"
    item = _item(facts, duty)
    met = bool(item) and (bool(item.get("done")) or item.get("state") == "met")
    mark = DONE if met else WAITS if item.get("due") else NOT_YET
    return mark, f"checklist: {said(duty['title'] or duty['name'])}"


def _stands_behind(facts: Facts, phases: Sequence[Phase]) -> bool:
    """Whether the release has left all of these phases behind: what could be done in them is done, or over."""
    order = list(Phase)
    now = next((n for n, phase in enumerate(order) if phase.value == facts.get("phase")), -1)
    return bool(phases) and all(order.index(phase) < now for phase in phases)


def _item(facts: Facts, duty: dict[str, Any]) -> dict[str, Any]:
    return next((s for s in facts.get("signoffs") or () if s["name"] == duty["name"]), {})


def _button(facts: Facts, duty: dict[str, Any], person: str) -> Block | None:
    """What its holder presses: the item's signature, or the event of the word where it is possible now."""
    if duty["kind"] == "item":
        item = _item(facts, duty)
        if item.get("due") and person in item.get("people", ()):
            about = f"Sign off {item['title']}: {facts.get('tag', '')}"
            return b.button("Sign it off", "tick", to_sign(facts, duty["name"]), about=about)
        return b.button("Checklist", "checklist", ids.value(facts.get("id"))) if item else None
    events = [r.event for r in TABLE if duty["kind"] == "word" and r.word == duty["name"]]
    event = next((e for e in events if e in (facts.get("allowed") or ())), "")
    return press(facts, event) if event else None
