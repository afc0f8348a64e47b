"""The tables of who is on call, and of what is silent meanwhile."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from bot.store.tables import Instant, metadata

on_call_override = Table(
    "on_call_override",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("schedule", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("replaces", Text, nullable=False),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
)

team_turn = Table(
    "team_turn",
    metadata,
    Column("team", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("round", Text, nullable=False, server_default="[]"),
)

leave = Table(
    "leave",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("delegate", Text, nullable=False, server_default=""),
)

_is_to_end = text("report_at IS NOT NULL")

silence = Table(
    "silence",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, unique=True),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False, index=True),
    Column("lifted_at", Instant),
    # While it is set, mail may be swallowed; whoever takes it away tells what was.
    Column("report_at", Instant),
    Column("swallowed", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("ix_silence_report_at", "report_at", sqlite_where=_is_to_end, postgresql_where=_is_to_end),
)

swallowed_mail = Table(
    "swallowed_mail",
    metadata,
    Column("silence_id", BigInteger, nullable=False),
    Column("message_id", Text, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("silence_id", "message_id"),
)

calendar_feed = Table(
    "calendar_feed",
    metadata,
    Column("name", Text, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("etag", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("events", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("read_at", Instant),
    Column("expanded_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("fault", Text, nullable=False),
)

duty_removed = Table(
    "duty_removed",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("schedule", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("replaces", Text, nullable=False),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("removed_by", Text, nullable=False),
    Column("removed_at", Instant, nullable=False),
    Column("delegate", Text, nullable=False, server_default=""),
)

swap = Table(
    "swap",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("schedule", Text, nullable=False),
    Column("asker", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("mine_start_at", Instant, nullable=False),
    Column("mine_end_at", Instant, nullable=False),
    Column("theirs_start_at", Instant),
    Column("theirs_end_at", Instant),
    Column("asked_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decided_at", Instant),
    Index("ix_swap_state", "state", "ends_at"),
)
