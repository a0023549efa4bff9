"""What a database error means for a unit of work: try again, give up politely, or a bug of ours."""

from __future__ import annotations

import sqlite3
from enum import Enum

from asyncpg import InterfaceError, InternalClientError, PostgresError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.store.engines import is_locked


class Trouble(Enum):
    """Why a unit did not get through."""

    LOCKED = "SQLite's write lock is with another process"
    CLASH = "two units wanted the same rows in another order"
    LOST = "the connection broke; whether COMMIT arrived is unknown"
    SLOW = "a lock or a statement took longer than allowed"


class UnitClash(Exception):
    """Two units made the same thing at once; the one that came second runs again."""


TROUBLES = (DBAPIError, OSError, InternalClientError, UnitClash)  # what may be one; `trouble_of` says
DATABASE_FAULTS = (SQLAlchemyError, sqlite3.Error, PostgresError, InterfaceError, InternalClientError, OSError)
_CLASH = frozenset({"40001", "40P01"})
_SLOW = frozenset({"55P03", "57014"})
_LOST = frozenset({"25P03", "25P04", "53300", "57P01", "57P02", "57P03", "57P05"})


def words_of(error: BaseException) -> str:
    """What the driver says, as one line; further lines hold statements and values, which may be secret."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    cause = cause.__cause__ if isinstance(cause.__cause__, PostgresError) else cause  # without SQLAlchemy's wrapping
    return (str(cause).splitlines() or [""])[0].rstrip(".") or type(cause).__name__


def trouble_of(error: Exception) -> Trouble | None:
    """None for everything that trying again cannot cure."""
    if isinstance(error, UnitClash):
        return Trouble.CLASH
    if isinstance(error, (OSError, InternalClientError)):
        return Trouble.LOST
    if not isinstance(error, DBAPIError):
        return None
    if is_locked(error):
        return Trouble.LOCKED
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state in _CLASH:
        return Trouble.CLASH
    if state in _SLOW:
        return Trouble.SLOW
    if error.connection_invalidated or state in _LOST or state.startswith("08"):
        return Trouble.LOST
    return None
