"""The words of what a draft of the notes lacks, and of its headings, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.notes.model import Gap, Heading
from handlers.views import links
from handlers.views.marks import BLOCKED, LOOK
from handlers.views.writing import Facts, listed, quoted, said

# What a person chooses from; known issues and upgrade notes are written, not chosen.
CHOICES: tuple[tuple[str, Heading], ...] = (
    ("New feature", Heading.FEATURES),
    ("Improvement", Heading.IMPROVEMENTS),
    ("Bug fix", Heading.FIXES),
    ("Security", Heading.SECURITY),
    ("API", Heading.API),
    ("Configuration", Heading.CONFIG),
    ("Not in notes", Heading.HIDDEN),
)
NAMES = {heading: label for label, heading in CHOICES}
_TYPED = {
    "feature": Heading.FEATURES,
    "features": Heading.FEATURES,
    "new": Heading.FEATURES,
    "improvement": Heading.IMPROVEMENTS,
    "improvements": Heading.IMPROVEMENTS,
    "fix": Heading.FIXES,
    "fixes": Heading.FIXES,
    "bug": Heading.FIXES,
    "bugfix": Heading.FIXES,
    "security": Heading.SECURITY,
    "api": Heading.API,
    "config": Heading.CONFIG,
    "configuration": Heading.CONFIG,
    "hidden": Heading.HIDDEN,
    "none": Heading.HIDDEN,
}
HEADING_WORDS = tuple(_TYPED)

# {ref} the item as a link, {path} and the other facts of the gap; `{about}` is its title in quotation marks
_GAPS = {
    "unclassified": "{ref} has no heading yet: {about}",
    "no_upgrade_note": "{subject} has no upgrade note",
    "contradiction": "{subject} takes something away, which a {type} release may not do{colon}",
    "migration_heads": "{paths} follow the same migration, `{down}`",
    "known_issues_open": "Nobody has said whether there are known issues",
    "no_key": "{ref} names no issue: {about}",
    "no_pull": "{ref} came without a pull request: {about}",
    "unreviewed": "{ref} was approved by {approved}: {about}",
    "odd_prefix": "{ref} has a prefix that no rule knows: {about}",
    "key_not_done": "{key} is not done, it is {state}: {ref}",
    "not_in_range": "{ref} is merged and in the milestone, but no commit of this release carries it: {about}",
    "partly_shipped": "{ref} went out in part before, with {versions}: {about}",
    "not_in_sample": "`{name}` is new in {path}, and no sample file names it",
    "too_large": "{path} is too large to look into",
    "too_long": "the range has more than the {count} commits that I read; the notes lack the older ones",
}
UNCLASSIFIED = "unclassified"  # listed apart, with a button for each


def typed_heading(words: str) -> tuple[Heading | None, str]:
    """`bug fix Tenants can log in` -> the heading and the rest; None when the words begin with none."""
    tokens = words.split()
    for used in (2, 1):
        name = "".join(tokens[:used]).casefold().rstrip(":,")
        if len(tokens) >= used and name in _TYPED | {"newfeature": Heading.FEATURES, "notinnotes": Heading.HIDDEN}:
            return _TYPED.get(name, Heading.FEATURES), " ".join(tokens[used:])
    if " ".join(tokens[:3]).casefold() == "not in notes":
        return Heading.HIDDEN, " ".join(tokens[3:])
    return None, words


def gap_line(gap: Gap, facts: Facts) -> str:
    """One gap in a line of markup, with its mark."""
    return f"{BLOCKED if gap.blocking else LOOK} {gap_text(gap, facts)}"


def gap_text(gap: Gap, facts: Facts) -> str:
    """The same without the mark; a code that is new says at least what it is about."""
    pattern = _GAPS.get(gap.code, "{code}: {about}")
    text = pattern.format_map(_Gaps(_values(gap, facts)))
    return text.removesuffix(": ").rstrip()


def _values(gap: Gap, facts: Facts) -> dict[str, str]:
    given: Mapping[str, Any] = gap.facts or {}
    ref = links.ref(facts, gap.item) if gap.item else ""
    about = quoted(given["title"]) if given.get("title") else ""
    path = f"`{said(given['path'])}`" if given.get("path") else ""
    what = said(given.get("what") or given.get("title") or "", 120)
    values = {k: _shown(v) for k, v in given.items()} | {
        "ref": ref or path or about,
        "about": about,
        "path": path,
        "code": said(gap.code.replace("_", " ")),
        "colon": f": {what}" if what else "",
        "paths": _shown(given.get("paths") or ()),
        "key": links.ref(facts, str(given.get("key") or "")),
        "approved": _approved(given.get("before")),
    }
    values["subject"] = _subject(gap, facts, path, about)
    return values


def _approved(before: Any) -> str:
    names = [said(name, 40) for name in before] if isinstance(before, list | tuple) else []
    if not names:
        return "nobody but its author"
    return f"{listed(names, 'and', 3)} before its last push, and by nobody since"


def _subject(gap: Gap, facts: Facts, path: str, about: str) -> str:
    if path:
        return f"Migration {path}" if gap.code == "no_upgrade_note" else path
    item = gap.item.removeprefix("upgrade:")
    return " ".join(filter(None, (links.ref(facts, item) if item else "", about))) or "Something"


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return listed([f"`{said(v)}`" for v in value], "and", 3)
    return said(value)


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
