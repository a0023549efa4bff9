"""What a sent form of the notes changes: only what this person touched, and what two people touched at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.domain.notes.model import Heading
from handlers.forms.notes import Sheet
from handlers.forms.notes_lines import KNOWN, NONE, Entry, digest, is_free, parsed, read_basis, unchanged, was_shown
from handlers.views.marks import LOOK
from handlers.views.notes_words import NAMES
from handlers.views.writing import Facts, listed, plain, quoted, said, who

_NOTHING = ("none", "no", "nothing", "-", "none.")


@dataclass(slots=True)
class Answers:
    """`touched` is what this person wants other than it stands now; `both` of it was changed by others meanwhile."""

    touched: dict[str, Entry] = field(default_factory=dict)
    both: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    sheet: Sheet
    wanted: dict[str, Entry] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    errors: dict[str, str] = field(default_factory=dict)


def read(sheet: Sheet, values: Mapping[str, Any], before: str) -> Answers:
    """The answers of the whole form; `before` is what stood in it when it was opened."""
    r, base = _Reading(sheet), read_basis(before)
    by_digest = {digest(i, 8): i for i in sheet.now}
    by_mark = {m: i for i, m in sheet.marks.items()}
    for block, value in values.items():
        kind, _, rest = block.partition(".")
        text = value if isinstance(value, str) else ""
        ident = by_digest.get(rest.partition(".")[0], "")
        if kind == "u" and ident:
            r.seen.add(ident)
            if text:
                r.wanted[ident] = replace(sheet.now[ident], heading=Heading(text))
        elif kind == "t" and ident:
            r.seen.add(ident)
            r.wanted[ident] = replace(sheet.now[ident], text=_free(ident, text))
        elif kind == "h":
            _lines(r, block, Heading[rest.partition(".")[0]], text, by_mark)
    _left_out(r, base)
    return _judged(r, base)


def _free(ident: str, text: str) -> str:
    kept = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return NONE if ident == KNOWN and kept.casefold() in _NOTHING else kept


def _lines(r: _Reading, block: str, heading: Heading, text: str, by_mark: Mapping[str, str]) -> None:
    for line in filter(str.strip, text.splitlines()):
        found = parsed(line)
        ident = by_mark.get(found[0], "") if found else ""
        if found is None or not ident:
            r.errors[block] = (
                f"“{plain(line, 60)}”: I do not know which change this is. Begin the line with its mark, for example "
                f"{next(iter(by_mark), '#341')}."
            )
        elif ident in r.seen:
            r.errors[block] = f"{found[0]} stands here twice; leave one of them."
        else:
            r.seen.add(ident)
            now = r.sheet.now[ident]
            r.wanted[ident] = replace(now, heading=heading, text=found[1], embargoed=found[2])


def _left_out(r: _Reading, base: Mapping[str, str]) -> None:
    """A line that was there and is gone: it goes under "Not in notes", where it can be found again."""
    for ident, now in r.sheet.now.items():
        shown_as_line = was_shown(base, ident) and now.heading is not None and not is_free(ident)
        if shown_as_line and ident not in r.seen and now.heading is not Heading.HIDDEN:
            r.wanted[ident] = replace(now, heading=Heading.HIDDEN)


def _judged(r: _Reading, base: Mapping[str, str]) -> Answers:
    found = Answers(errors=r.errors)
    for ident, entry in r.wanted.items():
        now = r.sheet.now[ident]
        if unchanged(base, entry) or entry.content == now.content:
            continue
        found.touched[ident] = entry
        if was_shown(base, ident) and not unchanged(base, now):
            found.both.append(ident)
    return found


def read_one(sheet: Sheet, ident: str, values: Mapping[str, Any], before: str) -> Answers:
    """The answers of the form of one change."""
    given = {block.partition(".")[0]: value for block, value in values.items()}
    now, base = sheet.now[ident], read_basis(before)
    chosen = str(given.get("heading") or "")
    entry = replace(
        now,
        heading=Heading(chosen) if chosen else now.heading,
        text=str(given.get("text") or "").strip(),
        embargoed="yes" in (given.get("embargoed") or ()),
    )
    return _judged(_Reading(sheet, {ident: entry}), base)


def asked(now: Entry, wanted: Entry) -> dict[str, object]:
    """The input of the event: only what differs is said."""
    given: dict[str, object] = {"item": now.item}
    if wanted.heading is not now.heading and wanted.heading is not None:
        given["heading"] = wanted.heading.value
    if wanted.text != now.text:
        given["text"] = "" if wanted.item == KNOWN and wanted.text == NONE else wanted.text
    if wanted.embargoed != now.embargoed:
        given["embargoed"] = wanted.embargoed
    return given


def difference(sheet: Sheet, answers: Answers) -> str:
    """What somebody else changed while the form was open, beside the words of this person."""
    facts, lines = sheet.facts, []
    for ident in answers.both[:6]:
        now, mine = sheet.now[ident], answers.touched[ident]
        by = who(facts, now.edited_by) if now.edited_by else "somebody"
        lines.append(f"• {said(sheet.marks[ident])}, by {by}: {_entry(now)} · yours: {_entry(mine)}")
    more = f"\nand {len(answers.both) - 6} more" if len(answers.both) > 6 else ""
    editors = listed(list(dict.fromkeys(_editor(facts, sheet.now[i]) for i in answers.both)), "and", 3)
    return (
        f"{LOOK} *{editors} changed the same while this form was open.* Your words are still here; nothing was kept "
        "yet. What you send now counts.\n" + "\n".join(lines) + more
    )


def _editor(facts: Facts, entry: Entry) -> str:
    return who(facts, entry.edited_by) if entry.edited_by else "Somebody"


def _entry(entry: Entry) -> str:
    under = f"{said(NAMES.get(entry.heading, entry.heading.value))}, " if entry.heading else ""
    return f"{under}{quoted(entry.text, 120)}"
