"""The notes of a release: their state from draft and edits, what a candidate commits of them, and mending them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.domain.contents import Lack, NamedChange, NotesState
from core.domain.moves.outcome import Outcome, thread
from core.domain.notes.audiences import texts
from core.domain.notes.compose import compose
from core.domain.notes.embargo import Embargo, embargo
from core.domain.notes.markdown import changelog_section
from core.domain.notes.model import Draft, Edit, Gap, Heading, Item, Notes
from core.domain.policy import Policy
from core.domain.prepared import MESSAGE
from core.domain.release import Release, StakeholderText, SupportText, Texts
from core.domain.repository import Prepare
from core.domain.situation import Act, Situation

UNDATED = date(2000, 1, 1)  # a moved departure changes no content, so the digest knows no date
LONGEST_TEXT = 2000


def state_of(release: Release, draft: Draft, policy: Policy, now: datetime, late: Collection[str]) -> NotesState:
    """What the rules look at; `late` are the commits that came after the freeze."""
    notes = compose(draft, release.note_edits, released=False)
    titles, hidden = {i.id: i.title for i in draft.items}, embargo(draft, release.embargoed)
    came = set(late) - release.prepared
    text = text_digest(notes, release, policy)
    return NotesState(
        draft.head,
        now,
        counts={heading.value: len(lines) for heading, lines in notes.sections.items()},
        unclassified=tuple(_unit(i, hidden) for i in notes.unclassified),
        gaps=tuple(_lack(g, titles, hidden) for g in notes.gaps),
        findings=len(draft.findings),
        late=tuple(_unit(i, hidden) for i in draft.items if not i.fix and came.intersection(i.commits)),
        breaking=tuple(_unit(i, hidden) for i in draft.items if i.breaking),
        redacted=notes.redacted,
        section=text if policy.notes.changelog else "",
        text=text,
    )


def _unit(item: Item, hidden: Embargo) -> NamedChange:
    return NamedChange(item.id, hidden.title(item.id, item.title))


def _lack(gap: Gap, titles: Mapping[str, str], hidden: Embargo) -> Lack:
    title = str(gap.facts.get("title") or gap.facts.get("what") or titles.get(gap.item, ""))
    title = hidden.title(gap.item.removeprefix("upgrade:"), title)
    return Lack(gap.code, gap.item, title, str(gap.facts.get("path", "")), gap.blocking, bool(gap.facts.get("before")))


def text_digest(notes: Notes, release: Release, policy: Policy) -> str:
    """What the notes say of this version, as a CHANGELOG would, without its date."""
    section = changelog_section(notes, release.version, UNDATED, policy.all_links)
    return hashlib.sha256(section.encode()).hexdigest()


def preparation(s: Situation, candidate: str) -> Prepare | None:
    """What the candidate's own commit writes: version files and the CHANGELOG; None where there is nothing to write."""
    rules, r = s.policy.notes, s.release
    if not rules.changelog and not rules.version_files:
        return None
    section = ""
    if rules.changelog and s.draft is not None:
        notes = compose(s.draft, r.note_edits, released=False)
        section = changelog_section(notes, r.version, dated_on(r, s.policy, s.now), s.policy.all_links)
    changelog = rules.changelog if section else ""
    return Prepare(r.version, rules.files, changelog, section, MESSAGE + candidate)


def dated_on(release: Release, policy: Policy, now: datetime) -> date:
    """The day that the notes bear: when it went live, else when it leaves, else `now`; in the train's zone."""
    when = release.live_at or release.departs_at or now
    return when.astimezone(ZoneInfo(policy.zone)).date()


def with_notes(s: Situation, release: Release, late: Collection[str], alone: bool) -> Release:
    """The release with the state of its notes, from the draft that was read just now."""
    if s.draft is None:
        return release
    state = replace(state_of(release, s.draft, s.policy, s.now, late), alone=alone)
    return replace(release, notes=state, texts=_texts(s, release))


def _texts(s: Situation, release: Release) -> Texts:
    """What stakeholders and support read: the same lines in plain words; what a person has written there stays."""
    old = release.texts
    if s.draft is None or (old.edited_by and not old.mended):
        return old
    product = s.policy.product
    new = texts(compose(s.draft, release.note_edits, released=False), product.name, product.downtime, product.contact)
    return replace(
        old,
        stakeholders=replace(new.stakeholders, **_written(old.stakeholders, old.mended)),
        support=replace(new.support, **_written(old.support, old.mended)),
    )


def _written(part: StakeholderText | SupportText, mended: Collection[str]) -> dict[str, Any]:
    return {f.name: getattr(part, f.name) for f in fields(part) if f.name in mended}


def classify(s: Situation, act: Act) -> Outcome:
    """An item gets its heading, its words, an embargo; a free text is written. An empty edit takes the old one back."""
    item = act.text("item")
    old = s.release.note_edits.get(item)
    edit = _edited(old or Edit(item), act, s.now)
    edits = dict(s.release.note_edits)
    if edit.heading is None and not edit.text and not edit.embargoed and item != "known":
        edits.pop(item, None)
    else:
        edits[item] = edit
    release = replace(s.release, note_edits=edits)
    if s.draft is not None and release.notes is not None:
        read, now = release.notes, state_of(release, s.draft, s.policy, s.now, ())
        late = {u.id for u in read.late}
        again = tuple(_unit(i, embargo(s.draft, release.embargoed)) for i in s.draft.items if i.id in late)
        kept = replace(now, read_at=read.read_at, late=again, alone=read.alone)
        release = replace(release, notes=kept, texts=_texts(s, release))
    said = {"item": item, "heading": edit.heading.value if edit.heading else "", "text": edit.text}
    title = next((i.title for i in s.draft.items if i.id == item), "") if s.draft else ""
    about = edits.get(item.removeprefix("upgrade:"))  # what to do about a hidden change tells of it
    hidden = edit.embargoed or (about is not None and about.embargoed)
    told = {"item": "", "heading": "", "text": ""} if hidden else said
    line = thread("classified", act, title="" if hidden else title, embargoed=hidden, **told)
    return Outcome(release, (line,), record={**said, "embargoed": edit.embargoed, "before": old.text if old else ""})


def _edited(old: Edit, act: Act, now: datetime) -> Edit:
    """The edit with what was said; what was not said stays."""
    heading, text, embargoed = act.input.get("heading"), act.input.get("text"), act.input.get("embargoed")
    return replace(
        old,
        heading=(Heading(heading) if heading else None) if isinstance(heading, str) else old.heading,
        text=text.strip()[:LONGEST_TEXT] if isinstance(text, str) else old.text,
        embargoed=embargoed if isinstance(embargoed, bool) else old.embargoed,
        by=act.actor,
        at=now,
    )
