"""The tables of people: the members of Slack's groups, and what people said about themselves."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from core.store.columns import Instant, JsonText, Number, Words
from core.store.schema import metadata, partial

usergroup = Table(
    "usergroup", metadata,
    Column("id", Text, primary_key=True),
    Column("handle", Words, nullable=False),
    Column("read_at", Instant, nullable=False),
)

membership = Table(
    "membership", metadata,
    Column("id", Number, primary_key=True),
    Column("usergroup", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant),
)
partial(
    "uq_membership_standing", membership.c.usergroup, membership.c.person, where=text("left_at IS NULL"), unique=True
)
Index("ix_membership_person", membership.c.person)

# written under the chain `roster`
person = Table(
    "person", metadata,
    Column("id", Text, primary_key=True),
    Column("record", JsonText, nullable=False),  # zone, hours, delegations, absences, mutes
    Column("read_at", Instant),  # when Slack was last asked about the person
)
