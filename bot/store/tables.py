"""The tables. Instants are microseconds since the epoch, UTC: small, comparable, the same in every database."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

REVISION = "0013"
"""The newest revision in ``migrations/``: a database that has it is opened without loading Alembic."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Instant = BigInteger

policy_copy = Table(
    "policy_copy",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

_is_due = text("due_at IS NOT NULL")

alert = Table(
    "alert",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("status_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("is_parked", Boolean, nullable=False),
    Column("parked_why", Text),
    Column("subject", Text, nullable=False),
    Column("policy_digest", String(64), ForeignKey("policy_copy.digest"), nullable=False),
    Column("state", LargeBinary, nullable=False),
    Index("ix_alert_due_at", "due_at", sqlite_where=_is_due, postgresql_where=_is_due),
    Index("ix_alert_status_status_at", "status", "status_at"),
)

alert_event = Table(
    "alert_event",
    metadata,
    Column("alert_id", BigInteger, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("alert_id", "seq"),
    sqlite_with_rowid=False,
)

alert_mail = Table(
    "alert_mail",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("alert_id", BigInteger, nullable=False, index=True),
)

_expires = text("expires_at IS NOT NULL")

outgoing_mail = Table(
    "outgoing_mail",
    metadata,
    Column("alert_id", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("expires_at", Instant),
    Index("ix_outgoing_mail_expires_at", "expires_at", sqlite_where=_expires, postgresql_where=_expires),
)

relayed_mail = Table(
    "relayed_mail",
    metadata,
    Column("id", String(17), primary_key=True),
    Column("user", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("is_utf8", Boolean, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

view_code = Table(
    "view_code",
    metadata,
    Column("mail_key", String(25), nullable=False),
    Column("number", Integer, nullable=False),
    Column("alert_id", BigInteger, nullable=False, index=True),
    Column("nonce", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("asker", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_at", Instant),
    Column("viewer", Text, nullable=False),
    PrimaryKeyConstraint("mail_key", "number"),
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("account", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uidnext", BigInteger, nullable=False),
    Column("modseq", BigInteger),
    Column("synced_at", Instant, nullable=False),
    PrimaryKeyConstraint("account", "folder"),
)

_swallowed = text("silence_id <> 0")
_is_swallowed: Any = {"sqlite_where": _swallowed, "postgresql_where": _swallowed}

mail_copy = Table(
    "mail_copy",
    metadata,
    Column("account", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("message_id", Text, nullable=False, index=True),
    Column("alert_id", BigInteger, nullable=False, index=True),
    Column("recipient_id", Text, nullable=False),
    Column("is_seen", Boolean, nullable=False),
    Column("is_answered", Boolean, nullable=False),
    # Of a mail that a silence swallowed: which one; alert_id is 0 then.
    Column("silence_id", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("account", "folder", "uid", "message_id"),
    Index("ix_mail_copy_silence_id", "silence_id", **_is_swallowed),
)

_is_open = text("wake_at IS NOT NULL")
_open: Any = {"sqlite_where": _is_open, "postgresql_where": _is_open}
"""Of the outbox only what a lane has yet to work on is indexed: settled rows pile up for months."""

_is_personal = text("person IS NOT NULL AND sent_at IS NOT NULL")
_personal: Any = {"sqlite_where": _is_personal, "postgresql_where": _is_personal}
"""What left for somebody: how often each was told."""

notification = Table(
    "notification",
    metadata,
    Column("key", String(25), primary_key=True),
    Column("alert_id", BigInteger, index=True),
    Column("channel", String(32), nullable=False),
    Column("address", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("person", Text),
    Column("purpose", String(16), nullable=False),
    Column("step", Integer, nullable=False),
    Column("loop", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("send_at", Instant),
    Column("update_at", Instant),
    Column("follow_at", Instant),
    Column("wake_at", Instant),
    Column("leased_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("claimed_at", Instant),
    Column("is_stalled", Boolean, nullable=False),
    Column("ref", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("digits", String(4), nullable=False),
    Column("text", Text, nullable=False),
    Column("sent_at", Instant),
    Column("turn", Integer, nullable=False, server_default="0"),
    # A lane takes the most urgent of what is due, and asks when the next one is: each has its index, without sorting.
    Index("ix_notification_channel_priority_wake_at", "channel", "priority", "wake_at", **_open),
    Index("ix_notification_channel_wake_at", "channel", "wake_at", **_open),
    Index("ix_notification_person_sent_at", "person", "sent_at", **_personal),
)

stopped_contact = Table(
    "stopped_contact",
    metadata,
    Column("channel", String(32), nullable=False),
    Column("address", Text, nullable=False),
    Column("is_asked", Boolean, nullable=False),
    Column("stopped_at", Instant, nullable=False),
    PrimaryKeyConstraint("channel", "address"),
)

once = Table(
    "once",
    metadata,
    Column("kind", String(64), nullable=False),
    Column("id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("kind", "id"),
)

alarm = Table(
    "alarm",
    metadata,
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("cleared_at", Instant),
)

key_value = Table(
    "key_value",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

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
