"""Keeps alerts, mailboxes and the outbox: SQLAlchemy Core over SQLite or PostgreSQL, migrated by Alembic."""
