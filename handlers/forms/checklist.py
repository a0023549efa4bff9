"""The checklist as a form: yours as checkboxes, the others as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers import ids
from handlers.request import Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.content import item_line
from handlers.views.writing import Facts, plain

YOURS, WHY = "yours", "why"
MOST = 10


def mine(facts: Facts, person: str) -> list[Mapping[str, Any]]:
    """The items that this person can tick or take back now."""
    return [
        s for s in facts.get("signoffs") or () if person in s.get("people", ()) and (s.get("due") or _own(s, facts))
    ]


def _own(item: Mapping[str, Any], facts: Facts) -> bool:
    return bool(item.get("done")) and facts.get("phase") not in ("closed", "cancelled")


def form(facts: Facts, person: str, channel: str = "", why: str = "") -> Form:
    """Ticked ones are done; taking one back asks why."""
    own = mine(facts, person)[:MOST]
    done = [s["name"] for s in own if s.get("done")]
    names = {s["name"] for s in own}
    others = [item_line(facts, s) for s in facts.get("signoffs") or () if s["name"] not in names]
    count = len([s for s in facts.get("signoffs") or () if s.get("done")])
    tag = plain(facts.get("tag", ""))
    yours = inputs.checks(YOURS, "Yours", [(s["title"], s["name"]) for s in own], chosen=done) if own else None
    reason = (
        inputs.text(
            WHY, "Why is one no longer done?", optional=True, initial=why, hint="Only when you take a tick away"
        )
        if done
        else None
    )
    return inputs.form(
        f"Checklist {tag}",
        "checklist",
        ids.metadata(ids.Target(facts["id"], "", str(facts["epoch"])), channel, ",".join(done)),
        [
            b.context(f"{count} of {len(facts.get('signoffs') or ())} done"),
            None if own else b.section("Nothing of it is yours now."),
            yours,
            reason,
            b.section("*Others'*\n" + "\n".join(others), "others") if others else None,
        ],
        submit="Save" if own else "",
    )


def changes(values: Mapping[str, Any], before: str) -> tuple[list[str], list[str]]:
    """(newly ticked, taken back) against what was ticked when the form was opened."""
    chosen = list(values.get(YOURS) or ())
    was = [name for name in before.split(",") if name]
    return [n for n in chosen if n not in was], [n for n in was if n not in chosen]
