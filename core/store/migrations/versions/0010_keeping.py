"""Documents of closed releases, legal holds, and what retention has taken away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sa.Text()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "archive",
        sa.Column("release_id", NUMBER, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("release_id", "name"),
    )
    op.create_table(
        "legal_hold",
        sa.Column("release_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("release_id"),
    )
    op.create_table(
        "expired",
        sa.Column("release_id", NUMBER, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("things", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("release_id", "what"),
    )
    op.create_table(
        "retention_month",
        sa.Column("product", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("told_at", TEXT, nullable=False),
        sa.Column("done_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("product", "month"),
    )
