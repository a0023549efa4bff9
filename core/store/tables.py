"""Every table of the store; the migrations make them, a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.store.columns import Instant, JsonText, Number, Seconds, Words
from core.store.flag_tables import flag, flag_client, flag_segment, flag_setting, flag_usage, flag_waiting
from core.store.keeping_tables import archive, expired, legal_hold, retention_month
from core.store.measure_tables import release_story, shipped_change, shipped_deployment
from core.store.people_tables import membership, person, usergroup
from core.store.run_tables import run, step, step_log
from core.store.schema import metadata, partial

__all__ = [
    "archive", "expired", "flag", "flag_client", "flag_segment", "flag_setting", "flag_usage", "flag_waiting",
    "legal_hold", "membership", "metadata", "partial", "person", "release_story", "retention_month", "run",
    "shipped_change", "shipped_deployment", "step", "step_log", "usergroup",
]  # fmt: skip

# --- one row per aggregate: its lock, its version and the head of its audit chain
chain = Table(
    "chain", metadata,
    Column("name", Text, primary_key=True),
    Column("seq", Number, nullable=False),
    Column("hash", Text, nullable=False),
    Column("at", Text, nullable=False),  # of the last entry; an entry is never older than the one before
)

inbox = Table(
    "inbox", metadata,
    Column("key", Words, primary_key=True),
    Column("at", Seconds, nullable=False, index=True),
    Column("answer", JsonText),
)

release = Table(
    "release", metadata,
    Column("id", Number, primary_key=True),
    Column("product", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("train", Text),
    Column("departs_at", Instant),
    Column("phase", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("digest", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("wake_at", Instant),
    Column("policy_hash", Text, nullable=False),
    Column("record", JsonText, nullable=False),  # the aggregate itself
    Column("facts", JsonText, nullable=False),  # what a reader needs, rewritten by each unit
    Column("facts_seq", Number, nullable=False),
)
Index("ix_release_product_version", release.c.product, release.c.version)
partial("uq_release_version", release.c.product, release.c.version, where=text("phase <> 'cancelled'"), unique=True)
partial("uq_release_departure", release.c.train, release.c.departs_at, where=text("phase <> 'cancelled'"), unique=True)
partial("ix_release_wake", release.c.wake_at, where=release.c.wake_at.is_not(None))
partial("ix_release_leaving", release.c.product, release.c.departs_at, where=release.c.open.is_(True))

release_notes = Table(
    "release_notes", metadata,
    Column("release_id", Number, ForeignKey("release.id"), primary_key=True, autoincrement=False),
    Column("head", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of the draft: equal means nothing has to be parsed again
    Column("draft", JsonText, nullable=False),
    Column("read_at", Instant, nullable=False),
)

decision = Table(
    "decision", metadata,
    Column("id", Number, primary_key=True),
    Column("release_id", Number, ForeignKey("release.id"), nullable=False),
    Column("gate", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("verified_at", Instant),  # when Slack's membership was last read for it
    Column("stands_for", Text, nullable=False, server_default=""),  # the holder of the role for whom it was given
    Column("withdrawn_at", Instant),
    Column("withdrawn_why", Words, nullable=False),
)
Index("ix_decision_release", decision.c.release_id)
partial(
    "uq_decision_standing",
    decision.c.release_id, decision.c.gate, decision.c.subject, decision.c.role, decision.c.person,
    where=text("withdrawn_at IS NULL"), unique=True,
)

# --- what was reported for a commit; `matched` when a release has it as its candidate
evidence = Table(
    "evidence", metadata,
    Column("id", Number, primary_key=True),
    Column("product", Text, nullable=False),
    Column("sha", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of what was reported, and after which other: twice is one row
    Column("record", JsonText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("matched", Boolean, nullable=False),
    UniqueConstraint("product", "digest", name="uq_evidence_product_digest"),
)
Index("ix_evidence_commit", evidence.c.product, evidence.c.sha)
partial("ix_evidence_waiting", evidence.c.at, where=text("NOT matched"))

# --- the audit trail
audit = Table(
    "audit", metadata,
    Column("chain", Text, nullable=False),
    Column("seq", Number, nullable=False),
    Column("at", Text, nullable=False),  # text and not Instant: hashed exactly as it lies here
    Column("actor", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("chain", "seq"),
)

audit_body = Table(
    "audit_body", metadata,
    Column("chain", Text, nullable=False),
    Column("seq", Number, nullable=False),
    Column("salt", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("chain", "seq"),
)

audit_anchor = Table(
    "audit_anchor", metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("root", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

audit_anchor_leaf = Table(
    "audit_anchor_leaf", metadata,
    Column("anchor_seq", Number, nullable=False),
    Column("chain", Text, nullable=False),
    Column("chain_seq", Number, nullable=False),
    Column("chain_hash", Text, nullable=False),
    PrimaryKeyConstraint("anchor_seq", "chain"),
    ForeignKeyConstraint(["anchor_seq"], ["audit_anchor.seq"]),
)
Index("ix_audit_anchor_leaf_chain", audit_anchor_leaf.c.chain, audit_anchor_leaf.c.chain_seq)

# --- what is still to happen outside
outbox = Table(
    "outbox", metadata,
    Column("id", Number, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("lane", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("state", Text, nullable=False),  # ready | sending | done | void | parked | unsure
    Column("open", Boolean, nullable=False),  # neither done nor void
    Column("doubt", Boolean, nullable=False),  # it may have been sent: look before sending
    Column("attempt", Integer, nullable=False),
    Column("created_at", Seconds, nullable=False),
    Column("not_before", Seconds, nullable=False),
    Column("claimed_at", Seconds, nullable=False),
    Column("lease_until", Seconds, nullable=False),
    Column("owner", Text, nullable=False),
    Column("expires_at", Instant),
    Column("cause_chain", Text, nullable=False),
    Column("cause_seq", Number, nullable=False),
    Column("result", JsonText),
    Column("error", Words, nullable=False),
)
partial("ix_outbox_lane", outbox.c.lane, outbox.c.id, where=outbox.c.open.is_(True))
partial("ix_outbox_rank", outbox.c.rank, outbox.c.id, where=outbox.c.open.is_(True))

living = Table(
    "living", metadata,
    Column("id", Number, primary_key=True),
    Column("release_id", Number, ForeignKey("release.id"), nullable=False),
    Column("kind", Text, nullable=False),  # card | dm | turn.<gate> | list.<name> | over.<id>
    Column("person", Text, nullable=False),  # '' for what is not one person's
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),  # '' until its first post has reported
    Column("rank", Integer, nullable=False),  # who is edited first when Slack's budget is short
    Column("wanted", Number, nullable=False),
    Column("shown", Number, nullable=False),
    Column("shown_hash", Text, nullable=False),
    Column("next_at", Seconds, nullable=False),
    Column("owner", Text, nullable=False),
    Column("lease_until", Seconds, nullable=False),
    Column("closed", Boolean, nullable=False),
    UniqueConstraint("release_id", "kind", "person"),
)
partial("ix_living_behind", living.c.next_at, where=living.c.closed.is_(False))

home = Table(
    "home", metadata,
    Column("person", Text, primary_key=True),
    Column("opened_at", Seconds, nullable=False),
    Column("shown_hash", Text, nullable=False),
    Column("next_at", Seconds, nullable=False),
)
Index("ix_home_opened", home.c.opened_at)

slack_pace = Table(
    "slack_pace", metadata,
    Column("key", Text, primary_key=True),
    Column("next_at", Seconds, nullable=False),
)

# --- one row that is written to see whether the database takes a write
pulse = Table(
    "pulse", metadata,
    Column("key", Text, primary_key=True),
    Column("at", Seconds, nullable=False),
)

# --- environments
environment = Table(
    "environment", metadata,
    Column("product", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("sha", Text, nullable=False),
    Column("candidate", Text, nullable=False),
    Column("since", Instant),
    Column("lock", JsonText),
    Column("previous", Text, nullable=False),
    Column("previous_sha", Text, nullable=False),
    PrimaryKeyConstraint("product", "name"),
)

# --- what is true of the product beside its releases; written under the chain `product:<key>`
product = Table(
    "product", metadata,
    Column("key", Text, primary_key=True),
    Column("record", JsonText, nullable=False),
)

# --- policy
policy = Table(
    "policy", metadata,
    Column("hash", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("state", Text, nullable=False),  # proposed | active | retired
    Column("activated_at", Instant),
    Column("actor", Text, nullable=False),
)
partial("uq_policy_active", policy.c.state, where=text("state = 'active'"), unique=True)

# Written by versions before reminders were kept with the release; one of them may still be running beside this one.
due_done = Table(
    "due_done", metadata,
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("occurrence", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("kind", "subject", "occurrence"),
)
