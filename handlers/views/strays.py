"""What somebody has to answer for: late changes that are no fix, and branches or tags that were moved by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers import ids
from handlers.request import Block
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.embargo import HIDDEN
from handlers.views.marks import DONE, LOOK
from handlers.views.writing import Facts, mention, plain, quoted, said

MOST = 4


def open_strays(facts: Facts) -> list[Mapping[str, Any]]:
    """What was moved by hand and has no answer yet."""
    return [x for x in facts.get("strays") or () if not x.get("answered")]


def open_late(facts: Facts) -> list[Mapping[str, Any]]:
    """Late changes that are no fix and that nobody has accepted."""
    return [x for x in facts.get("late") or () if not x.get("accepted")]


def stray_text(stray: Mapping[str, Any]) -> str:
    """What was moved, in plain words, escaped: `main got what no release brought: “Hot patch” by Kim`."""
    what = said(stray.get("what") or "it is elsewhere", 300)
    if stray.get("kind") != "main" or not stray.get("now"):
        return what
    return f"`{said(stray.get('ref'))}` got what no release brought: {what}"


def late_line(facts: Facts, late: Mapping[str, Any]) -> str:
    """A late change with its verdict, in markup."""
    title = quoted(late["title"]) if late.get("title") else HIDDEN
    line = f"{links.ref(facts, str(late.get('id') or ''))} {title}"
    told = late.get("accepted")
    if told:
        return f"{DONE} {line} · {mention(facts, told['by'])}: {quoted(told.get('reason') or '')}"
    return f"{LOOK} {line}"


def answer_button(facts: Facts, thing: Mapping[str, Any]) -> Block:
    """Opens the form in which somebody answers for a late change or a moved branch or tag."""
    about = plain(thing.get("title") or thing.get("ref") or thing.get("id") or "")
    value = ids.value(facts.get("id"), str(thing.get("id") or ""))
    return b.button("Answer for it…", "accept", value, about=f"Answer for {about}")


def late_rows(facts: Facts) -> list[Block]:
    """Late changes, each open one with its button."""
    found = list(facts.get("late") or ())
    if not found:
        return []
    rows = [
        b.section(late_line(facts, x), f"late.{x.get('id')}", answer_button(facts, x))
        for x in open_late(facts)[:MOST]
    ]
    rest = [late_line(facts, x) for x in [*open_late(facts)[MOST:], *(x for x in found if x.get("accepted"))]]
    return [
        b.section("*Came after the freeze and is no fix*"),
        *rows,
        *([b.context("\n".join(rest[:5]))] if rest else []),
    ]
