"""Dialogs that people have before them"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:

    op.create_table(
        "dialog",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("verb", sa.String(32), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("rooms", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dialog")),
    )
    op.create_index(op.f("ix_dialog_made_at"), "dialog", ["made_at"])


def downgrade() -> None:

    op.drop_index(op.f("ix_dialog_made_at"), table_name="dialog")
    op.drop_table("dialog")
