"""Changes of flags that wait for a second person, for their hour, or for somebody who looks at them afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.Text()


def upgrade() -> None:
    op.create_table(
        "flag_waiting",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("environment", TEXT, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("due_at", TEXT, nullable=True),
        sa.Column("record", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["flag.key"]),
        sa.PrimaryKeyConstraint("id"),
    )
    only = sa.text("open")
    op.create_index("ix_flag_waiting_open", "flag_waiting", ["due_at"], sqlite_where=only, postgresql_where=only)
