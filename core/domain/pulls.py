"""The forms in which hosts write the number of a pull or merge request into a commit."""

from __future__ import annotations

import re

NUMBER = r"([1-9][0-9]{0,8})"
OF_MERGE = re.compile(rf"^Merge pull request #{NUMBER}\b(?: from (\S{{1,250}}))?")  # GitHub; its branch when told
BEHIND = re.compile(rf"\((?:#|!|pull request #){NUMBER}\)\s*$")  # at the end of a title
IN_BODY = re.compile(rf"^See merge request (?:[\w./-]{{1,200}})?!{NUMBER}[ \t]{{0,3}}$", re.MULTILINE)  # GitLab


def pull_number(subject: str, body: str = "") -> int | None:
    """The pull or merge request that a commit's text names, in the forms the hosts write themselves.

    A number in the middle of a sentence is a mention ("reverts #12") and does not count.
    """
    found = OF_MERGE.match(subject) or (BEHIND.search(subject) if "(" in subject else None)
    if found is None and "See merge request" in body:
        found = IN_BODY.search(body)
    return int(found[1]) if found else None
