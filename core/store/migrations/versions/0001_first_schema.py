"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text()
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SECONDS = sa.Float(53)


Where = sa.ColumnElement[bool] | sa.TextClause


def _partial(name: str, table: str, columns: list[str], where: Where, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("chain", TEXT, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("verb", TEXT, nullable=False),
        sa.Column("policy", TEXT, nullable=False),
        sa.Column("body_digest", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq"),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("root", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "audit_body",
        sa.Column("chain", TEXT, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("salt", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq"),
    )
    op.create_table(
        "chain",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "due_done",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("occurrence", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "occurrence"),
    )
    op.create_table(
        "environment",
        sa.Column("product", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("sha", TEXT, nullable=False),
        sa.Column("candidate", TEXT, nullable=False),
        sa.Column("since", TEXT, nullable=True),
        sa.Column("lock", TEXT, nullable=True),
        sa.Column("previous", TEXT, nullable=False),
        sa.Column("previous_sha", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("product", "name"),
    )
    op.create_table(
        "home",
        sa.Column("person", TEXT, nullable=False),
        sa.Column("opened_at", SECONDS, nullable=False),
        sa.Column("shown_hash", TEXT, nullable=False),
        sa.Column("next_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_index("ix_home_opened", "home", ["opened_at"])
    op.create_table(
        "inbox",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("at", SECONDS, nullable=False),
        sa.Column("answer", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])
    op.create_table(
        "membership",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("usergroup", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("joined_at", TEXT, nullable=False),
        sa.Column("left_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_membership_person", "membership", ["person"])
    _partial("uq_membership_standing", "membership", ["usergroup", "person"], sa.text("left_at IS NULL"), unique=True)
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("doubt", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("created_at", SECONDS, nullable=False),
        sa.Column("not_before", SECONDS, nullable=False),
        sa.Column("claimed_at", SECONDS, nullable=False),
        sa.Column("lease_until", SECONDS, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("expires_at", TEXT, nullable=True),
        sa.Column("cause_chain", TEXT, nullable=False),
        sa.Column("cause_seq", NUMBER, nullable=False),
        sa.Column("result", TEXT, nullable=True),
        sa.Column("error", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    _partial("ix_outbox_lane", "outbox", ["lane", "id"], sa.column("open").is_(True))
    _partial("ix_outbox_rank", "outbox", ["rank", "id"], sa.column("open").is_(True))
    op.create_table(
        "policy",
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("activated_at", TEXT, nullable=True),
        sa.Column("actor", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    _partial("uq_policy_active", "policy", ["state"], sa.text("state = 'active'"), unique=True)
    op.create_table(
        "product",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "release",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("train", TEXT, nullable=True),
        sa.Column("departs_at", TEXT, nullable=True),
        sa.Column("phase", TEXT, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("wake_at", TEXT, nullable=True),
        sa.Column("policy_hash", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("facts", TEXT, nullable=False),
        sa.Column("facts_seq", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _partial("ix_release_leaving", "release", ["product", "departs_at"], sa.column("open").is_(True))
    op.create_index("ix_release_product_version", "release", ["product", "version"])
    _partial("ix_release_wake", "release", ["wake_at"], sa.column("open").is_(True))
    _partial("uq_release_departure", "release", ["train", "departs_at"], sa.text("phase <> 'cancelled'"), unique=True)
    _partial("uq_release_version", "release", ["product", "version"], sa.text("phase <> 'cancelled'"), unique=True)
    op.create_table(
        "slack_pace",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("next_at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "pulse",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("at", SECONDS, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "usergroup",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("handle", TEXT, nullable=False),
        sa.Column("read_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "audit_anchor_leaf",
        sa.Column("anchor_seq", NUMBER, nullable=False),
        sa.Column("chain", TEXT, nullable=False),
        sa.Column("chain_seq", NUMBER, nullable=False),
        sa.Column("chain_hash", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["anchor_seq"], ["audit_anchor.seq"]),
        sa.PrimaryKeyConstraint("anchor_seq", "chain"),
    )
    op.create_index("ix_audit_anchor_leaf_chain", "audit_anchor_leaf", ["chain", "chain_seq"])
    op.create_table(
        "decision",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("release_id", NUMBER, nullable=False),
        sa.Column("gate", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("verified_at", TEXT, nullable=True),
        sa.Column("withdrawn_at", TEXT, nullable=True),
        sa.Column("withdrawn_why", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decision_release", "decision", ["release_id"])
    place = ["release_id", "gate", "subject", "role", "person"]
    _partial("uq_decision_standing", "decision", place, sa.text("withdrawn_at IS NULL"), unique=True)
    op.create_table(
        "living",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("release_id", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("ts", TEXT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("wanted", NUMBER, nullable=False),
        sa.Column("shown", NUMBER, nullable=False),
        sa.Column("shown_hash", TEXT, nullable=False),
        sa.Column("next_at", SECONDS, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("lease_until", SECONDS, nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("release_id", "kind", "person", name="uq_living_release_id_kind_person"),
    )
    _partial("ix_living_behind", "living", ["next_at"], sa.column("closed").is_(False))
