"""The content that an approval is given for, as it is known at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.domain.manifest import Manifest
from core.domain.notes.model import Draft, Finding
from core.domain.situation import Situation


def listed(findings: Iterable[Finding], kind: str) -> tuple[str, ...]:
    """The findings of a kind as lines of a manifest, each once."""
    return tuple(dict.fromkeys(f"{f.path}: {f.what}" for f in findings if f.kind == kind))


def manifest_of(commit: str, version: str, notes: str, draft: Draft | None, flags: Iterable[str] = ()) -> Manifest:
    """The manifest of a commit; `draft` is what was read of its range, None when nothing was."""
    found = draft.findings if draft else ()
    return Manifest(commit, version, notes, listed(found, "migration"), listed(found, "config"), tuple(flags))


def present(s: Situation) -> Manifest | None:
    """The candidate's content as it is known now; what the newest reading does not tell is as it was.

    None before the first candidate, and for one that was tagged before contents were kept by their parts.
    """
    c, r = s.candidate, s.release
    if c is None or c.manifest is None:
        return None
    known = replace(c.manifest, version=r.version, notes=c.section or notes_aside(s, c.manifest.notes), flags=r.flags)
    if s.draft is None or s.draft.head != c.sha:
        return known
    read = s.draft.findings
    return replace(known, migrations=listed(read, "migration"), configuration=listed(read, "config"))


def notes_aside(s: Situation, before: str = "") -> str:
    """Digest of the notes of a product that keeps no CHANGELOG: nothing but their text can be signed."""
    state = s.release.notes
    return state.text if state and state.text and not s.policy.notes.changelog else before
