"""The tables of feature flags; `seq` is the entry that wrote a row, of the chain `flags` or `flags:<environment>`."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, PrimaryKeyConstraint, Table, Text, text

from core.store.columns import Instant, JsonText, Number, Words
from core.store.schema import metadata, partial

flag = Table(
    "flag", metadata,
    Column("key", Text, primary_key=True),  # what is hashed; never changes
    Column("name", Words, nullable=False),
    Column("record", JsonText, nullable=False),
    Column("archived_at", Instant),
    Column("seq", Number, nullable=False),
)
partial("uq_flag_name", flag.c.name, where=text("archived_at IS NULL"), unique=True)

flag_setting = Table(
    "flag_setting", metadata,
    Column("environment", Text, nullable=False),
    Column("key", Text, ForeignKey("flag.key"), nullable=False),
    Column("record", JsonText, nullable=False),
    Column("seq", Number, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("environment", "key"),
)

flag_segment = Table(
    "flag_segment", metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("record", JsonText, nullable=False),
    Column("seq", Number, nullable=False),
)

# --- what SDKs report, and the apps that were heard of
flag_usage = Table(
    "flag_usage", metadata,
    Column("environment", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("app", Words, nullable=False),
    Column("day", Text, nullable=False),
    Column("variant", Words, nullable=False),  # '' for on and off as such
    Column("yes", Number, nullable=False),
    Column("no", Number, nullable=False),
    PrimaryKeyConstraint("environment", "name", "app", "day", "variant"),
)

flag_client = Table(
    "flag_client", metadata,
    Column("environment", Text, nullable=False),
    Column("app", Words, nullable=False),
    Column("sdk", Words, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    PrimaryKeyConstraint("environment", "app"),
)

# --- what waits: for a second person, for its hour, or for somebody who looks at it afterwards
flag_waiting = Table(
    "flag_waiting", metadata,
    Column("id", Words, primary_key=True),  # environment and number of the entry that began it
    Column("kind", Text, nullable=False),  # proposal, rollout or review
    Column("key", Text, ForeignKey("flag.key"), nullable=False),
    Column("environment", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("due_at", Instant),  # when something happens by itself: a step, or somebody is asked again
    Column("record", JsonText, nullable=False),
)
partial("ix_flag_waiting_open", flag_waiting.c.due_at, where=text("open"))
