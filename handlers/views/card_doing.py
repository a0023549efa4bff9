"""The card's last row: what can be pressed in each picture, the coloured one first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from handlers.request import Block
from handlers.views import blocks as b
from handlers.views.card_state import State, at_the_hour
from handlers.views.pressing import more, press, show
from handlers.views.reasons import Reason
from handlers.views.writing import Facts

_BEFORE = (
    ("Release notes", "notes"),
    ("Move or put on hold…", "options"),
    ("Raise a concern…", "concern"),
    ("Roles", "roles"),
    ("Cancel this release…", "cancel"),
)
_AFTER = (
    ("Release notes", "notes"),
    ("Report an incident…", "incident"),
    ("Raise a concern…", "concern"),
    ("Everything possible now", "options"),
    ("Audit", "audit"),
)
_ENDED = (("Release notes", "notes"), ("What is in it?", "scope"), ("Roles", "roles"), ("Audit", "audit"))


def doing(facts: Facts, state: State, now: datetime, found: Sequence[Reason]) -> Block | None:
    """One row: at most four buttons and ⋮. A button that means nothing now is not there."""
    row = _row(facts, state, now, found)
    entries = (
        _ENDED
        if state in ("closed", "cancelled")
        else _AFTER
        if facts.get("phase") in ("deployment", "post-release")
        else _BEFORE
    )
    return b.actions(*row, more(facts, *entries), block_id="do")


def _row(facts: Facts, state: State, now: datetime, found: Sequence[Reason]) -> list[Block]:
    why, checklist = show(facts, "why", "What is missing?"), show(facts, "checklist", "Checklist")
    scope, notes = show(facts, "scope", "What is in it?"), show(facts, "notes", "Notes")
    free = not [r for r in found if r.code != "held"]
    if state == "hold":
        rows = [press(facts, "resume", primary=True), *([press(facts, "move")] if facts.get("departs_at") else []), why]
    elif state == "planning":
        rows = [press(facts, "begin", primary=True) if free else checklist, why, scope]
    elif state == "development":
        step = press(facts, "freeze_early") if facts.get("train") else press(facts, "candidate", primary=free)
        rows = [scope, why, step]
    elif state == "stabilization":
        rows = [press(facts, "ready", primary=True) if free else press(facts, "candidate"), why, checklist, notes]
    elif state == "pending":
        rows = [b_approve(facts), why, checklist, scope]
    elif state == "approved":
        asked = [press(facts, "go", primary=True), press(facts, "nogo")] if at_the_hour(facts, now) else []
        rows = [*asked, why, checklist]
    elif state in ("running", "rolling back"):
        rows = [press(facts, "stop"), *_untouched(facts), why]
    elif state == "decision":
        rows = _decision(facts)
    elif state == "verifying":
        rows = [checklist, press(facts, "rollback"), why]
    elif state == "post-release":
        rows = [
            *_looking_back(facts),
            press(facts, "incident"),
            checklist,
            press(facts, "close", primary=True) if free else why,
        ]
    elif state == "rolled back":
        # nothing of it is live any more, so it cannot be fixed forward
        rows = [*_lock(facts), *_looking_back(facts), checklist, why]
    elif state == "cancelled":
        rows = [show(facts, "start", "Start again…")]
    else:
        rows = [notes, show(facts, "audit", "Evidence")]
    return rows[:4]


def b_approve(facts: Facts) -> Block:
    """On the card Approve shows the content first; the button that signs stands there and in the direct message."""
    return b.button(
        "Approve…",
        "approve",
        show(facts, "approve", "")["value"],
        primary=True,
        about=f"Approve {facts.get('tag', '')}",
    )


def _looking_back(facts: Facts) -> list[Block]:
    """The retrospective: to be answered while it is open, to be read afterwards."""
    state = facts.get("retro")
    if not state:
        return []
    return [show(facts, "retro", "Retrospective" if state.get("summary") else "Give feedback")]


def _untouched(facts: Facts) -> list[Block]:
    run = facts.get("run") or {}
    return [press(facts, "abort")] if run.get("kind") == "deploy" and "abort" in (facts.get("allowed") or ()) else []


def _decision(facts: Facts) -> list[Block]:
    run = facts.get("run") or {}
    if run.get("kind") == "roll back":
        return [
            press(facts, "retry", primary=True),
            press(facts, "worked"),
            press(facts, "record"),
            press(facts, "fix_forward"),
        ]
    return [
        press(facts, "rollback", primary=not run.get("steps")),  # of a pipeline the message with the facts suggests
        press(facts, "retry"),
        press(facts, "flag_off"),
        press(facts, "fix_forward"),
    ]


def _lock(facts: Facts) -> list[Block]:
    production = (facts.get("environments") or {}).get("production") or {}
    return [show(facts, "unlock", "Clear the lock…", item="production")] if production.get("lock") else []
