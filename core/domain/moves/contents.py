"""When what is signed becomes another thing: whose approvals fall, and what they are shown of the difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from core.domain.effects import CLICK, Effect
from core.domain.manifest import (
    MOST_MARKS,
    Manifest,
    NoteLines,
    Signed,
    difference,
    lines_between,
    mark_of,
    part_json,
)
from core.domain.moves.landing import answer_from
from core.domain.moves.outcome import Outcome, content_digest, thread
from core.domain.notes.compose import compose
from core.domain.release import Decision, Release
from core.domain.signing import present
from core.domain.situation import Act, Situation


def fallen(s: Situation, people: Iterable[str], why: Literal["candidate", "content"]) -> dict[str, Signed]:
    """What was signed last, by person, when the approvals of these people fall now; who answers again is left out."""
    c = s.candidate
    if c is None:
        return dict(s.release.last_signed)
    signed = Signed(c.tag, c.sha, s.now, why, c.manifest, lines=c.lines, changes=len(s.release.scope))
    found = s.release.last_signed | dict.fromkeys(people, signed)
    now = note_lines(s) if found else ()
    return {p: replace(x, notes=lines_between(x.lines, now)) for p, x in found.items()}


def note_lines(s: Situation) -> tuple[tuple[str, str], ...]:
    """The notes as they stand, line by line under their headings; () where there are none or too many to compare."""
    if s.draft is None or len(s.draft.items) > MOST_MARKS:
        return ()
    notes = compose(s.draft, s.release.note_edits, released=False)
    return tuple((heading.value, line.text) for heading, lines in notes.sections.items() for line in lines)


def marks(s: Situation) -> tuple[str, ...]:
    """What a candidate keeps of the lines of its notes."""
    return tuple(mark_of(line) for line in note_lines(s)[:MOST_MARKS])


def content_changed(s: Situation, act: Act) -> Outcome:
    """The candidate is the same, a part of its content is not: approvals are void, and only the difference is asked.

    An objection stands until its author lifts it, so it is kept for the new content. What was tested and signed off
    is about the commit, and stays. A go that was asked was about something else.
    """
    c, now = s.candidate, present(s)
    assert c is not None and c.manifest is not None and now is not None  # the gate content_moved has looked
    changed = [part for part in difference(c.manifest, now) if part.changed]
    given = s.signed("approval", c.digest)
    objections = s.signed("approval", c.digest, "reject")
    void = sorted({d.person for d in given})
    digest, hours = content_digest(s.release, now), timedelta(hours=s.policy.approvals.answer_hours)
    moved = replace(c, manifest=now, digest=digest, tagged_as=c.tagged_as or c.digest, lines=marks(s))
    release = replace(
        s.release.without_promotion,
        candidates=(*s.release.candidates[:-1], moved),
        last_signed=fallen(s, void, "content"),
        answer_by=answer_from(s, void) + hours if void else s.release.answer_by,
    )
    effects: list[Effect] = []
    if void:
        told = [part_json(part) for part in changed]
        effects = [thread("content_changed", act, parts=told, voided=void)]
        effects += [Effect("slack.ask", f"dm:{p}", {"person": p}, CLICK) for p in void if p in s.approvers]
    return Outcome(
        release,
        tuple(effects),
        sign=tuple(_about(d, digest) for d in objections),
        withdraw=(*given, *objections, *s.signed("go", str(s.release.epoch))),
        record={"candidate": c.tag, "content": digest, "before": c.digest, "parts": [part.name for part in changed]},
    )


def _about(d: Decision, digest: str) -> Decision:
    return replace(d, subject=digest)


def parts_between(release: Release, before: str, after: str) -> list[dict[str, Any]]:
    """The difference by parts of two candidates, by their tags; [] where one was not kept by its parts."""
    by_tag: dict[str, Manifest | None] = {c.tag: c.manifest for c in release.candidates}
    by_tag |= {signed.candidate: signed.manifest for signed in release.last_signed.values()}
    old, new = by_tag.get(before), by_tag.get(after)
    return [part_json(part) for part in difference(old, new)] if old and new else []


def notes_json(notes: NoteLines) -> dict[str, Any]:
    return {"came": [list(line) for line in notes.came], "more": notes.more, "gone": notes.gone}


def with_range(release: Release, before: str, after: str, told: Mapping[str, Any]) -> Release:
    """The release with the changes between two candidates kept for those who had signed the first one."""
    if release.candidate is None or release.candidate.tag != after:
        return release
    kept = {
        person: replace(x, came=tuple(told["came"]), more=told["more"], went=tuple(told["went"]), gone=told["gone"])
        if x.candidate == before
        else x
        for person, x in release.last_signed.items()
    }
    return replace(release, last_signed=kept)
