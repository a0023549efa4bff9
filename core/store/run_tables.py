"""The tables of running pipelines. Leases are transport time; what people see is release time."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from core.store.columns import Instant, JsonText, Number, Seconds, Words
from core.store.schema import metadata, partial

run = Table(
    "run", metadata,
    Column("id", Number, primary_key=True),
    Column("product", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("release_id", Number),  # None: of no release, as what is put on integration
    Column("number", Integer, nullable=False),  # of the release's runs
    Column("kind", Text, nullable=False),  # deploy | roll back
    Column("body", JsonText, nullable=False),  # what is brought where, and its steps, as planned
    Column("state", Text, nullable=False),  # running | waiting | done | failed
    Column("stop_asked", Boolean, nullable=False),
    Column("end_step", Text, nullable=False),  # that a person wants ended at once; "" none
    Column("reason", Words, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", Seconds, nullable=False),
    Column("look_at", Seconds, nullable=False),  # not before
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
Index("ix_run_release", run.c.release_id, run.c.number)
partial("uq_run_environment", run.c.product, run.c.environment, where=text("ended_at IS NULL"), unique=True)
partial("ix_run_open", run.c.look_at, where=text("state = 'running'"))

step = Table(
    "step", metadata,
    Column("run_id", Number, ForeignKey("run.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("machine", Text, nullable=False),  # where its command runs
    Column("ref", Words, nullable=False),  # a host's id, or the command's folder
    Column("line", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("rc", Integer),
    Column("found", JsonText),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("run_id", "name", "attempt"),
)

step_log = Table(
    "step_log", metadata,
    Column("run_id", Number, nullable=False),
    Column("name", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("text", Words, nullable=False),  # without secrets
    PrimaryKeyConstraint("run_id", "name", "attempt", "part"),
)
