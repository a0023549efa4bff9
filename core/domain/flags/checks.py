"""What is wrong with a flag, a setting or a segment, in words and all at once, before any of it is stored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from core.domain.flags.constraints import ONE_OPERAND, matcher
from core.domain.flags.model import KINDS, Constraint, Setting, Variant

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.~-]{0,99}")  # it stands in addresses
LONGEST_ID, LONGEST_TEXT = 200, 500
MOST_PEOPLE, MOST_RULES, MOST_VALUES = 2_000, 50, 2_000
HEAVIEST = 1_000
PAYLOADS = ("string", "number", "json", "csv")


def faults_of_flag(name: str, kind: str, description: str) -> list[str]:
    found = [] if NAME.fullmatch(name) else ["the name has 1 to 100 letters, digits and _ . ~ -, without spaces"]
    if kind not in KINDS:
        found.append(f"the kind is one of {', '.join(KINDS)}")
    if len(description) > LONGEST_TEXT:
        found.append(f"the description has at most {LONGEST_TEXT} characters")
    return found


def faults_of_setting(
    setting: Setting, name: str, parents: Mapping[str, bool], segments: Collection[int], children: Collection[str] = ()
) -> list[str]:
    """`parents` are all flags of the environment and whether each depends on others itself, `segments` those that
    exist, `children` the flags that depend on this one."""
    found = list(_people(setting))
    found += [fault for c in setting.constraints for fault in faults_of_constraint(c)]
    found += [f"there is no segment {one}" for one in setting.segments if one not in segments]
    found += list(_arms(setting.variants))
    for part in (setting.constraints, setting.segments, setting.variants, setting.dependencies):
        if len(part) > MOST_RULES:
            found.append(f"there are at most {MOST_RULES} rules of one sort")
    for parent in setting.dependencies:
        if parent.feature == name:
            found.append("it cannot depend on itself")
        elif parent.feature not in parents:
            found.append(f"it depends on {parent.feature}, which does not exist")
        elif parents[parent.feature]:
            found.append(f"it depends on {parent.feature}, which depends on another flag itself; SDKs look no further")
    if setting.dependencies and children:
        others = ", ".join(sorted(children))
        found.append(f"{others} depends on it, so it cannot depend on another; SDKs look no further")
    return list(dict.fromkeys(found))


def _people(setting: Setting) -> Iterator[str]:
    if isinstance(setting.percentage, bool) or not isinstance(setting.percentage, int):
        yield "the percentage is a whole number; SDKs know no finer step"
    elif not 0 <= setting.percentage <= 100:
        yield f"the percentage is between 0 and 100, not {setting.percentage}"
    if len(setting.user_ids) > MOST_PEOPLE:
        yield f"at most {MOST_PEOPLE} people are named; use a constraint or a segment"
        return  # nobody reads what else is wrong with ten thousand of them
    for one in setting.user_ids:
        if not one.strip() or one != one.strip() or "," in one or len(one) > LONGEST_ID or not _plain(one):
            yield f"{one[:40]!a} is no user id: 1 to {LONGEST_ID} characters without commas or spaces at its ends"


def faults_of_constraint(constraint: Constraint) -> list[str]:
    what = f"the condition on {constraint.context or '?'}"
    found = [] if constraint.context else ["a condition names no field of the context"]
    if len(constraint.values) > MOST_VALUES:
        found.append(f"{what} has more than {MOST_VALUES} values")
    if any(len(v) > LONGEST_TEXT or not _plain(v) for v in (*constraint.values, constraint.value)):
        found.append(f"{what} has a value of more than {LONGEST_TEXT} characters, or one that is no text")
        return found
    try:
        matcher(constraint)
    except ValueError as error:
        found.append(f"{what}: {error}")
        return found
    if constraint.operator in ONE_OPERAND and not constraint.value:
        found.append(f"{what}: {constraint.operator} needs a value")
    return found


def _arms(variants: tuple[Variant, ...]) -> Iterator[str]:
    for name, number in Counter(v.name for v in variants).items():
        if number > 1:
            yield f"there are {number} variants {name}"
        if not NAME.fullmatch(name) or name == "disabled":
            yield f"{name[:40]!a} is no name of a variant"
    if any(not 0 <= v.weight <= HEAVIEST for v in variants):
        yield f"weights are between 0 and {HEAVIEST}"
    if variants and not any(v.weight for v in variants):
        yield "one variant at least needs a weight"
    if len({v.stickiness for v in variants}) > 1:
        yield "all variants of a flag have the same stickiness"
    for one in variants:
        if one.payload and one.payload.type not in PAYLOADS:
            yield f"the payload of {one.name} is {', '.join(PAYLOADS)}, not {one.payload.type[:40]!a}"


def _plain(text: str) -> bool:
    """Whether it can be written as UTF-8, and holds no control characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return all(c.isprintable() or c == "\n" for c in text)
