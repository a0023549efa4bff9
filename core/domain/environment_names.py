"""The four environments of a product by name, written once: policy, locks, pipelines and flags speak of the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args

EnvName = Literal["development", "integration", "staging", "production"]
ON_THE_WAY: tuple[EnvName, ...] = get_args(EnvName)  # in the order in which a change comes to them

V = TypeVar("V")


def told_of(environment: str, known: Mapping[Any, V]) -> V | None:
    """What is known of an environment; None for one of another name, or of which nothing is known."""
    return known.get(environment)
