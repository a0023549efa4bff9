"""The history of the schema (Alembic). Revisions only add: the version before still runs while one is applied."""
