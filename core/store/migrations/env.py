"""Alembic's entry: runs the revisions on the connection that `core.store.upgrade` has opened and locked."""

from __future__ import annotations

from typing import Any

from alembic import context

from core.failpoints import failpoint_sync
from core.store.tables import metadata


def _between(*_told: Any, **_named: Any) -> None:
    failpoint_sync("migrate.between")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, since we say BEGIN ourselves; Alembic assumes it cannot
    render_as_batch=True,
    on_version_apply=_between,
)
with context.begin_transaction():
    context.run_migrations()
