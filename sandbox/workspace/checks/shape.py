"""The small grammar that payload checks are written in: each check looks at one value and reports what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any


@dataclass
class Report:
    """What is wrong with a payload, in Slack's words with a JSON pointer; also the surface it is meant for."""

    surface: str
    wrongs: list[str] = field(default_factory=list)

    def wrong(self, path: str, what: str) -> None:
        """Note one fault."""
        self.wrongs.append(f"{what} [json-pointer:{path}]")


Check = Callable[[Any, str, Report], None]


def string(longest: int, shortest: int = 1) -> Check:
    """A string within these lengths."""

    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, str):
            report.wrong(path, "must be a string")
        elif len(value) < shortest:
            report.wrong(path, f"must be more than {shortest - 1} characters")
        elif len(value) > longest:
            report.wrong(path, f"must be less than {longest + 1} characters")

    return check


def one_of(*allowed: str) -> Check:
    """One of these words."""

    def check(value: Any, path: str, report: Report) -> None:
        if value not in allowed:
            report.wrong(path, f"must be a valid enum value: {', '.join(allowed)}")

    return check


def boolean(value: Any, path: str, report: Report) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.wrong(path, "must be a boolean")


def whole(lowest: int, highest: int) -> Check:
    """A whole number in this range."""

    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.wrong(path, "must be an integer")
        elif not lowest <= value <= highest:
            report.wrong(path, f"must be between {lowest} and {highest}")

    return check


def array(of: Check, most: int, least: int = 1) -> Check:
    """A list with this many items, each checked."""

    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, list):
            report.wrong(path, "must be an array")
            return
        if len(value) < least:
            report.wrong(path, f"no fewer than {least} items allowed")
        if len(value) > most:
            report.wrong(path, f"no more than {most} items allowed")
        for index, item in enumerate(value):
            of(item, f"{path}/{index}", report)

    return check


def record(keys: Mapping[str, Check], required: Collection[str] = (), kind: str = "") -> Check:
    """An object with only these keys; `kind` is the `type` it must have, when it has one."""

    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.wrong(path, "must be an object")
            return
        if kind and value.get("type") != kind:
            report.wrong(f"{path}/type", f"must be {kind}")
        for key in required:
            if value.get(key) is None:
                report.wrong(path, f"missing required field: {key}")
        for key, item in value.items():
            if key == "type" and kind:
                continue
            if key not in keys:
                report.wrong(path, f"invalid additional property: {key}")
            elif item is not None:
                keys[key](item, f"{path}/{key}", report)

    return check


def by_type(kinds: Mapping[str, Check], place: str) -> Check:
    """An object whose `type` picks the check; a type that `place` does not take is refused."""

    def check(value: Any, path: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.wrong(path, "must be an object")
            return
        kind = value.get("type")
        if kind is None:
            report.wrong(path, "missing required field: type")
        elif not isinstance(kind, str) or kind not in kinds:
            report.wrong(f"{path}/type", f"unsupported type: {kind} in {place}")
        else:
            kinds[kind](value, path, report)

    return check


def both(*checks: Check) -> Check:
    """All of these checks."""

    def check(value: Any, path: str, report: Report) -> None:
        for one in checks:
            one(value, path, report)

    return check


def day(value: Any, path: str, report: Report) -> None:
    """A day as YYYY-MM-DD."""
    try:
        valid = date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        valid = False
    if not valid:
        report.wrong(path, "must be a valid date in the format YYYY-MM-DD")


def time_of_day(value: Any, path: str, report: Report) -> None:
    """A time as HH:mm."""
    try:
        valid = time.fromisoformat(value).strftime("%H:%M") == value
    except (TypeError, ValueError):
        valid = False
    if not valid:
        report.wrong(path, "must be a valid time in the format HH:mm")


def address(value: Any, path: str, report: Report) -> None:
    """A web address of at most 3,000 characters."""
    string(3000)(value, path, report)
    if isinstance(value, str) and not value.startswith(("https://", "http://", "mailto:", "slack://")):
        report.wrong(path, "must be a valid URL")
