"""Confidential mail: when its content goes, and the one-time codes for it"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:

    expires = sa.text("expires_at IS NOT NULL")
    op.add_column("outgoing_mail", sa.Column("expires_at", sa.BigInteger(), nullable=True))
    op.create_index(
        op.f("ix_outgoing_mail_expires_at"),
        "outgoing_mail",
        ["expires_at"],
        sqlite_where=expires,
        postgresql_where=expires,
    )
    op.create_table(
        "view_code",
        sa.Column("mail_key", sa.String(length=25), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("viewer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mail_key", "number", name=op.f("pk_view_code")),
    )
    op.create_index(op.f("ix_view_code_alert_id"), "view_code", ["alert_id"])


def downgrade() -> None:

    op.drop_table("view_code")
    op.drop_index(op.f("ix_outgoing_mail_expires_at"), table_name="outgoing_mail")
    op.drop_column("outgoing_mail", "expires_at")
