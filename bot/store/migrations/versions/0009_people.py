"""Delegates of people on leave, turns of teams, what left for each person"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:

    op.add_column("leave", sa.Column("delegate", sa.Text(), server_default="", nullable=False))
    op.add_column("duty_removed", sa.Column("delegate", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "team_turn",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("team", name=op.f("pk_team_turn")),
    )
    is_personal = sa.text("person IS NOT NULL AND sent_at IS NOT NULL")
    op.create_index(
        op.f("ix_notification_person_sent_at"),
        "notification",
        ["person", "sent_at"],
        sqlite_where=is_personal,
        postgresql_where=is_personal,
    )


def downgrade() -> None:

    op.drop_index(op.f("ix_notification_person_sent_at"), table_name="notification")
    op.drop_table("team_turn")
    op.drop_column("duty_removed", "delegate")
    op.drop_column("leave", "delegate")
