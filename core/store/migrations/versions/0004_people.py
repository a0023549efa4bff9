"""People's hours, absences and delegates, and for whom a signature was given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("read_at", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("decision", sa.Column("stands_for", sa.Text(), nullable=False, server_default=""))
