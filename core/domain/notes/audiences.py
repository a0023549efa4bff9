"""First texts for stakeholders and support from the notes, in plain words: no commit, branch, flag or number of ours.

Only what is classified goes out. A line that names code is left to a person to put in words; what a person wrote in the
notes is taken as it stands. Both audiences read the same lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.domain.notes.model import Heading, Line, Notes
from core.domain.parts import StakeholderText, SupportText, Texts

MOST_LINES, LONGEST_LINE = 8, 120
_CODE = re.compile(  # what only the team reads: flags, branches, paths, calls, pull requests, commits
    r"[`_/\\]|(?<!\w)\w{1,80}\(\)|::|#\d|\b(?=[0-9a-f]{0,40}\d)(?=\d{0,40}[a-f])[0-9a-f]{7,40}\b"
)
_SHA = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b")
_BRANCH = re.compile(r"\b(?:feature|release|hotfix|bugfix|fix)/[\w./-]+")
_KEY = re.compile(r"\s{0,3}[\[(]?\b[A-Z][A-Z0-9]{1,9}-\d{1,6}\b[\])]?")


def scrubbed(text: str) -> str:
    """A line for people outside the team, without commits and branch names that slipped in."""
    return " ".join(_BRANCH.sub("", _SHA.sub("", text)).split())


def texts(notes: Notes, product: str, downtime: str, contact: str) -> Texts:
    """What both audiences would read now; people mend it before it goes out. Known issues are word for word."""
    new = _plain(notes.lines(Heading.FEATURES, Heading.IMPROVEMENTS))
    solved = _plain(notes.lines(Heading.FIXES))
    better = f"{len(solved)} {'fix' if len(solved) == 1 else 'fixes'}." if solved else ""
    return Texts(
        StakeholderText(gets=new, better=better),
        SupportText(
            new=new,
            solved=solved,
            known_issues=tuple(line.text for line in notes.lines(Heading.KNOWN))[:MOST_LINES],
            downtime=downtime,
            contact=contact,
            say=f"We updated {product} today. If a page looks odd, please reload it once. "
            "If it still does, tell me and we look into it.",
        ),
    )


def _plain(lines: Iterable[Line]) -> tuple[str, ...]:
    """Lines in words for people outside the team, each once."""
    told = (_KEY.sub("", line.text).strip(" .,;:-") for line in lines if line.edited_by or not _CODE.search(line.text))
    return tuple(dict.fromkeys(text[:LONGEST_LINE] for text in told if text))[:MOST_LINES]
