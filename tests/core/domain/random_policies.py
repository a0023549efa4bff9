"""Policies drawn at random: who holds what, how many sign, what is asked and how it is met, when signatures expire.

Each is the shipped policy with everything changed that says who decides about a release. What `parse_policy` refuses
is drawn again, so that only policies come out which a team could really run.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from random import Random
from typing import Any

from core.domain.policy import Policy, PolicyFaults, parse_policy
from tests.policies import simulated_text

KINDS = ("automated", "regression", "uat", "performance", "security", "limited", "accessibility", "plan")
ROLES = ("release_manager", "tech_lead", "qa", "product_manager", "devops", "support", "executive")
ACTS = ("candidate", "ready", "back", "hold", "cancel", "start", "start_hotfix", "begin", "freeze")
RULES = ("features_merged", "branch_created", "version_written", "notes_drafted")
SHIPPED = simulated_text()
FIRST_DAY = date(2026, 12, 1)


@dataclass(frozen=True)
class Drawn:
    """A policy as text, as plain data and as the product reads it, with who is in its user groups at first."""

    raw: Mapping[str, Any]
    policy: Policy
    groups: Mapping[str, tuple[str, ...]]


def toml(value: Any) -> str:
    """A value in one line of TOML."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


@cache
def drawn(seed: int) -> Drawn:
    """The policy of a number, always the same."""
    dice = Random(seed)
    while True:
        raw, groups = _changed(dice)
        text = "\n".join(f"{key} = {toml(value)}" for key, value in raw.items())
        try:
            return Drawn(tomllib.loads(text), parse_policy(text), groups)
        except PolicyFaults:
            continue


def _changed(dice: Random) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    raw = deepcopy(tomllib.loads(SHIPPED))
    raw.pop("duties", None)
    people = list(raw["people"])
    groups: dict[str, tuple[str, ...]] = {}
    for number, role in enumerate(ROLES):
        chosen = dice.sample(people, dice.randint(2, 4))
        del raw["roles"][role]["people" if "people" in raw["roles"][role] else "group"]
        if dice.random() < 0.4:
            raw["roles"][role]["group"] = f"S0G{number}"
            groups[f"S0G{number}"] = tuple(raw["people"][p]["slack"] for p in chosen)
        else:
            raw["roles"][role]["people"] = chosen
    for act in ACTS:
        raw["permissions"][act] = dice.sample(ROLES, dice.randint(1, 3))
    for rules in raw["types"].values():
        _type(dice, rules)
    goes = {role for rules in raw["types"].values() for role in rules["go"]}
    raw["environments"]["production"]["deploy"] = sorted(goes) if dice.random() < 0.6 else []
    raw["permissions"]["deploy"] = sorted(goes | set(dice.sample(ROLES, 2)))
    raw["signoffs"] = dict(_items(dice, raw))
    raw["approvals"]["expire_days"] = dice.choice((1, 2, 7, 20))
    raw["override"] = _override(dice, raw) if dice.random() < 0.7 else {}
    if dice.random() < 0.3:
        last = date(2026, 12, dice.randint(1, 24))
        raw["freezes"] = [{"name": "year end", "first": FIRST_DAY, "last": last}]
    return raw, groups


def _type(dice: Random, rules: dict[str, Any]) -> None:
    """Who approves, who goes, which tests; the phases and the train stay as the lifecycle has them."""
    seats = [(role, dice.choice((1, 1, 1, 2))) for role in dice.sample(ROLES, dice.choice((1, 1, 2, 3)))]
    rules["approvals"] = [{"role": role, "count": count} for role, count in seats]
    rules["tests"] = dice.sample(KINDS, dice.randint(1, 4))
    rules["go"] = dice.sample(ROLES, dice.choice((1, 1, 2)))
    rules["authors_may_not_approve"] = dice.random() < 0.5
    rules.pop("notice_days", None)


def _items(dice: Random, raw: Mapping[str, Any]) -> Any:
    """The shipped items with another owner and another way, what the types' tests need, and some more."""
    kinds = list(raw["types"])
    for name, item in raw["signoffs"].items():
        if name.startswith("tests.") or dice.random() < 0.4:
            continue
        item["role"] = dice.choice(ROLES)
        if item["gate"] in ("ready", "go") and dice.random() < 0.6:
            _met(dice, item)
        yield name, item
    for test in KINDS:
        how = dice.choice(("evidence", "evidence", "sign-off"))
        item = {"title": f"Test {test}", "role": dice.choice(ROLES), "gate": dice.choice(("ready", "go")), "met": how}
        late = {"after_staging": item["gate"] == "go" and dice.random() < 0.4}
        yield f"tests.{test}", item | late | ({"by": test} if how == "evidence" else {})
    for number in range(dice.randint(0, 3)):
        item = {"title": f"Extra {number}", "role": dice.choice(ROLES), "gate": dice.choice(("ready", "go"))}
        _met(dice, item)
        yield f"extra.{number}", item | {"types": dice.sample(kinds, dice.randint(1, 4))}


def _met(dice: Random, item: dict[str, Any]) -> None:
    """One of the ways in which an item can be met, with what belongs to it."""
    for key in ("by", "subject", "after_staging", "stands_in_for"):
        item.pop(key, None)
    item["met"] = dice.choice(("sign-off", "evidence", "automatic"))
    if item["met"] == "evidence":
        item |= {"by": dice.choice(KINDS), "after_staging": item["gate"] == "go" and dice.random() < 0.3}
    elif item["met"] == "automatic":
        item["by"] = dice.choice(RULES)
    else:
        item |= {"subject": dice.choice(("content", "release"))} | ({"by": "approval"} if dice.random() < 0.3 else {})


def _override(dice: Random, raw: Mapping[str, Any]) -> dict[str, Any]:
    gates = ("approval", "window", "freeze", *(f"signoff.{name}" for name in raw["signoffs"]))
    never = dice.sample(gates, dice.randint(0, 2))
    return {"roles": dice.sample(ROLES, dice.randint(2, 4)), "reviewers": dice.sample(ROLES, 2),
            "hours": dice.randint(1, 48), "never": never}  # fmt: skip
