"""Runs of pipelines, the attempts at their steps, and the logs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SECONDS = sa.Float(53)


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("environment", TEXT, nullable=False),
        sa.Column("release_id", NUMBER, nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("end_step", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("lease_until", SECONDS, nullable=False),
        sa.Column("look_at", SECONDS, nullable=False),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_run_release", "run", ["release_id", "number"])
    going = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_run_environment", "run", ["product", "environment"], unique=True, sqlite_where=going, postgresql_where=going
    )
    running = sa.text("state = 'running'")
    op.create_index("ix_run_open", "run", ["look_at"], sqlite_where=running, postgresql_where=running)
    op.create_table(
        "step",
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("machine", TEXT, nullable=False),
        sa.Column("ref", TEXT, nullable=False),
        sa.Column("line", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("rc", sa.Integer(), nullable=True),
        sa.Column("found", TEXT, nullable=True),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"]),
        sa.PrimaryKeyConstraint("run_id", "name", "attempt"),
    )
    op.create_table(
        "step_log",
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "name", "attempt", "part"),
    )
