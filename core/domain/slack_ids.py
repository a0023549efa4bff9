"""What names a person in Slack: the one rule that tells an id from an account of the machine, a group or plain text."""

from __future__ import annotations

import re

PERSON = r"[UW][A-Z0-9]{2,20}"
_WHOLE = re.compile(PERSON)


def is_person(text: str) -> bool:
    """Whether it is a Slack id of somebody, and nothing else beside it."""
    return _WHOLE.fullmatch(text) is not None
