"""What is known of who asks, as flat text: from the context of an SDK or of an OFREP request, however odd it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from core.domain.flags.model import USER

MOST_FIELDS = 200
LONGEST_VALUE = 2_000  # characters; what is longer is as if it were not there
TARGET = "targetingKey"


def context_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Fields and `properties` in one, each as text; what is empty, nested or odd is left out, never an error.

    OpenFeature's targeting key is the user's id.
    """
    found: dict[str, str] = {}
    _take(found, given)
    properties = given.get("properties")
    if isinstance(properties, Mapping):
        _take(found, properties)
    target = found.pop(TARGET, None)
    if target:
        found[USER] = target
    return found


def _take(found: dict[str, str], given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if len(found) >= MOST_FIELDS:
            return
        text = value if type(value) is str else _text(value)
        if text and len(text) <= LONGEST_VALUE and isinstance(name, str):
            found.setdefault(name, text)


def _text(value: Any) -> str:
    """As JavaScript writes it, because most SDKs do: true, 42, 1.5; "" for what has no such form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 1 << 64 else ""
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else repr(value)
    return ""
