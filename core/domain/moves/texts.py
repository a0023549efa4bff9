"""First drafts of what stakeholders and support read, from the subjects of the changes.

No commit, branch, flag or pull request number: only what the subject says, in plain words. People mend it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.domain.policy import Policy
from core.domain.release import Change, StakeholderText, SupportText, Texts

_PREFIX = re.compile(
    r"^(?P<kind>feat|fix|perf|refactor|docs|test|tests|build|ci|chore|style|revert|security|deps)"
    r"(?:\([^)]*\))?!?:\s*",
    re.IGNORECASE,
)
_PULL = re.compile(r"\s*\(#\d+\)\s*$")
_KEY = re.compile(r"\s*[\[(]?\b[A-Z][A-Z0-9]{1,9}-\d{1,6}\b[\])]?")
_INNER = {"refactor", "docs", "test", "tests", "build", "ci", "chore", "style", "deps"}
_FIXED = re.compile(r"^(fix|correct|repair|solve|prevent|avoid|stop)\w*\b", re.IGNORECASE)
_CODE = re.compile(  # what only the team reads: flags, branches, paths, calls, pull requests, commits
    r"[`_/\\]|\b\w+\(\)|::|#\d+|\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}\b"
)
_MERGE = re.compile(r"^Merge (branch|pull request|remote-tracking|tag)\b", re.IGNORECASE)


def kind_of(subject: str) -> str:
    """new | fix | inner: by the conventional prefix where there is one, else by the first word."""
    found = _PREFIX.match(subject)
    if found:
        kind = found["kind"].lower()
        return "fix" if kind in ("fix", "revert", "security") else "inner" if kind in _INNER else "new"
    return "inner" if _MERGE.match(subject) else "fix" if _FIXED.match(subject) else "new"


def plain(subject: str) -> str:
    """A subject in words for people outside the team: without prefix, number and issue key, cut at 120."""
    text = _KEY.sub("", _PULL.sub("", _PREFIX.sub("", subject))).strip(" .,;:-")
    return (text[:1].upper() + text[1:])[:120]


def draft(changes: Sequence[Change], policy: Policy) -> Texts:
    """A draft for both audiences; what names code (a flag, a path) is left to a person to put in words."""
    told = [(kind_of(c.subject), plain(c.subject)) for c in changes]
    new = tuple(dict.fromkeys(text for kind, text in told if kind == "new" and not _CODE.search(text)))[:8]
    solved = tuple(dict.fromkeys(text for kind, text in told if kind == "fix" and not _CODE.search(text)))[:8]
    better = f"{len(solved)} {'fix' if len(solved) == 1 else 'fixes'}." if solved else ""
    name = policy.product.name
    return Texts(
        StakeholderText(gets=new, better=better),
        SupportText(
            new=new,
            solved=solved,
            downtime=policy.product.downtime,
            contact=policy.product.contact,
            say=f"We updated {name} today. If a page looks odd, please reload it once. "
            "If it still does, tell me and we look into it.",
        ),
    )
