"""What a step of a run wrote, in a window: its newest lines first, and all the others page by page."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from handlers import ids
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.marks import BLOCKED, DONE, LOOK, NOT_YET, RUNNING
from handlers.views.writing import Facts, counted, cut, esc, plain, said

PAGE = 30  # lines
LONGEST = 160  # characters of a line that are shown
PART = 1200  # characters of one block
MOST_STEPS = 40
_MARKS = {"running": RUNNING, "done": DONE, "skipped": DONE, "failed": BLOCKED, "unknown": LOOK}


def log(facts: Facts, shown: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> Form:
    """`shown`: run, step, title, state, attempt, lines (all that are known), page (0 = the newest; None: the newest).

    `steps` are those of the run that wrote something, for the menu. `growing`: the step is at work, so that only its
    newest lines are known here.
    """
    lines: Sequence[str] = shown["lines"]
    pages = max(1, -(-len(lines) // PAGE))
    page = min(int(shown.get("page") or 0), pages - 1)
    last = len(lines) - page * PAGE
    part = lines[max(0, last - PAGE) : last]
    title = f"{_MARKS.get(str(shown['state']), NOT_YET)} *{said(shown['title'], 60)}*"
    number = int(shown.get("attempt") or 1)
    tried = f" · attempt {number}" if number > 1 else ""
    where = f" · lines {max(1, last - PAGE + 1):,} to {last:,} of {len(lines):,}" if part else ""
    if shown.get("growing"):
        where = " · the newest lines; the whole is kept when it has ended"
    return inputs.form(
        f"Log of {plain(facts.get('tag') or shown.get('tag') or 'a run', 16)}",
        "log",
        ids.metadata(ids.Target(facts.get("id"), _item(shown, page))),
        [
            b.section(f"{title}{tried}{where}", "about", _menu(facts, shown, steps)),
            *_code(part),
            None if part else b.section("Nothing was written yet." if shown.get("growing") else "It wrote nothing."),
            b.actions(
                _go(facts, shown, "Refresh", 0),
                _go(facts, shown, "Older lines", page + 1) if page + 1 < pages else None,
                _go(facts, shown, "Newer lines", page - 1) if page else None,
                block_id="pages",
            ),
            b.context(f"{counted(len(lines), 'line')}, without secrets." if lines else ""),
        ],
        close="Close",
    )


def _item(shown: Mapping[str, Any], page: int = 0) -> str:
    return f"{shown['run']} {shown['step']}{f' {page}' if page else ''}"


def _go(facts: Facts, shown: Mapping[str, Any], label: str, page: int) -> Block:
    return b.button(label, "log", ids.value(facts.get("id"), _item(shown, page)), about=f"{label} of {shown['title']}")


def _menu(facts: Facts, shown: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> Block | None:
    """Another step of the run."""
    others = [s for s in steps if s["name"] != shown["step"]][:MOST_STEPS]
    options = [
        b.option(plain(s["title"], 60), ids.value(facts.get("id"), f"{shown['run']} {s['name']}")) for s in others
    ]
    if not options:
        return None
    label = {"type": "plain_text", "text": "Another step", "emoji": True}
    return {"type": "static_select", "action_id": "log", "placeholder": label, "options": options}


def _code(lines: Sequence[str]) -> list[Block]:
    """The lines as they were written, in blocks that are small enough."""
    parts: list[list[str]] = [[]]
    for line in map(_shown, lines):
        if sum(map(len, parts[-1])) + len(parts[-1]) + len(line) > PART and parts[-1]:
            parts.append([])
        parts[-1].append(line)
    return [b.section("```" + "\n".join(part) + "```") for part in parts if part]


def _shown(line: str) -> str:
    """One line inside a code block: as it is, but it can neither end the block nor be more than text."""
    kept = "".join(c for c in line.expandtabs(4).rstrip() if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    return esc(cut(kept, LONGEST).replace("`", "ˋ")) or " "
