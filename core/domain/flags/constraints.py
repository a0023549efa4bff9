"""Conditions on a context: every operator of Unleash as a function made once; one that cannot be read never holds."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import re2
from semver import Version

from core.domain.flags.model import Constraint

Context = Mapping[str, str]  # fields and properties in one, each as text; what is missing is not there
Check = Callable[[Context], bool]
Now = Callable[[], datetime]
Matches = Callable[[str], bool]
Compare = Callable[[Any, Any], Any]

NOW = "currentTime"
LARGEST_PATTERN = 1 << 20  # bytes that RE2 may spend on one expression; it never looks back, so time is linear


def never(_: Context) -> bool:
    return False


def always(_: Context) -> bool:
    return True


def check_of(constraint: Constraint, now: Now) -> Check:
    """The condition as a function; `now` is asked when a date is compared and the context names no time."""
    try:
        matches = matcher(constraint)
    except ValueError:
        return never
    name, missing, inverted = constraint.context, constraint.operator == "NOT_IN", constraint.inverted
    timed = is_timed(constraint)

    def holds(context: Context) -> bool:
        value = context.get(name)
        if value is None and timed:
            value = now().isoformat()
        return (missing if value is None else matches(value)) is not inverted

    return holds


def is_timed(constraint: Constraint) -> bool:
    """Whether it may hold now and not later, for the same context."""
    return constraint.context == NOW


def matcher(constraint: Constraint) -> Matches:
    """Whether a value fits. Raises ValueError, in words, for an operator or operand that is none."""
    if constraint.operator not in OPERATORS:
        raise ValueError(f"{constraint.operator} is no operator")
    return OPERATORS[constraint.operator](constraint)


def networks(values: Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Those of the values that are addresses or ranges of them."""
    found = []
    for value in values:
        try:
            found.append(ip_network(value.strip(), strict=False))
        except ValueError:
            continue
    return tuple(found)


def inside(ranges: Iterable[IPv4Network | IPv6Network], value: str) -> bool:
    try:
        address = ip_address(value.strip())
    except ValueError:
        return False
    return any(address in one for one in ranges)


def moment(text: str) -> datetime:
    """An instant; without a zone it is UTC. Raises ValueError."""
    found = datetime.fromisoformat(text.strip())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def number(text: str) -> float:
    """Raises ValueError, also for what is no number although Python reads it as one."""
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(f"{text} is no number")
    return found


def _version(text: str) -> Version:
    try:
        return Version.parse(text)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{text} is no version like 1.2.3") from error


def _in(c: Constraint) -> Matches:
    return frozenset(c.values).__contains__


def _not_in(c: Constraint) -> Matches:
    known = frozenset(c.values)
    return lambda value: value not in known


def _text(found: Callable[[str, str], bool]) -> Callable[[Constraint], Matches]:
    def make(c: Constraint) -> Matches:
        if c.case_insensitive:
            folded = [v.lower() for v in c.values]
            return lambda value: any(found(value.lower(), v) for v in folded)
        return lambda value: any(found(value, v) for v in c.values)

    return make


def _compared(read: Callable[[str], object], compare: Compare) -> Callable[[Constraint], Matches]:
    def make(c: Constraint) -> Matches:
        wanted = read(c.value)

        def matches(value: str) -> bool:
            try:
                return bool(compare(read(value), wanted))
            except (ValueError, OverflowError):
                return False

        return matches

    return make


def _regex(c: Constraint) -> Matches:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = LARGEST_PATTERN
    options.case_sensitive = not c.case_insensitive
    try:
        found = re2.compile(c.value, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError("is no expression that RE2 reads") from error

    def matches(value: str) -> bool:
        try:
            return found.search(value) is not None
        except UnicodeEncodeError:
            return False

    return matches


def _in_cidr(c: Constraint) -> Matches:
    ranges = networks(c.values)
    return lambda value: inside(ranges, value)


OPERATORS: Mapping[str, Callable[[Constraint], Matches]] = {
    "IN": _in,
    "NOT_IN": _not_in,
    "STR_STARTS_WITH": _text(str.startswith),
    "STR_ENDS_WITH": _text(str.endswith),
    "STR_CONTAINS": _text(operator.contains),
    "NUM_EQ": _compared(number, operator.eq),
    "NUM_GT": _compared(number, operator.gt),
    "NUM_GTE": _compared(number, operator.ge),
    "NUM_LT": _compared(number, operator.lt),
    "NUM_LTE": _compared(number, operator.le),
    "DATE_AFTER": _compared(moment, operator.gt),
    "DATE_BEFORE": _compared(moment, operator.lt),
    "SEMVER_EQ": _compared(_version, operator.eq),
    "SEMVER_GT": _compared(_version, operator.gt),
    "SEMVER_GTE": _compared(_version, operator.ge),
    "SEMVER_LT": _compared(_version, operator.lt),
    "SEMVER_LTE": _compared(_version, operator.le),
    "REGEX": _regex,
    "IN_CIDR": _in_cidr,
}
ONE_OPERAND = frozenset(name for name in OPERATORS if name[:4] in ("NUM_", "DATE", "SEMV", "REGE"))
