"""The tables of what is kept and for how long: documents of closed releases, legal holds, and what has expired."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table, Text

from core.store.columns import Instant, JsonText, Number, Words
from core.store.schema import metadata

# --- documents of a release as they were when it was closed
archive = Table(
    "archive", metadata,
    Column("release_id", Number, ForeignKey("release.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("digest", Text, nullable=False),
    Column("text", Words, nullable=False),
    PrimaryKeyConstraint("release_id", "name"),
)

# --- releases of which nothing may be deleted
legal_hold = Table(
    "legal_hold", metadata,
    Column("release_id", Number, ForeignKey("release.id"), primary_key=True, autoincrement=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Words, nullable=False),
)

# --- what was deleted because of its age, with a digest of each thing, so that a copy of it can still be proven
expired = Table(
    "expired", metadata,
    Column("release_id", Number, ForeignKey("release.id"), nullable=False),
    Column("what", Text, nullable=False),  # logs | package
    Column("at", Instant, nullable=False),
    Column("things", JsonText, nullable=False),
    PrimaryKeyConstraint("release_id", "what"),
)

# --- one row for each month and product: who was first has done it
retention_month = Table(
    "retention_month", metadata,
    Column("product", Text, nullable=False),
    Column("month", Text, nullable=False),  # ISO, of the day on which things are deleted
    Column("told_at", Instant, nullable=False),
    Column("done_at", Instant),
    PrimaryKeyConstraint("product", "month"),
)
