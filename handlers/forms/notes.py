"""The form of the release notes: what needs somebody, what has no heading, then each heading as lines to edit.

A release with many changes has pages; each is sent by itself. What is drawn is `shown`, what stands in the store is
`now`: they differ when words that were typed are shown again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.notes.model import Draft, Gap, Heading, Item, Notes
from handlers import ids
from handlers.forms.notes_lines import (
    HIDDEN_UNTIL,
    KNOWN,
    Entry,
    basis,
    digest,
    is_free,
    marks_of,
    written,
)
from handlers.request import Block, Form
from handlers.views import blocks as b
from handlers.views import inputs
from handlers.views.notes import removed, unclassified_line
from handlers.views.notes_words import CHOICES, UNCLASSIFIED, gap_line
from handlers.views.writing import Facts, cut, listed, name, plain, said

LETTERS, ENTRIES, FIELDS = 14_000, 110, 45  # on one page
CHUNK = 2400  # characters of lines in one field, which takes 3,000
_LINES = "One line for each change. Under another heading it moves there; left out it is not in the notes."
_EDITED = (Heading.FEATURES, Heading.IMPROVEMENTS, Heading.FIXES, Heading.SECURITY, Heading.API, Heading.CONFIG)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a form of the notes is drawn from."""

    facts: Facts
    draft: Draft
    notes: Notes
    now: Mapping[str, Entry]

    @property
    def marks(self) -> dict[str, str]:
        return marks_of(self.now)

    def item(self, ident: str) -> Item | None:
        return self.draft.item(ident)


def pages(sheet: Sheet) -> list[list[str]]:
    """The ids on each page: free texts that are asked for, what has no heading, then the headings in their order."""
    found: list[list[str]] = [[]]
    letters = fields = 0
    for ident in _ordered(sheet):
        entry = sheet.now[ident]
        lone = is_free(ident) or entry.heading is None
        letters, fields = letters + len(entry.text) + 14, fields + lone
        if found[-1] and (letters > LETTERS or fields > FIELDS or len(found[-1]) >= ENTRIES):
            found.append([])
            letters, fields = len(entry.text), int(lone)
        found[-1].append(ident)
    return found


def _ordered(sheet: Sheet) -> list[str]:
    order = {h: n for n, h in enumerate(Heading, 2)}

    def place(ident: str) -> int:
        heading = sheet.now[ident].heading
        return 0 if is_free(ident) else 1 if heading is None else order[heading]

    return sorted(sheet.now, key=place)


def form(
    sheet: Sheet, page: int = 0, channel: str = "", *, note: str = "", shown: Mapping[str, Entry] | None = None
) -> Form:
    """One page of the form; with `shown` the words that were typed stand in it, whatever page they belong to."""
    all_pages = pages(sheet)
    page = min(max(page, 0), len(all_pages) - 1)
    typed = {i: e for i, e in (shown or {}).items() if i in sheet.now}
    here = list(dict.fromkeys([*all_pages[page], *typed]))
    drawn = [typed.get(i, sheet.now[i]) for i in here]
    tag = plain(sheet.facts.get("tag", ""))
    target = ids.Target(sheet.facts["id"], f"page:{page}")
    return inputs.form(
        f"Notes of {tag}",
        "notes",
        ids.metadata(target, channel, basis(sheet.now[i] for i in here)),
        [
            tabs(sheet.facts, "everyone"),
            b.section(note, "note") if note else None,
            *(_needs(sheet) if page == 0 else []),
            *_free_fields(sheet, [e for e in drawn if is_free(e.item)]),
            *_selects(sheet, [e for e in drawn if not is_free(e.item) and _chosen_apart(sheet, e)]),
            *_fields(sheet, [e for e in drawn if not is_free(e.item) and not _chosen_apart(sheet, e)]),
            b.context(*_after(sheet)),
            *_turning(sheet.facts, page, len(all_pages)),
        ],
        submit="Keep them",
    )


def tabs(facts: Facts, shown: str) -> Block:
    """The same notes for three audiences."""
    found = (("everyone", "Everyone"), ("stakeholders", "Stakeholders"), ("support", "Support"))
    return b.actions(
        *(
            b.button(f"• {label}" if key == shown else label, f"notes_tab.{n}", ids.value(facts.get("id"), key))
            for n, (key, label) in enumerate(found)
        ),
        block_id="tabs",
    )


def _turning(facts: Facts, page: int, of: int) -> list[Block | None]:
    if of < 2:
        return []
    before = b.button("Page before", "notes_page.1", ids.value(facts.get("id"), str(page - 1))) if page else None
    after = b.button("Next page", "notes_page.2", ids.value(facts.get("id"), str(page + 1))) if page + 1 < of else None
    where = b.context(f"Page {page + 1} of {of}; each page is kept by itself")
    return [where, b.actions(before, after, block_id="turn")]


# --- needs you -------------------------------------------------------------------------------------------------------


def _needs(sheet: Sheet) -> list[Block | None]:
    """Gaps that are no field here, as text."""
    asked = {g.item for g in sheet.notes.gaps if is_free(g.item)}
    told = [g for g in sheet.notes.gaps if g.code != UNCLASSIFIED and not is_free(g.item)]
    if not told and not asked:
        return []
    lines = [gap_line(g, sheet.facts) for g in told]
    return [b.section(f"*Needs you*\n{b.lines(lines, 1400)}".rstrip(), "needs")]


def _free_fields(sheet: Sheet, entries: Sequence[Entry]) -> list[Block]:
    return [_free_field(sheet, e) for e in sorted(entries, key=lambda e: e.item == KNOWN)]


def _free_field(sheet: Sheet, entry: Entry) -> Block:
    gap = next((g for g in sheet.notes.gaps if g.item == entry.item), None)
    open_ = "Needs you: " if gap and gap.blocking else ""
    hint = "One per line; write none when there are none" if entry.item == KNOWN else _what_to_write(sheet, entry, gap)
    return inputs.text(
        block_of("t", entry), cut(f"{open_}{_free_label(sheet, entry.item)}", 140), lines=True, optional=True,
        initial=entry.text, hint=_with_editor(sheet.facts, entry, hint),
    )  # fmt: skip


def _what_to_write(sheet: Sheet, entry: Entry, gap: Gap | None) -> str:
    """What the difference says of it, and the question."""
    found = next((f.what for f in sheet.draft.findings if f.id == entry.item), "")
    what = plain(found or ((gap.facts or {}).get("what") if gap else "") or "", 80).replace("`", "")
    first = f"It {what}. " if what else ""
    return f"{first}What has somebody to do when updating?"


def _free_label(sheet: Sheet, ident: str) -> str:
    if ident == KNOWN:
        return "Known issues"
    about = ident.removeprefix("upgrade:")
    item = sheet.item(about)
    if item:
        return f"Upgrade note for {about}: {plain(item.title, 90)}"
    return f"Upgrade note for migration {plain(about.rpartition('/')[2] or about, 60)}"


# --- without a heading -----------------------------------------------------------------------------------------------


def _chosen_apart(sheet: Sheet, entry: Entry) -> bool:
    """Whether its heading is chosen in a menu: it has none in the store yet."""
    return sheet.now[entry.item].heading is None


def _selects(sheet: Sheet, entries: Sequence[Entry]) -> list[Block]:
    if not entries:
        return []
    count = len(sheet.notes.unclassified)
    return [b.section(f"*Unclassified, {count}*", "unclassified"), *(_select(sheet, e) for e in entries)]


def _select(sheet: Sheet, entry: Entry) -> Block:
    mark = entry.item if entry.item.startswith("#") else sheet.marks[entry.item]
    item = sheet.item(entry.item)
    by = f", by {plain(listed(item.authors, 'and', 2), 40)}" if item and item.authors else ""
    label = f"{cut(plain(entry.text, 100), 100)} ({mark}){by}"
    return inputs.select(
        block_of("u", sheet.now[entry.item]), label, [(text, h.value) for text, h in CHOICES],
        initial=entry.heading.value if entry.heading else "", optional=True,
    )  # fmt: skip


# --- the headings ----------------------------------------------------------------------------------------------------


def _fields(sheet: Sheet, entries: Sequence[Entry]) -> list[Block]:
    """One field for each heading of this page, more when its lines do not fit; then what is not in the notes."""
    others = [h for h in (Heading.KNOWN, Heading.UPGRADE) if any(e.heading is h for e in entries)]
    made = [f for heading in (*_EDITED, *others, Heading.HIDDEN) for f in _heading(sheet, heading, entries)]
    for field in made[1:]:
        if field.get("hint", {}).get("text") == _LINES:  # said once
            del field["hint"]
    return made


def _heading(sheet: Sheet, heading: Heading, entries: Sequence[Entry]) -> list[Block]:
    mine = [e for e in entries if e.heading is heading]
    parts = _chunks([written(e, sheet.marks[e.item]) for e in mine])
    if not parts and (heading is Heading.HIDDEN or not entries):
        return []
    editors = list(dict.fromkeys(e.edited_by for e in mine if e.edited_by))
    hint = _edited(sheet.facts, editors) if editors else _LINES
    return [
        inputs.text(
            f"h.{heading.name}.{n}.{digest(text, 6)}",
            heading.value if not n else f"{heading.value}, {n + 1}",
            lines=True, optional=True, initial=text, hint=hint,
        )
        for n, text in enumerate(parts or [""])
    ]  # fmt: skip


def _chunks(lines: Iterable[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if not found or len(found[-1]) + len(line) > CHUNK:
            found.append(line)
        else:
            found[-1] += f"\n{line}"
    return found


def _with_editor(facts: Facts, entry: Entry, hint: str) -> str:
    return _edited(facts, [entry.edited_by]) if entry.edited_by else hint


def _edited(facts: Facts, people: Sequence[str]) -> str:
    return f"edited by {listed([name(facts, p) for p in people], 'and', 3)}, kept when the notes are drafted again"


def _after(sheet: Sheet) -> list[str]:
    told = [f"A line that ends with {HIDDEN_UNTIL} is hidden until released."]
    if sheet.notes.redacted:
        told.append(f"[removed] stands where {removed(sheet.notes)} stood.")
    return [" ".join(told)]


def block_of(kind: str, entry: Entry) -> str:
    """A block id that is new when its content is new, because Slack keeps what was typed into an old one."""
    return f"{kind}.{digest(entry.item, 8)}.{digest(entry.content, 5)}"


# --- one change ------------------------------------------------------------------------------------------------------


def one(
    sheet: Sheet, ident: str, channel: str = "", *, note: str = "", shown: Entry | None = None, text: str = ""
) -> Form:
    """The form of one change: heading, words, and whether it is hidden until released."""
    now = sheet.now[ident]
    drawn = shown or now
    item = sheet.item(ident)
    about = unclassified_line(sheet.facts, item) if item else said(now.text, 200)
    return inputs.form(
        "Choose a heading",
        "classify",
        ids.metadata(ids.Target(sheet.facts["id"], ident), channel, basis([now])),
        [
            b.section(note, "note") if note else None,
            b.section(about, "about"),
            inputs.select(
                f"heading.{digest(drawn.content, 5)}", "Under which heading?", [(t, h.value) for t, h in CHOICES],
                initial=drawn.heading.value if drawn.heading else "", optional=True,
            ),
            inputs.text(
                f"text.{digest(drawn.content, 5)}", "In which words?", initial=(text or drawn.text)[:200],
                optional=True, hint=_with_editor(sheet.facts, now, "Empty: the drafted words"),
            ),
            inputs.checks(
                f"embargoed.{digest(drawn.content, 5)}", "Before the release", [("Hidden until released", "yes")],
                chosen=["yes"] if drawn.embargoed else [],
            ),
        ],
        submit="Keep it",
    )  # fmt: skip
