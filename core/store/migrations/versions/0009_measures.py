"""What metrics are made of: deployments, the changes in them, and what each release tells beside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "shipped_deployment",
        sa.Column("release_id", NUMBER, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("train", TEXT, nullable=False),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("finished_at", TEXT, nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed", TEXT, nullable=False),
        sa.Column("signal_at", TEXT, nullable=True),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("recovered_at", TEXT, nullable=True),
        sa.Column("back_at", TEXT, nullable=True),
        sa.Column("back_took", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("release_id", "number"),
    )
    op.create_index("ix_shipped_deployment_at", "shipped_deployment", ["product", "finished_at"])
    op.create_table(
        "shipped_change",
        sa.Column("release_id", NUMBER, nullable=False),
        sa.Column("ident", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("train", TEXT, nullable=False),
        sa.Column("live_at", TEXT, nullable=False),
        sa.Column("lead", sa.Integer(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=True),
        sa.Column("reviewed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("release_id", "ident"),
    )
    covering = ["product", "live_at", "release_id", "ident", "train", "lead", "cycle", "reviewed"]
    op.create_index("ix_shipped_change_at", "shipped_change", covering)
    op.create_table(
        "release_story",
        sa.Column("release_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("last_at", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("release_id"),
    )
    op.create_index("ix_release_story_at", "release_story", ["product", "last_at"])
