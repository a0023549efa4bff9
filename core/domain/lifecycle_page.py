"""The page `docs/lifecycle.md` as text, drawn from the table."""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.gates import gate, gates_of
from core.domain.lifecycle import ITSELF, TABLE, Row, to_mermaid
from core.domain.release import Phase

MADE = "<!-- Made by `make diagram` from `{source}`; a test compares them. Do not edit by hand. -->"
BEFORE_LINE = {
    "begin": "before development begins",
    "ready": "before approvals are asked for",
    "go": "before go",
    "deployed": "before a deployment counts as done",
    "rollback": "before a roll-back, and not by who rolls back",
    "close": "before a release is closed",
}


def lifecycle_page() -> str:
    """`docs/lifecycle.md`: the picture, every event with its gates, and what each gate asks for."""
    return "\n".join(
        (
            "# The lifecycle of a release",
            "",
            MADE.format(source="core/domain/lifecycle.py"),
            "",
            "An event is fired by a person or happens by itself; it happens only when none of its gates names a reason "
            "against it.",
            "*by itself* fires as soon as nothing blocks it. A person's event never fires without that person.",
            "Beside the phase a release can be on hold; what may happen then is marked in the last column.",
            "",
            "```mermaid",
            to_mermaid().rstrip("\n"),
            "```",
            "",
            "## Events",
            "",
            *table(
                ("event", "by", "from → to", "gates", "what it does", "`/release` word", "button", "on hold"),
                (_event(row) for row in TABLE),
            ),
            "",
            "## Gates",
            "",
            "All gates of an event are looked at, so a refusal names every reason at once.",
            "",
            *table(("gate", "what it asks for"), ((f"`{name}`", gate_words(name)) for name in gates_of())),
            "",
        )
    )


def gate_words(name: str) -> str:
    """What a gate asks for, in a sentence: the first line of its function."""
    return (gate(name).__doc__ or "").strip().splitlines()[0].strip()


def _event(row: Row) -> tuple[str, ...]:
    sources = "nothing" if not row.sources else ", ".join(_phases(row.sources))
    way = f"{sources} → {row.target.value if row.target else 'same'}"
    by = "itself" if row.by == ITSELF else f"who may `{row.act}`" if row.act else "person"
    return (
        f"`{row.event}`",
        by,
        way,
        ", ".join(f"`{g}`" for g in row.gates) or "none",
        row.does,
        f"`{row.word}`" if row.word else "",
        row.button,
        "yes" if row.held_ok else "",
    )


def _phases(phases: Iterable[Phase]) -> Iterable[str]:
    """Neighbouring phases as a span, so that the column stays narrow."""
    order = list(Phase)
    at = sorted(order.index(p) for p in phases)
    while at:
        run = 1
        while run < len(at) and at[run] == at[run - 1] + 1:
            run += 1
        first, last = order[at[0]].value, order[at[run - 1]].value
        yield first if run == 1 else f"{first}..{last}" if run > 2 else f"{first}, {last}"
        at = at[run:]


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    """Lines of a Markdown table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
