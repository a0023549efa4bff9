"""The flat rows that metrics are made of; each says nothing that its release's record and trail do not say."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text

from core.store.columns import Instant, JsonText, Number
from core.store.schema import metadata

shipped_deployment = Table(
    "shipped_deployment", metadata,
    Column("release_id", Number, ForeignKey("release.id"), nullable=False),
    Column("number", Integer, nullable=False),  # of its first run
    Column("product", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("train", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("done", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed", Text, nullable=False),
    Column("signal_at", Instant),
    Column("estimated", Boolean, nullable=False),
    Column("recovered_at", Instant),
    Column("back_at", Instant),
    Column("back_took", Integer),  # seconds
    PrimaryKeyConstraint("release_id", "number"),
)
Index("ix_shipped_deployment_at", shipped_deployment.c.product, shipped_deployment.c.finished_at)

shipped_change = Table(
    "shipped_change", metadata,
    Column("release_id", Number, ForeignKey("release.id"), nullable=False),
    Column("ident", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("train", Text, nullable=False),
    Column("live_at", Instant, nullable=False),
    Column("lead", Integer),  # seconds, also a negative number of them
    Column("cycle", Integer),
    Column("reviewed", Boolean),
    PrimaryKeyConstraint("release_id", "ident"),
)
# With all columns: a year of them is read in order from the index alone, in half the time.
Index(
    "ix_shipped_change_at",
    *(shipped_change.c[name] for name in (
        "product", "live_at", "release_id", "ident", "train", "lead", "cycle", "reviewed")),
)

release_story = Table(
    "release_story", metadata,
    Column("release_id", Number, ForeignKey("release.id"), primary_key=True, autoincrement=False),
    Column("product", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),  # the newest instant in it
    Column("record", JsonText, nullable=False),
)
Index("ix_release_story_at", release_story.c.product, release_story.c.last_at)
