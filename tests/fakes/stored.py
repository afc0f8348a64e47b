"""Rows for tests of the store, and the databases they run on.

SQLite always; PostgreSQL as well when ``TEST_POSTGRESQL_URL`` names a server on which databases may be made
(``postgresql+asyncpg://user@host/postgres``).
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.record import Change, MailCopy, NotificationRow
from bot.store.store import Store, Tx
from escalation import machine
from escalation.alert import Alert
from escalation.decided import Event
from escalation.event import Input
from escalation.policy import EscalationPolicy
from tests.fakes.policies import AT, after, opened, policy, roster

SERVER = os.environ.get("TEST_POSTGRESQL_URL", "")
DATABASES = ["sqlite", "postgresql"] if SERVER else ["sqlite"]

POLICY = policy()


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[str]:
    """The URL of a database of this kind that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/kidoku.sqlite3"
        return
    name = f"kidoku_{uuid4().hex}"
    server = create_async_engine(SERVER, isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
        finally:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await server.dispose()


def first(id: int, rules: EscalationPolicy = POLICY, *, subject: str = "disk full") -> Change:
    """An alert that opens at ``AT``."""
    event = opened(rules)
    event = replace(event, mail=replace(event.mail, subject=subject, message_id=f"{id}@example.com"))
    made = machine.open(id, event, AT, roster())
    return Change(made.alert, 0, _at(AT, made.events))


def then(alert: Alert, event: Input, minutes: float = 1) -> Change:
    """What becomes of an alert by one event, so many minutes after ``AT``."""
    made = machine.decide(alert, event, after(minutes), roster())
    return Change(made.alert, alert.seq, _at(after(minutes), made.events))


def _at(at: datetime, events: tuple[Event, ...]) -> tuple[tuple[Event, datetime], ...]:
    return tuple((event, at) for event in events)


async def open_alerts(tx: Tx, count: int, rules: EscalationPolicy = POLICY) -> list[Alert]:
    """So many new alerts, saved."""
    changes = [first(id, rules) for id in await tx.next_alert_ids(count)]
    await tx.save(changes)
    return [one.alert for one in changes]


async def load(store: Store, id: int) -> Alert:
    async with store.reading() as tx:
        return (await tx.alerts([id]))[id]


def row(key: str = "a1.1", **others: Any) -> NotificationRow:
    """A notification that is to leave at ``AT``."""
    values: dict[str, Any] = {
        "key": key,
        "alert_id": 1,
        "channel": "slack",
        "address": "C-OPS",
        "due_at": AT,
        "created_at": AT,
        "send_at": AT,
    }
    return NotificationRow(**(values | others))


def copy(uid: int, message_id: str, alert_id: int = 1, **others: Any) -> MailCopy:
    """A watched mail in the INBOX of Alice."""
    values: dict[str, Any] = {"account": "alice", "folder": "INBOX", "recipient_id": "alice"}
    return MailCopy(uid=uid, message_id=message_id, alert_id=alert_id, **(values | others))
