"""What metrics are made of: deployments and the changes in them."""

from __future__ import annotations

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet: filled before this version is given out."""
