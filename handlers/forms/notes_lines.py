"""The notes as lines that people edit: each begins with the mark of its change, so that it is known again.

`#341 Saved property searches`: the mark of a change without a pull request is the start of its commit, that of a line
found in the difference begins with ~. What stood in a form when it was opened travels with it as short digests, so
that of two people who edit at once each changes only what they touched.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from core.domain.notes.model import Draft, Edit, Heading, Notes

HIDDEN_UNTIL = "(hidden until released)"
KNOWN = "known"
NONE = "none"  # what people write when there are no known issues
_MARK = re.compile(r"^(?:[•*-]\s+)?(#\d{1,9}|~[a-z2-7]{4,8}|[0-9a-f]{7,12})(?:[\s:.,]+|$)(.*)$")
_ID, _CONTENT = 4, 5
LONGEST = 600


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the notes, or one free text, as a form shows it and gets it back."""

    item: str
    heading: Heading | None
    text: str
    embargoed: bool = False
    edited_by: str = ""

    @property
    def content(self) -> str:
        return "\x1f".join((self.heading or "", self.text, "1" if self.embargoed else ""))


def entries_of(draft: Draft, full: Notes, edits: Mapping[str, Edit]) -> dict[str, Entry]:
    """Every line by the id of what it came from, hidden and unclassified ones too; `full` holds embargoed ones back
    from nobody. Free texts are there with what people wrote."""
    found: dict[str, Entry] = {}
    for heading, lines in full.sections.items():
        for line in lines:
            if not is_free(line.item):
                found[line.item] = Entry(line.item, heading, flat(line.text), edited_by=line.edited_by)
    found |= _without_lines(draft, full, edits)
    for ident in free_texts(draft, full, edits):
        edit = edits.get(ident)
        text = edit.text or (NONE if ident == KNOWN else "") if edit else _by_its_author(draft, ident)
        found[ident] = Entry(ident, None, text, edited_by=edit.by if edit else "")
    held = {i: e for i, e in edits.items() if e.embargoed and i in found}
    return found | {i: replace(found[i], embargoed=True) for i in held}


def _without_lines(draft: Draft, full: Notes, edits: Mapping[str, Edit]) -> dict[str, Entry]:
    """What stands under no heading: hidden on purpose, or without one yet."""
    hidden = [(i.id, i.title) for i in full.hidden]
    hidden += [(f.id, f.what) for f in draft.findings if f.id in edits and edits[f.id].heading is Heading.HIDDEN]
    rows: list[tuple[str, str, Heading | None]] = [(i, t, Heading.HIDDEN) for i, t in hidden if not is_free(i)]
    rows += [(i.id, i.title, None) for i in full.unclassified]
    found = {}
    for ident, title, heading in rows:
        edit = edits.get(ident)
        text = flat(edit.text if edit and edit.text else title)
        found[ident] = Entry(ident, heading, text, edited_by=edit.by if edit else "")
    return found


def is_free(ident: str) -> bool:
    """Whether this is a text that people write themselves: known issues, upgrade notes."""
    return ident == KNOWN or ident.startswith("upgrade:")


def free_texts(draft: Draft, full: Notes, edits: Mapping[str, Edit]) -> list[str]:
    """The free texts: those that a gap asks for, those of migrations, those that somebody wrote, and known issues."""
    asked = [g.item for g in draft.gaps if is_free(g.item)]
    asked += [line.item for lines in full.sections.values() for line in lines if is_free(line.item)]
    migrations = [f.id for f in draft.findings if f.kind == "migration"]
    return list(dict.fromkeys([*asked, *migrations, *(i for i in edits if is_free(i)), KNOWN]))


def _by_its_author(draft: Draft, ident: str) -> str:
    """What the author of a breaking change says about it."""
    item = draft.item(ident.removeprefix("upgrade:"))
    return item.breaking if item and item.breaking != "!" else ""


def flat(text: str) -> str:
    """As one line, never too long for a field with others."""
    return " ".join(text.split())[:LONGEST].rstrip()


def marks_of(entries: Iterable[str]) -> dict[str, str]:
    """Id -> the mark that its line begins with; no two are the same."""
    marks: dict[str, str] = {}
    taken: set[str] = set()
    for ident in entries:
        mark = ident if ident.startswith("#") else ident[:7] if _is_commit(ident) else f"~{digest(ident, _ID)}"
        if mark in taken:
            mark = ident if _is_commit(ident) else f"~{digest(ident, 8)}"
        marks[ident] = mark
        taken.add(mark)
    return marks


def _is_commit(ident: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{7,40}", ident) is not None


def written(entry: Entry, mark: str) -> str:
    """The line in a form."""
    return f"{mark} {entry.text}{f' {HIDDEN_UNTIL}' if entry.embargoed else ''}".strip()


def parsed(line: str) -> tuple[str, str, bool] | None:
    """(mark, text, embargoed) of a line; None when it begins with no mark."""
    found = _MARK.match(" ".join(line.split()))
    if not found:
        return None
    text = found[2].strip()
    embargoed = text.casefold().endswith(HIDDEN_UNTIL)
    return found[1], flat(text[: -len(HIDDEN_UNTIL)] if embargoed else text), embargoed


# --- what stood in the form ------------------------------------------------------------------------------------------


def digest(text: str, length: int) -> str:
    made = hashlib.blake2s(text.encode("utf-8", "replace")).digest()
    return base64.b32encode(made).decode().lower()[:length]


def basis(shown: Iterable[Entry]) -> str:
    """What these lines were when they were shown, short enough to travel with the form."""
    return "".join(digest(e.item, _ID) + digest(e.content, _CONTENT) for e in shown)


def read_basis(text: str) -> dict[str, str]:
    """Digest of the id -> digest of the content."""
    step = _ID + _CONTENT
    return {text[i : i + _ID]: text[i + _ID : i + step] for i in range(0, len(text) - step + 1, step)}


def was_shown(before: Mapping[str, str], ident: str) -> bool:
    return digest(ident, _ID) in before


def unchanged(before: Mapping[str, str], entry: Entry) -> bool:
    """Whether the entry is as it was when the form was opened."""
    return before.get(digest(entry.item, _ID)) == digest(entry.content, _CONTENT)
