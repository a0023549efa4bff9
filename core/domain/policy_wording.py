"""What is wrong with an entry of the policy file, in words of our own: what stands there, and what may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LONGEST = 40
_FORMS = {  # the last part of the path -> what its text looks like
    "slack": "a Slack id such as U0123ABCD",
    "group": "the id of a Slack user group such as S0123ABC",
    "team": "a channel's name in small letters without blanks, or its id",
    "main": "the name of a branch",
    "develop": "the name of a branch",
}
_FORMS |= dict.fromkeys(("stakeholders", "support"), _FORMS["team"])
_KINDS = {  # how pydantic's types of error begin -> what belongs there
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string_type": 'text in quotation marks, such as "main"',
    "tuple": 'a list in brackets, such as ["priya"]',
    "list": 'a list in brackets, such as ["priya"]',
    "dict": "a table of its own",
    "mapping": "a table of its own",
    "model": "a table of its own",
    "date": "a day such as 2026-12-02, without quotation marks",
    "time": "a time such as 10:00:00, without quotation marks",
}


def where(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Where it is wrong: for a wrong name of a table the name itself."""
    return tuple(step for step in error["loc"] if step != "[key]")


def worded(error: Mapping[str, Any]) -> str:
    """One fault of the shape as a sentence that follows its path."""
    kind, told = str(error["type"]), error.get("ctx") or {}
    if kind == "extra_forbidden":
        return "is not a known key"
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    if "[key]" in error["loc"]:
        return f"is not a known name here; known are {told['expected']}" if "expected" in told else _form(error)
    limit = _limit(kind, told)
    if limit:
        return f"{limit}, and is {_shown(error['input'])}"
    if kind in ("literal_error", "enum"):
        return f"must be {told['expected']}, and is {_shown(error['input'])}"
    if kind == "string_pattern_mismatch":
        return _form(error)
    wanted = next((words for name, words in _KINDS.items() if kind.startswith(name)), "")
    return f"must be {wanted}, and is {_shown(error['input'])}" if wanted else f"cannot be {_shown(error['input'])}"


def _form(error: Mapping[str, Any]) -> str:
    last = next((str(step) for step in reversed(where(error)) if not isinstance(step, int)), "")
    named = "[key]" in error["loc"] or last not in _FORMS
    wanted = "a short name: a letter first, then small letters, digits, dots, dashes or underscores"
    return f"must be {wanted if named else _FORMS[last]}, and is {_shown(error['input'])}"


def _limit(kind: str, told: Mapping[str, Any]) -> str:
    if kind == "greater_than_equal":
        return f"must be at least {told['ge']}"
    if kind == "less_than_equal":
        return f"must be at most {told['le']}"
    if kind.endswith("too_short"):
        least = told["min_length"]
        return "must not be empty" if least == 1 else f"must be at least {least} long"
    return f"must be at most {told['max_length']} long" if kind.endswith("too_long") else ""


def _shown(value: object) -> str:
    """What stands there, as it would be written in the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
        return f'"{text}"'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return str(value)[:LONGEST]
