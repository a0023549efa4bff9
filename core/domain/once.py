"""Rules that are asked many times of the same facts and worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar


class Frozen(Protocol):
    """Facts that never change, with room for what was worked out of them. Other facts begin with an empty one."""

    @property
    def known(self) -> dict[Any, Any]: ...


F = TypeVar("F", bound=Frozen)
P = ParamSpec("P")
T = TypeVar("T")


def once(rule: Callable[Concatenate[F, P], T]) -> Callable[Concatenate[F, P], T]:
    """Of a rule about frozen facts and hashable words. What it answers is shared, so nobody may change it."""

    @wraps(rule)
    def asked(facts: F, /, *args: P.args, **more: P.kwargs) -> T:
        key = (rule, args, *more.items())
        if key not in facts.known:
            facts.known[key] = rule(facts, *args, **more)
        found: T = facts.known[key]
        return found

    return asked
