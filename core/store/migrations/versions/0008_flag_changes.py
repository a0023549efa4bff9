"""Changes of flags that wait for a second person or for their hour."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet: filled before this version is given out."""
