"""From commits to changes: the unit is the pull request, and a merge commit is no change of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.domain.release import Change

_MERGED = re.compile(r"^Merge pull request #(\d+)\b")


def fold(commits: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    """The changes of a range, newest first as given.

    `commits` are JSON of `core.domain.repository.Commit` (parents may be missing). Merges are left out, except a
    merged pull request, whose title stands in the body and whose number nothing else in the range carries. Of
    several commits with one pull request number the newest stands for all.
    """
    rows = list(commits)
    numbered = {c.get("pull") for c in rows if c.get("pull") and len(c.get("parents", ())) < 2}
    seen: set[int] = set()
    found: list[Change] = []
    for commit in rows:
        pull, subject = commit.get("pull"), str(commit["subject"])
        if len(commit.get("parents", ())) > 1:
            merged = _MERGED.match(subject)
            title = str(commit.get("body", "")).strip().splitlines()[:1]
            if not merged or int(merged[1]) in numbered or not title:
                continue
            pull, subject = int(merged[1]), title[0]
        if pull is not None and pull in seen:
            continue
        if pull is not None:
            seen.add(pull)
        found.append(
            Change(
                commit["sha"],
                subject[:300],
                commit["author"],
                commit["email"],
                pull,
                str(commit.get("body", ""))[:2000],
            )
        )
    return tuple(found)
