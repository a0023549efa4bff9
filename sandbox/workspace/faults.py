"""Faults by rule: what goes wrong on the n-th call of a method, so that a bot can be shown to survive it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from sandbox.workspace.records import Json

Kind = Literal[
    "drop",  # stored, then the line is cut without an answer
    "store_late",  # the line is cut at once, stored `seconds` later when the client has gone
    "answer_late",  # stored at once, answered `seconds` later
    "stall",  # nothing happens for `seconds`, then as usual
    "error_before",  # 500, nothing stored
    "error_after",  # stored, then 500
    "rate_limited",  # 429 with Retry-After `seconds`, nothing stored
    "reset",  # the socket is reset, nothing stored
    "refuse",  # answered with the Slack error `code`, nothing stored
]


@dataclass
class Rule:
    """One rule; `nth` counts calls of the method from the moment the rule was made, 0 means every call."""

    method: str
    kind: Kind
    nth: int = 0
    seconds: float = 1.0
    code: str = "internal_error"
    channel: str = ""
    times: int = 0
    hits: int = 0
    seen: int = 0

    def matches(self, method: str, args: Json) -> bool:
        """Count the call, and say whether it is the one to spoil."""
        if self.method not in ("*", method) or (self.channel and args.get("channel") != self.channel):
            return False
        self.seen += 1
        due = self.nth in (0, self.seen) and (self.times == 0 or self.hits < self.times)
        self.hits += due
        return due


@dataclass
class Faults:
    """All rules in force; the first that matches a call decides."""

    rules: list[Rule] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)

    def add(self, method: str, kind: Kind, **more: Any) -> Rule:
        """Put a rule in force: `faults.add("chat.postMessage", "drop", nth=2)`."""
        unknown = set(more) - {one.name for one in fields(Rule)}
        if kind not in get_args(Kind) or unknown:
            raise ValueError(f"no such fault: {kind} {sorted(unknown)}")
        rule = Rule(method, kind, **more)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Take all rules away."""
        self.rules.clear()

    def pick(self, method: str, args: Json) -> Rule | None:
        """The rule that spoils this call; every rule counts the call."""
        matching = [rule for rule in self.rules if rule.matches(method, args)]
        if matching:
            self.happened[f"{method} {matching[0].kind}"] += 1
            return matching[0]
        return None
