"""Ended releases wake too, while somebody still has to review an override."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_release_wake", "release")
    waking = sa.text("wake_at IS NOT NULL")
    op.create_index("ix_release_wake", "release", ["wake_at"], sqlite_where=waking, postgresql_where=waking)
