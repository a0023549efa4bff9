"""Frozen dataclasses of the domain as JSON and back, by their type hints.

What a stored record lacks takes the field's default, and what the class does not know is left out: while
an upgrade is rolled out, two versions of the code read the same rows.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from core.store.columns import instant, iso

T = TypeVar("T")
_PLAIN = frozenset({str, int, float, bool, type(None)})  # nearly every value is one of these


def encode(value: Any) -> Any:
    """JSON-able data; fields that still have an empty default are kept too, so that a record reads whole."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if (names := _names(kind)) is not None:
        return {name: encode(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(encode(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    return tuple(f.name for f in fields(kind)) if is_dataclass(kind) else None


def decode(kind: type[T], data: Mapping[str, Any]) -> T:
    """The dataclass `kind` that `data` was made from."""
    return cast(T, _reader(cast(Any, kind))(data))


@cache
def _reader(hint: Hashable) -> Callable[[Any], Any]:
    """How to read one hint; made once per type, so that reading a release walks no hints."""
    origin = get_origin(hint)
    if isinstance(hint, type) and origin is None:
        return _plain_reader(hint)
    if origin in (Union, types.UnionType):
        return _optional_reader(hint)
    if origin in (tuple, frozenset, set, list):
        read_item = _reader(get_args(hint)[0])
        return lambda data: origin(read_item(item) for item in data)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        read_value = _reader(get_args(hint)[1])
        return lambda data: {key: read_value(item) for key, item in data.items()}
    if origin is Literal or hint is Any:
        return _same
    raise TypeError(f"no reading of {hint!r} from JSON")


def _same(data: Any) -> Any:
    return data


def _optional_reader(hint: Any) -> Callable[[Any], Any]:
    options = [option for option in get_args(hint) if option is not type(None)]
    if len(options) != 1:
        raise TypeError(f"no reading of {hint!r} from JSON: which of them it was is not stored")
    read = _reader(options[0])
    return lambda data: None if data is None else read(data)


def _plain_reader(kind: type) -> Callable[[Any], Any]:
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if issubclass(kind, datetime):
        return instant
    if issubclass(kind, date):
        return date.fromisoformat
    if issubclass(kind, Enum) or kind is float:
        return kind
    return _same


def _dataclass_reader(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers: list[tuple[str, Callable[[Any], Any] | None]] = []  # None: as it is

    def read(data: Mapping[str, Any]) -> Any:
        if not readers:  # looked up late: a dataclass may hold tuples of its own kind
            found = [(f.name, _reader(hints[f.name])) for f in fields(cast(Any, kind)) if f.init]
            readers[:] = [(name, None if how is _same else how) for name, how in found]  # at once: threads read too
        return kind(**{name: how(data[name]) if how else data[name] for name, how in readers if name in data})

    return read
