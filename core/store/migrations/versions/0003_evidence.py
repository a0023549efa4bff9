"""Results that machines and people report for a commit, with or without a release that has it yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("matched", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("product", "digest", name="uq_evidence_product_digest"),
    )
    op.create_index("ix_evidence_commit", "evidence", ["product", "sha"])
    only = sa.text("NOT matched")
    op.create_index("ix_evidence_waiting", "evidence", ["at"], sqlite_where=only, postgresql_where=only)
