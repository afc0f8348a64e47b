"""What is to be sent and what was are found apart"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_KINDS = {"to_send": "wake_at IS NOT NULL AND send_at IS NOT NULL", "sent": "wake_at IS NOT NULL AND send_at IS NULL"}
_BEFORE = (["channel", "priority", "wake_at"], ["channel", "wake_at"])


def _create(name: str, columns: list[str], where: str) -> None:
    op.create_index(op.f(name), "notification", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:

    for kind, where in _KINDS.items():
        _create(f"ix_notification_{kind}_by_priority", ["channel", "priority", "wake_at"], where)
        _create(f"ix_notification_{kind}", ["channel", "wake_at"], where)
    for columns in _BEFORE:
        op.drop_index(op.f(f"ix_notification_{'_'.join(columns)}"), table_name="notification")


def downgrade() -> None:

    for columns in _BEFORE:
        _create(f"ix_notification_{'_'.join(columns)}", columns, "wake_at IS NOT NULL")
    for kind in _KINDS:
        op.drop_index(op.f(f"ix_notification_{kind}_by_priority"), table_name="notification")
        op.drop_index(op.f(f"ix_notification_{kind}"), table_name="notification")
