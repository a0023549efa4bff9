"""The words behind `/release`: help, README, docs, manifest and buttons are held to their table by tests."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.words_table import DATE, GROUPS, ITEM, KIND, PEOPLE, REASON, REF, ROLE, SHA, VERSION, WORDS, Word

__all__ = [
    "BY_WORD", "DATE", "GROUPS", "ITEM", "KIND", "PEOPLE", "REASON", "REF", "ROLE", "SHA", "VERSION", "WORDS",
    "Word", "for_event", "nearest", "slips", "to_markdown",
]  # fmt: skip

_ALSO_TICKS = ("scope finalize",)  # they tick an item of the checklist by a name of their own

BY_WORD: dict[str, Word] = {name: w for w in WORDS for name in (w.word, *w.aliases)}


def for_event(event: str) -> Word | None:
    """The word that asks for an event; `start` stands for both kinds of start."""
    wanted = "start" if event == "start_fix" else event
    return next((w for w in WORDS if w.event == wanted and w.word not in _ALSO_TICKS), None)


def nearest(typed: str, known: Iterable[str] = tuple(BY_WORD)) -> str | None:
    """The known word within one slip of the pen, two from six letters on; None when there is none."""
    allowed = 2 if len(typed) >= 6 else 1
    best = min(((slips(typed, w), w) for w in known), default=(9, ""))
    return best[1] if best[0] <= allowed and len(typed) > 1 else None


def slips(a: str, b: str) -> int:
    """Letters too many, too few, wrong or swapped with their neighbour (Damerau-Levenshtein)."""
    if abs(len(a) - len(b)) > 2:
        return 9
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def to_markdown() -> str:
    """The page `docs/commands.md`."""
    lines = [
        "# The words of `/release`",
        "",
        "`/release [word] [version] [anything else]`, in any order that is clear. A version looks like one (`1.3.0`,",
        "`v1.3`, `1.3.0-rc.2`), a kind is `patch`, `minor`, `major` or `hotfix`, people are @people, dates are",
        "`2026-12-16`, `16 dec`, `wed`, `tomorrow 15:00` in the policy's time zone, and the rest is the reason.",
        "Case does not matter. `next` is the release on the next train, `last` the one in production.",
        "`/release` alone shows what waits for you. Each word stands as a button on the card, in its ⋮ menu, on Home",
        'or behind "Everything possible now". A mention, `@Release Bot why`, works in threads.',
        "",
        "This page is made from the table in `handlers/words_table.py`; a test holds the two together.",
        "",
    ]
    for group in GROUPS:
        lines += [f"## {group}", "", "| word | what it does | example | who | button |", "|---|---|---|---|---|"]
        for w in (w for w in WORDS if w.group == group):
            name = ", ".join(f"`{n}`" for n in (w.word, *w.aliases))
            lines.append(f"| {name} | {w.does} | `/release {w.example}` | {w.who} | {w.label} |")
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"
