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

_is_to_send = text("wake_at IS NOT NULL AND send_at IS NOT NULL")
_to_send: Any = {"sqlite_where": _is_to_send, "postgresql_where": _is_to_send}
_is_sent = text("wake_at IS NOT NULL AND send_at IS NULL")
_sent: Any = {"sqlite_where": _is_sent, "postgresql_where": _is_sent}
"""Of the outbox only what a lane has yet to work on is indexed: settled rows pile up for months. And apart what is to
be sent, and what was and is followed or brought up to date: of either there may be thousands that are due, while the
other is looked for. A query must say which kind it asks for, or it finds no index."""

_is_personal = text("person IS NOT NULL AND sent_at IS NOT NULL")
_personal: Any = {"sqlite_where": _is_personal, "postgresql_where": _is_personal}
"""What left for somebody: how often each was told."""

_is_missed = text("outcome = 'missed'")
_missed: Any = {"sqlite_where": _is_missed, "postgresql_where": _is_missed}
"""What could not leave in an outage: little, and asked for by room."""

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
    Index("ix_notification_to_send_by_priority", "channel", "priority", "wake_at", **_to_send),
    Index("ix_notification_sent_by_priority", "channel", "priority", "wake_at", **_sent),
    Index("ix_notification_to_send", "channel", "wake_at", **_to_send),
    Index("ix_notification_sent", "channel", "wake_at", **_sent),
    Index("ix_notification_person_sent_at", "person", "sent_at", **_personal),
    Index("ix_notification_missed", "channel", "address", "due_at", **_missed),
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
