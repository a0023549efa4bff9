"""The changes between two versions: under the headings of the notes, or as commits when they were read only so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.notes.model import Heading
from core.usecases.diff import Diff
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views import links
from handlers.views.commits import commit_line
from handlers.views.embargo import held_back, hidden_line
from handlers.views.notes import sections, unclassified_line
from handlers.views.pressing import show
from handlers.views.scope import changes
from handlers.views.writing import Facts, counted, listed, plain, said

MOST_COMMITS = 12


def between(found: Diff, facts: Facts) -> Message:
    """By heading, then the newest commits, and the host's own comparison."""
    base, head = _name(found.base), _name(found.head)
    open_ = [f"• {unclassified_line(facts, i)}" for i in found.notes.unclassified]
    return b.message(
        f"From {base} to {head}: {counted(len(found.draft.items), 'change')} in {counted(found.count, 'commit')}.",
        b.header(f"From {base} to {head}"),
        b.context(_counts(found, facts), *_compare(facts, found.base_sha, found.head_sha)),
        *sections(facts, found.notes),
        b.section(f"*Unclassified, {len(open_)}*\n{b.lines(open_, 900)}", "unclassified") if open_ else None,
        b.section(_commits(found, facts), "commits"),
        b.context(*_left_out(found)),
    )


def _name(text: str) -> str:
    """A version with its v, anything else as it was typed."""
    return f"v{plain(text, 60)}" if text[:1].isdigit() and "." in text else plain(text, 60)


def _counts(found: Diff, facts: Facts) -> str:
    ends = f"{links.commit(facts, found.base_sha)} → {links.commit(facts, found.head_sha)}"
    return f"*{counted(len(found.draft.items), 'change')}* in {counted(found.count, 'commit')} · {ends}"


def _commits(found: Diff, facts: Facts) -> str:
    if not found.count:
        return "No change."
    lines = [commit_line(facts, c) for c in found.commits[:MOST_COMMITS]]
    return f"*Commits, {found.count:,}*\n{b.lines(lines, 1300, found.count - found.hidden)}"


def _left_out(found: Diff) -> list[str]:
    parts = []
    if found.draft.shipped:
        versions = listed([f"v{said(v)}" for v in dict.fromkeys(s.version for s in found.draft.shipped)], "and", 3)
        parts.append(f"{len(found.draft.shipped)} went out before, with {versions}")
    if found.draft.reverted:
        parts.append(f"{counted(len(found.draft.reverted), 'change')} came and went again")
    if found.hidden:
        parts.append(hidden_line(found.hidden, "commit"))
    if found.notes.hidden:
        parts.append(f"{len(found.notes.hidden)} put under {Heading.HIDDEN.value}")
    return [f"Left out: {' · '.join(parts)}"] if parts else []


def of_release(facts: Facts) -> Message:
    """The changes of a release since the version that it is based on, as they were read for it."""
    tag = plain(facts.get("tag", ""))
    base = plain(facts.get("base_tag") or "production")
    c = facts.get("candidate")
    head = f"rc.{c['number']} at {c['sha'][:7]}" if c else tag
    count = int((facts.get("scope") or {}).get("count") or 0)
    lines, held = changes(facts), held_back(facts)
    return b.message(
        f"From {base} to {head}: {counted(count, 'change')}.",
        b.header(f"From {base} to {head}"),
        b.context(*_compare(facts, str(facts.get("base_tag") or ""), _head(facts))),
        b.section(b.lines(lines, 1450, count - held) if lines or held else "No change.", "changes"),
        b.context(hidden_line(held)),
        b.actions(show(facts, "scope", "What is in it?"), show(facts, "notes", "Notes"), block_id="do"),
    )


def _head(facts: Facts) -> str:
    c: Mapping[str, Any] = facts.get("candidate") or {}
    return str(c.get("tag") or facts.get("branch") or "")


def _compare(facts: Facts, base: str, head: str) -> list[str]:
    """The host's own comparison of two names of its repository, where there are both."""
    url = links.compare(facts, base, head)
    return [links.linked(url, "Compare on the host")] if url and base and head else []
