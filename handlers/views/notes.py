"""The release notes as a private answer: gaps first, then what has no heading yet, then the headings."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.notes.model import Draft, Gap, Heading, Item, Line, Notes
from handlers import ids
from handlers.request import Block, Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.marks import LOOK
from handlers.views.notes_words import UNCLASSIFIED, gap_line
from handlers.views.pressing import show
from handlers.views.silent import silent
from handlers.views.writing import Facts, counted, date_token, listed, name, plain, said, who, with_code

MOST_GAPS, MOST_CHOICES = 8, 4
LONGEST_LINE = 160
AUDIENCES = (("stakeholders", "Stakeholders"), ("support", "Support"), ("github", "GitHub"))
_ALL, _LEAST, _LONGEST = 3600, 300, 1450  # characters of all headings together, and of one
_PAGE, _PAGES = 1300, 4  # the same of a piece of the published text, and how many of them


def everyone(facts: Facts, draft: Draft, notes: Notes) -> Message:
    """What the team reads before it signs the notes."""
    tag = plain(facts.get("tag", ""))
    gaps = [g for g in notes.gaps if g.code != UNCLASSIFIED]
    ended = facts.get("phase") in ("closed", "cancelled")
    return b.message(
        _sentence(tag, draft, notes),
        b.header(f"Release notes of {tag}"),
        b.context(_counts(facts, draft, notes), silent(facts)),
        None if ended else _gaps(facts, gaps),
        *([] if ended else _choices(facts, notes)),
        *sections(facts, notes),
        b.context(*_left_out(facts, draft, notes), block_id="left_out"),
        b.actions(
            None if ended else edit_button(facts, primary=bool(notes.unclassified or notes.blocking)),
            *audience_buttons(facts),
            block_id="do",
        ),
    )


def edit_button(facts: Facts, *, primary: bool = False) -> Block:
    """Opens the form of the notes."""
    return b.button(
        "Edit the notes…",
        "notes_form",
        ids.value(facts.get("id")),
        primary=primary,
        about=f"Edit the notes: {facts.get('tag', '')}",
    )


def audience_buttons(facts: Facts, shown: str = "") -> list[Block]:
    """The same notes for others; `shown` is the audience that reads already."""
    everybody = [show(facts, "notes", "Everyone")] if shown else []
    return [*everybody, *(show(facts, "notes", label, key) for key, label in AUDIENCES if key != shown)]


def _sentence(tag: str, draft: Draft, notes: Notes) -> str:
    open_ = [counted(len(notes.unclassified), "change") + " without a heading"] if notes.unclassified else []
    gaps = len([g for g in notes.gaps if g.code != UNCLASSIFIED])
    open_ += [counted(gaps, "gap")] if gaps else []
    return f"The notes of {tag} hold {counted(len(draft.items), 'change')}; {listed(open_) or 'nothing is missing'}."


def _counts(facts: Facts, draft: Draft, notes: Notes) -> str:
    since = f" since {said(facts.get('base_tag'))}" if facts.get("base_tag") else ""
    state = facts.get("notes") or {}
    read = f"read {date_token(facts, state['read_at'])}" if state.get("read_at") else ""
    whole = int((facts.get("scope") or {}).get("count") or 0)  # also what went out before or was taken back
    of = f"{len(draft.items)} of {counted(whole, 'change')}" if whole > len(draft.items) else ""
    parts = [f"*{of or counted(len(draft.items), 'change')}*{since}"]
    parts += [f"*{len(notes.unclassified)} unclassified*"] if notes.unclassified else []
    parts += [f"to {links.commit(facts, draft.head)}"] if draft.head else []
    return " · ".join([*parts, *([read] if read else [])])


def _gaps(facts: Facts, gaps: Sequence[Gap]) -> Block | None:
    found = sorted(gaps, key=lambda g: not g.blocking)
    if not found:
        return None
    lines = [gap_line(g, facts) for g in found[:MOST_GAPS]]
    return b.section(f"*Needs you*\n{b.lines(lines, _LONGEST, len(found))}", "gaps")


def _choices(facts: Facts, notes: Notes) -> list[Block]:
    """A button for each change that has no heading; what does not fit waits in the form."""
    found = notes.unclassified
    if not found:
        return []
    rows = [
        b.section(unclassified_line(facts, item), f"unclassified.{item.id}", choose_button(facts, item))
        for item in found[:MOST_CHOICES]
    ]
    rest = len(found) - MOST_CHOICES
    more = [b.context(f"and {rest} more, in the form")] if rest > 0 else []
    return [b.section(f"*Unclassified, {len(found)}*"), *rows, *more]


def unclassified_line(facts: Facts, item: Item) -> str:
    """`Tidy up lease model (#331), by Ben`."""
    by = f", by {said(listed(item.authors, 'and', 2), 60)}" if item.authors else ""
    return f"{said(item.title, 120)} ({links.ref(facts, item.id)}){by}"


def choose_button(facts: Facts, item: Item) -> Block:
    return b.button(
        "Choose a heading…", "classify", ids.value(facts.get("id"), item.id), about=f"Choose a heading: {item.title}"
    )


def sections(facts: Facts, notes: Notes) -> list[Block]:
    """One section for each heading; where there is much, each has its share, and links are the first to go."""
    share = min(_LONGEST, max(_LEAST, _ALL // max(1, len(notes.sections))))
    texts = {h: [line_of(facts, x) for x in lines] for h, lines in notes.sections.items()}
    if any(sum(map(len, lines)) > share for lines in texts.values()):
        texts = {h: [line_of({**facts, "links": {}}, x) for x in lines] for h, lines in notes.sections.items()}
    return [
        b.section(f"*{said(h.value)}*\n{b.lines(found, share)}", f"heading.{h.name.lower()}")
        for h, found in texts.items()
    ]


def line_of(facts: Facts, line: Line) -> str:
    """`• Saved searches (#341, AA-171)`, with who edited it."""
    text = line.text
    refs = [links.pull(facts, line.pull)] if line.pull else [links.commit(facts, line.commit)] if line.commit else []
    refs += [links.ref(facts, key) for key in line.keys[:3] if key not in text]
    behind = f" ({', '.join(refs)})" if refs else ""
    breaks = f"{LOOK} *breaking:* " if line.breaking else ""
    edited = f" · edited by {who(facts, line.edited_by)}" if line.edited_by else ""
    return f"• {breaks}{with_code(text, LONGEST_LINE)}{behind}{edited}"


def _left_out(facts: Facts, draft: Draft, notes: Notes) -> list[str]:
    """What is not there, and why; and whose words are kept."""
    parts = []
    if notes.embargoed:
        parts.append(f"{counted(len(notes.embargoed), 'change')} hidden until released")
    if draft.shipped:
        versions = listed([f"v{said(v)}" for v in dict.fromkeys(s.version for s in draft.shipped)], "and", 3)
        parts.append(f"{len(draft.shipped)} went out before, with {versions}")
    if draft.reverted:
        parts.append(f"{len(draft.reverted)} came and {'was' if len(draft.reverted) == 1 else 'were'} taken back")
    if notes.hidden:
        parts.append(f"{len(notes.hidden)} put under {Heading.HIDDEN.value}")
    told = [f"Left out: {' · '.join(parts)}"] if parts else []
    if notes.redacted:
        told.append(f"{LOOK} [removed] stands where {removed(notes)} stood")
    editors = list(dict.fromkeys(x.edited_by for lines in notes.sections.values() for x in lines if x.edited_by))
    if editors:
        names = listed([said(name(facts, p), 40) for p in editors], "and", 3)
        told.append(f"Edited by {names}, kept when the notes are drafted again")
    return told


def removed(notes: Notes) -> str:
    """How much was taken out because nobody outside may read it."""
    return counted(notes.redacted, "secret or internal name", "secrets or internal names")


def github(facts: Facts, text: str) -> Message:
    """The text of the published release, word for word, as far as a message holds it."""
    tag = plain(facts.get("tag", ""))
    pages, rest = _pages(text)
    page = facts.get("page")
    return b.message(
        f"The notes of {tag} as the published release will show them, {counted(len(text), 'character')}.",
        b.header(f"Release notes of {tag} · GitHub"),
        b.context(links.site(facts, page, "The published page")) if page else None,
        *(b.section(f"```\n{one}\n```") for one in pages),
        b.context(f"and {counted(rest, 'line')} more") if rest else None,
        b.actions(edit_button(facts), *audience_buttons(facts, "github"), block_id="do"),
    )


def _pages(text: str) -> tuple[list[str], int]:
    """The text in pieces that fit sections, and how many lines are over."""
    pages, page = [], ""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        kept = _fenced(line)
        if len(page) + len(kept) + 1 > _PAGE:
            pages.append(page)
            page = ""
            if len(pages) == _PAGES:
                return pages, len(lines) - number
        page += kept + "\n"
    return [*pages, *([page] if page.strip() else [])], 0


def _fenced(line: str) -> str:
    """One line inside a code block: escaped, and it cannot close the block."""
    safe = "".join(c for c in line[:400] if c.isprintable())
    return safe.replace("`", "ˋ").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def being_read(facts: Facts) -> Message:
    """Nothing was read yet."""
    tag = plain(facts.get("tag", ""))
    return b.message(
        f"The history of {tag} is being read; its notes follow.",
        b.section(f"I am reading what is in *{said(tag)}*; its notes follow."),
        b.actions(*(show(facts, "notes", label, key) for key, label in AUDIENCES[:2]), block_id="do"),
    )
