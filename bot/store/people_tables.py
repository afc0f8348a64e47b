"""The tables of what people agreed to, asked for, and were reached by."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from bot.store.tables import Instant, metadata

stopped_contact = Table(
    "stopped_contact",
    metadata,
    Column("channel", String(32), nullable=False),
    Column("address", Text, nullable=False),
    Column("is_asked", Boolean, nullable=False),
    Column("stopped_at", Instant, nullable=False),
    PrimaryKeyConstraint("channel", "address"),
)

consent = Table(
    "consent",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("given_at", Instant),
    Column("given_by", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("declined_at", Instant),
    Column("declined_by", Text, nullable=False),
    Column("has_declined_receipts", Boolean, nullable=False),
)

probe = Table(
    "probe",
    metadata,
    Column("alert_id", BigInteger, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False, index=True),
    Column("until_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("has_empty_mdn", Boolean, nullable=False),
)

domain_record = Table(
    "domain_record",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("probed_at", Instant, nullable=False),
    Column("data", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    Column("who", Text, nullable=False),
    Column("via", String(32), nullable=False),
    Column("verb", String(32), nullable=False),
    Column("alert_id", BigInteger, index=True),
    Column("argument", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
)

person_language = Table(
    "person_language",
    metadata,
    Column("person", Text, primary_key=True),
    Column("language", String(8), nullable=False),
    Column("set_at", Instant, nullable=False),
)

_goes_on = text("ended_at IS NULL")

drill = Table(
    "drill",
    metadata,
    Column("alert_id", BigInteger, primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_drill_ends_at", "ends_at", sqlite_where=_goes_on, postgresql_where=_goes_on),
)

contact_check = Table(
    "contact_check",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("address", Text, nullable=False),
    # "confirm": asked for; "test": the weekly test.
    Column("kind", String(16), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("closed_at", Instant),
    Column("how", String(16), nullable=False),
    Index("ix_contact_check_person", "person", "channel", "asked_at"),
)

contact_proof = Table(
    "contact_proof",
    metadata,
    Column("person", Text, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("address", Text, nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    Column("how", String(16), nullable=False),
    PrimaryKeyConstraint("person", "channel", "address"),
)

dialog = Table(
    "dialog",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("person", Text, nullable=False),
    Column("verb", String(32), nullable=False),
    Column("alert_id", BigInteger, nullable=False),
    # JSON: what was answered so far; "{}" once it is done.
    Column("answers", Text, nullable=False),
    Column("rooms", Text, nullable=False),
    Column("made_at", Instant, nullable=False, index=True),
    Column("done_at", Instant),
)

subscription = Table(
    "subscription",
    metadata,
    Column("alert_id", BigInteger, nullable=False),
    Column("person", Text, nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    PrimaryKeyConstraint("alert_id", "person"),
)
