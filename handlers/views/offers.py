"""What the host of the code has for a release and nobody has named: its milestone, and what is open into its branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.request import Block
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.writing import Facts, said

_KINDS = {"pull": "open pull request", "issue": "open issue"}
_TITLES = {"planned": "In the milestone, and nobody has named it", "open": "Open pull requests that could come in"}
_SHARE = 900


def unnamed(facts: Facts) -> list[Mapping[str, Any]]:
    """Open pull requests and issues that are neither named for it nor in its range."""
    known = {str(i["ref"]) for i in facts.get("scope_items") or ()}
    known |= {f"#{c['pull']}" for c in facts.get("changes") or () if c.get("pull")}
    return [o for o in facts.get("offers") or () if o.get("state") == "open" and o["ref"] not in known]


def how_it_stands(state: str, kind: str, others: Mapping[str, str]) -> str:
    """The state of a line in words; what the host shows open says more than that it is not merged."""
    if state in ("planned", "offered"):
        return f"{_KINDS.get(kind, kind)}{' in the milestone' if state == 'planned' else ''}"
    if state == "in" and kind:
        return "waits for review or merge" if kind == "pull" else _KINDS[kind]
    return others.get(state, state)


def offers(facts: Facts) -> list[Block | None]:
    """The milestone first, then the pull requests that nobody has planned."""
    found, left = unnamed(facts), int(facts.get("offers_left") or 0)
    blocks: list[Block | None] = []
    for block, title in _TITLES.items():
        rows = [_line(facts, o) for o in found if bool(o.get("planned")) is (block == "planned")]
        blocks.append(b.section(f"*{title}*\n{b.lines(rows, _SHARE)}", block) if rows else None)
    return [*blocks, b.context(f"and {left:,} more on the host") if left else None]


def _line(facts: Facts, offer: Mapping[str, Any]) -> str:
    """`• #345 Statements as PDF, by jo`."""
    by = f", by {said(offer['author'], 40)}" if offer.get("author") else ""
    kind = ", issue" if offer.get("kind") == "issue" else ""
    return f"• {links.ref(facts, str(offer['ref']))} {said(offer.get('title') or '', 120)}{by}{kind}"
