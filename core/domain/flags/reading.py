"""Conditions, variants and dependencies out of JSON in the form of Unleash, as people write them and SDKs get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from core.domain.flags.model import Constraint, Dependency, Override, Payload, Setting, Variant

T = TypeVar("T")
PARTS = ("constraints", "segments", "variants", "dependencies")


def rules_of(given: Mapping[str, Any], base: Setting) -> Setting:
    """`base` with the parts that are given in place of its own. Raises ValueError, in words, for what is none."""
    if not isinstance(given, Mapping) or set(given) - set(PARTS):
        raise ValueError("rules are an object with " + ", ".join(PARTS))
    found: dict[str, Any] = {}
    if "constraints" in given:
        found["constraints"] = constraints(given["constraints"])
    if "variants" in given:
        found["variants"] = variants(given["variants"])
    if "dependencies" in given:
        found["dependencies"] = dependencies(given["dependencies"])
    if "segments" in given:
        found["segments"] = _each("segments", given["segments"], _number)
    return replace(base, **found)


def constraints(given: Any) -> tuple[Constraint, ...]:
    return _each("constraints", given, _constraint)


def variants(given: Any) -> tuple[Variant, ...]:
    return _each("variants", given, _variant)


def dependencies(given: Any) -> tuple[Dependency, ...]:
    return _each("dependencies", given, _dependency)


def _each(what: str, given: Any, read: Callable[[Any], T]) -> tuple[T, ...]:
    if given is None:
        return ()
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ValueError(f"{what} are a list")
    try:
        return tuple(read(one) for one in given)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{what}: an entry lacks or holds what it may not: {error}") from error


def _constraint(found: Any) -> Constraint:
    return Constraint(
        _text(found["contextName"]),
        _text(found["operator"]),
        _texts(found.get("values")),
        _text(found.get("value") or ""),
        _yes(found.get("inverted", False)),
        _yes(found.get("caseInsensitive", False)),
    )


def _variant(found: Any) -> Variant:
    payload = found.get("payload")
    return Variant(
        _text(found["name"]),
        _number(found["weight"]),
        Payload(_text(payload["type"]), _text(payload["value"])) if payload else None,
        _text(found.get("stickiness") or ""),
        tuple(Override(_text(o["contextName"]), _texts(o["values"])) for o in found.get("overrides") or ()),
    )


def _dependency(found: Any) -> Dependency:
    return Dependency(_text(found["feature"]), _yes(found.get("enabled", True)), _texts(found.get("variants")))


def _texts(found: Any) -> tuple[str, ...]:
    if isinstance(found, str):
        raise TypeError(f"{found!r} is no list")
    return tuple(_text(one) for one in found or ())


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError(f"{found!r} is no text")
    return found


def _number(found: Any) -> int:
    if isinstance(found, bool) or not isinstance(found, int):
        raise TypeError(f"{found!r} is no whole number")
    return found


def _yes(found: Any) -> bool:
    if not isinstance(found, bool):
        raise TypeError(f"{found!r} is neither true nor false")
    return found
