"""SQL of a migration: its part up and its part down, and what each of its statements does to the database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.domain.notes.model import Effect

Step = tuple[str, tuple[Effect, ...]]  # what it does in plain words ("" = not worth a line), and its effects

_TABLE = r"(?:IF (?:NOT )?EXISTS\s{1,5})?(?:ONLY\s{1,5})?[\"'`]?([\w.]{1,100})[\"'`]?"
_SAID: tuple[tuple[str, str, Effect], ...] = (
    (r"\bDROP\s{1,5}TABLE\s{1,5}" + _TABLE, "drops table `{0}`", "takes"),
    (r"\bTRUNCATE\s{1,5}(?:TABLE\s{1,5})?" + _TABLE, "empties table `{0}`", "takes"),
    (r"\bDELETE\s{1,5}FROM\s{1,5}" + _TABLE + r"\s{0,5}(?:;|\Z)", "empties table `{0}`", "takes"),
    (r"\bDROP\s{1,5}COLUMN\s{1,5}" + _TABLE, "drops column `{0}`", "takes"),
    (r"\bRENAME\s{1,5}(?:COLUMN\s{1,5})?" + _TABLE + r"\s{1,5}TO\b", "renames `{0}`", "renames"),
    (r"\bALTER\s{1,5}COLUMN\s{1,5}" + _TABLE + r"\s{1,5}(?:SET\s{1,5}DATA\s{1,5})?TYPE\b",
     "changes the type of `{0}`, which may lock its table for long", "tightens"),
    (r"\bALTER\s{1,5}COLUMN\s{1,5}" + _TABLE + r"\s{1,5}SET\s{1,5}NOT\s{1,5}NULL", "`{0}` must have a value "
     r"from now on", "tightens"),
    (r"\bCREATE\s{1,5}(?:UNIQUE\s{1,5})?INDEX\s{1,5}(?!CONCURRENTLY)" + _TABLE,
     "makes index `{0}`, which locks writing to its table meanwhile", "adds"),
    (r"\bCREATE\s{1,5}TABLE\s{1,5}" + _TABLE, "adds table `{0}`", "adds"),
    (r"\bADD\s{1,5}COLUMN\s{1,5}" + _TABLE, "adds column `{0}`", "adds"),
)  # fmt: skip
_STATEMENTS = tuple((re.compile(pattern, re.IGNORECASE), told, effect) for pattern, told, effect in _SAID)
# Statements that say nothing of their own: what they begin with, and what they do to the version before.
_BEGINNINGS: tuple[tuple[str, Effect | None], ...] = (
    (r"(?:BEGIN|START|COMMIT|END|SET|SELECT|COMMENT|GRANT|ANALYZE|VACUUM|PRAGMA|USE|LOCK)\b", None),
    (r"(?:INSERT|UPDATE|DELETE|MERGE|REPLACE|COPY|WITH)\b", "data"),
    (r"CREATE\s{1,5}UNIQUE\b", "tightens"),
    (r"CREATE\s{1,5}(?:INDEX|TYPE|SEQUENCE|SCHEMA|EXTENSION|VIEW|MATERIALIZED|FUNCTION|DOMAIN)\b", "adds"),
    (r"DROP\s{1,5}(?:INDEX|TRIGGER|POLICY)\b", "loosens"),
    (r"DROP\s{1,5}(?:VIEW|MATERIALIZED|TYPE|FUNCTION|SCHEMA|SEQUENCE|DOMAIN|EXTENSION|DATABASE)\b", "takes"),
    (r"ALTER\s{1,5}TYPE\b.{1,200}\bADD\s{1,5}VALUE\b", "adds"),
    (r"ALTER\s{1,5}TABLE\b.{1,300}\b(?:ADD\s{1,5}(?:CONSTRAINT|CHECK|FOREIGN|UNIQUE|PRIMARY))\b", "tightens"),
    (r"ALTER\s{1,5}TABLE\b.{1,300}\bDROP\s{1,5}(?:CONSTRAINT|NOT\s{1,5}NULL|DEFAULT)\b", "loosens"),
    (r"ALTER\s{1,5}TABLE\b.{1,300}\bSET\s{1,5}DEFAULT\b", "loosens"),
    (r"REFRESH\b|REINDEX\b|CLUSTER\b", None),
)  # fmt: skip
_BEGINS = tuple((re.compile(pattern, re.IGNORECASE), effect) for pattern, effect in _BEGINNINGS)
_COMMENT = re.compile(r"--[^\n]{0,2000}|/\*(?:[^*]|\*(?!/)){0,20000}\*/")
_DOWN = re.compile(
    r"^[ \t]{0,8}--[ \t]{0,8}(?:migrate:down|\+goose[ \t]{1,8}Down|\+migrate[ \t]{1,8}Down|//@UNDO|rollback\b)",
    re.IGNORECASE | re.MULTILINE,
)
_ADDED = re.compile(r"\bADD\s{1,5}COLUMN\b", re.IGNORECASE)
_REQUIRED = re.compile(r"\bNOT\s{1,5}NULL\b", re.IGNORECASE)
_FILLED = re.compile(r"\b(?:DEFAULT|GENERATED|SERIAL|BIGSERIAL|IDENTITY|AUTO_INCREMENT)\b", re.IGNORECASE)
_UNIQUE = re.compile(r"\bCREATE\s{1,5}UNIQUE\b", re.IGNORECASE)
MOST_STATEMENTS = 2000


def parts(text: str) -> tuple[str, str]:
    """What goes up and what comes down again, where one file has both: dbmate, goose, sql-migrate, MyBatis."""
    found = _DOWN.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


def has_statement(text: str) -> bool:
    return bool(_COMMENT.sub(" ", text).strip(" \t\r\n;"))


def steps_in(text: str) -> list[Step]:
    """Each statement that does something, in their order; one that nobody here understands is "unknown"."""
    found: list[Step] = []
    plain = _COMMENT.sub(" ", text)
    for statement in plain.split(";")[:MOST_STATEMENTS]:
        if statement.strip():
            found += _of(statement)
    return found


def _of(statement: str) -> Iterator[Step]:
    known = sorted(
        (m.start(), told.format(m[1]), effect) for pattern, told, effect in _STATEMENTS
        for m in pattern.finditer(statement)
    )  # fmt: skip
    for at, told, effect in known:
        yield told, (_sharper(statement, at, effect),)
    rest = _silent(statement.strip())
    if rest is not None and not (known and rest in ("unknown", "adds")):
        yield "", (rest,)


def _sharper(statement: str, at: int, effect: Effect) -> Effect:
    """A column that must have a value and gets none by itself, and a unique index, bind the version before too."""
    if effect != "adds":
        return effect
    if _UNIQUE.match(statement, at):
        return "tightens"
    if _ADDED.match(statement, at):
        more = _ADDED.search(statement, at + 3)
        column = statement[at : more.start() if more else len(statement)]
        return "tightens" if _REQUIRED.search(column) and not _FILLED.search(column) else effect
    return effect


def _silent(statement: str) -> Effect | None:
    flat = re.sub(r"\s{1,200}", " ", statement[:600])
    for pattern, effect in _BEGINS:
        if pattern.match(flat):
            return effect
    return "unknown"
