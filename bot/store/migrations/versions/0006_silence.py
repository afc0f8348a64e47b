"""Silences, and the mail that they swallowed"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:

    op.create_table(
        "silence",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger()),
        sa.Column("report_at", sa.BigInteger()),
        sa.Column("swallowed", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
        sa.UniqueConstraint("key"),
    )
    op.create_index(op.f("ix_silence_end_at"), "silence", ["end_at"])
    is_to_end = sa.text("report_at IS NOT NULL")
    op.create_index(
        "ix_silence_report_at", "silence", ["report_at"], sqlite_where=is_to_end, postgresql_where=is_to_end
    )
    op.create_table(
        "swallowed_mail",
        sa.Column("silence_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("silence_id", "message_id", name=op.f("pk_swallowed_mail")),
    )
    op.create_index(op.f("ix_swallowed_mail_message_id"), "swallowed_mail", ["message_id"])
    # The previous release writes no such column: its copies are of alerts.
    op.add_column("mail_copy", sa.Column("silence_id", sa.BigInteger(), nullable=False, server_default="0"))
    is_swallowed = sa.text("silence_id <> 0")
    op.create_index(
        "ix_mail_copy_silence_id",
        "mail_copy",
        ["silence_id"],
        sqlite_where=is_swallowed,
        postgresql_where=is_swallowed,
    )


def downgrade() -> None:

    op.drop_index("ix_mail_copy_silence_id", table_name="mail_copy")
    op.drop_column("mail_copy", "silence_id")
    op.drop_table("swallowed_mail")
    op.drop_table("silence")
