"""The flags of one release: what it does to them, what was decided, and where the code still names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.slack_ids import is_person
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views import flag_words as w
from handlers.views.marks import DONE, NOT_YET, WAITS
from handlers.views.writing import Data, Facts, counted, said, who

MOST = 4  # undecided ones with a button of their own
DOES = {
    "added": "comes with it",
    "changed": "is changed by it",
    "removed": "goes from the code with it",
    "old": "is past its life",
}
DECIDED = {
    "keep": "stays one release more",
    "on": "is on for everybody; its code is to be removed",
    "off": "is off for everybody; its code is to be removed",
    "archived": "is archived",
}
OLD = {
    "settled": "everybody has had it for long",
    "unused": "no app asks for it any more",
    "decided": "its code was to be removed",
    "concluded": "its result is known",
}


def told(row: Data) -> str:
    """`comes with it`, or why it is past its life: `has lived 3 releases, 1 more than planned`."""
    if row.get("what") != "old":
        return DOES.get(str(row.get("what")), DOES["added"])
    over = int(row["over"] if "over" in row else row["lived"] - row["allowed"])
    why = [OLD[code] for code in row.get("why") or () if code in OLD]
    lived = f"has lived {counted(int(row['lived']), 'release')}, {over} more than planned" if over > 0 else ""
    return ", ".join(filter(None, [lived, *why])) or DOES["old"]


def last_use(row: Data) -> str:
    """`Last used on 2026-12-01; 4 places in the code.`"""
    last = str(row.get("last") or "")
    used = {"?": "", "": "Never asked for"}.get(last, f"Last used on {said(last)}")
    places = row.get("places") or ()
    number = places if isinstance(places, int) else len(places) + int(row.get("more") or 0)
    found = [used, f"{counted(number, 'place')} in the code" if number else "no place in the code"]
    return "; ".join(filter(None, found)) + "."


def line(row: Mapping[str, Any], facts: Facts) -> str:
    """One flag in a line."""
    mark = WAITS if row["undecided"] else DONE if row["decided"] or row["what"] == "removed" else NOT_YET
    decided = f"; it {DECIDED[row['decided']]}, says {_by(facts, row['by'])}" if row["decided"] else ""
    owner = w.owner_of(facts, str(row["owner"]))
    return f"{mark} `{said(row['name'])}` {told(row)}{decided} · {owner} · {last_use(row)}"


def _by(facts: Facts, person: str) -> str:
    return who(facts, person) if is_person(person) else "somebody"


def places_of(row: Mapping[str, Any]) -> str:
    """Every place in the code that is known, as `path:line`."""
    shown = ", ".join(f"`{said(place, 120)}`" for place in row["places"])
    return f"{shown} and {row['more']} more" if row["more"] else shown


def on_checklist(facts: Facts) -> list[Block | None]:
    """Those that wait for somebody's word first, with a button and each place in the code; the others as lines."""
    rows = facts.get("flags") or ()
    if not rows:
        return []
    waits = [row for row in rows if row["undecided"]]
    rest = [line(row, facts) for row in rows if row not in waits[:MOST]]
    return [
        b.context(f"*Feature flags · {len(rows) - len(waits)} of {len(rows)} decided*"),
        *(
            b.section(
                b.fit(f"{line(row, facts)}\n{places_of(row)}".rstrip(), b.SECTION),
                f"flag.{row['name']}",
                w.end_button(str(row["name"])),
            )
            for row in waits[:MOST]
        ),
        b.section(b.lines(rest, 1_000), "flags") if rest else None,
    ]
