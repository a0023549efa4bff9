"""Feature flags, their settings by environment, segments, and what SDKs report of their use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.Text()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "flag",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("archived_at", TEXT, nullable=True),
        sa.Column("seq", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    living = sa.text("archived_at IS NULL")
    op.create_index("uq_flag_name", "flag", ["name"], unique=True, sqlite_where=living, postgresql_where=living)
    op.create_table(
        "flag_setting",
        sa.Column("environment", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["key"], ["flag.key"]),
        sa.PrimaryKeyConstraint("environment", "key"),
    )
    op.create_table(
        "flag_segment",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "flag_usage",
        sa.Column("environment", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("app", TEXT, nullable=False),
        sa.Column("day", TEXT, nullable=False),
        sa.Column("variant", TEXT, nullable=False),
        sa.Column("yes", NUMBER, nullable=False),
        sa.Column("no", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("environment", "name", "app", "day", "variant"),
    )
    op.create_table(
        "flag_client",
        sa.Column("environment", TEXT, nullable=False),
        sa.Column("app", TEXT, nullable=False),
        sa.Column("sdk", TEXT, nullable=False),
        sa.Column("first_at", TEXT, nullable=False),
        sa.Column("last_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("environment", "app"),
    )
