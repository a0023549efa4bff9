"""How values lie in both databases: release time as text, transport time as seconds, JSON as text.

Release time (what is due, windows, audit) is ISO text of one width, so that it sorts as text, reads
well in a shell and is hashed exactly as stored. Transport time (leases, pauses) is float seconds of
the database's own clock, `db_now()`. Two types on purpose: comparing one clock with the other fails.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Float, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER
Seconds = Float(53)


def iso(at: datetime) -> str:
    """The one way an instant is written; refuses a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def to_json(value: Any) -> str:
    """ASCII only: a NUL or a lone surrogate in foreign text would be refused by PostgreSQL."""
    return _encoder().encode(value)


@cache
def _encoder() -> json.JSONEncoder:
    """What is written is made anew from values, so none holds itself; to ask takes a third of the time."""
    return json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False)


def plain(text: str) -> str:
    """Text that both databases can hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class Instant(TypeDecorator[datetime]):
    """An aware datetime of release time, stored as `2026-11-25T15:00:00.000000Z`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else iso(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


class JsonText(TypeDecorator[Any]):
    """A JSON value as text: the same bytes on both databases, readable by the driver alone."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Words(TypeDecorator[str]):
    """Text that people or other systems wrote."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else plain(value)


class db_now(FunctionElement[float]):
    """Transport time: seconds since 1970 by the database's clock, at the moment of the call."""

    type = Float()
    inherit_cache = True


@compiles(db_now, "postgresql")
def _postgresql_now(element: db_now, compiler: SQLCompiler, **kw: Any) -> str:
    return "extract(epoch from clock_timestamp())::float8"


@compiles(db_now, "sqlite")
def _sqlite_now(element: db_now, compiler: SQLCompiler, **kw: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"
