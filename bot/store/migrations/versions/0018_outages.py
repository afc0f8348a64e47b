"""What rooms missed in an outage of their channel is found by room"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"


def upgrade() -> None:

    is_missed = sa.text("outcome = 'missed'")
    columns = ["channel", "address", "due_at"]
    op.create_index(
        op.f("ix_notification_missed"), "notification", columns, sqlite_where=is_missed, postgresql_where=is_missed
    )


def downgrade() -> None:

    op.drop_index(op.f("ix_notification_missed"), table_name="notification")
