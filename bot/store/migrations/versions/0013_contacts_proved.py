"""Drills; contacts that were asked to answer, and those that did"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:

    op.create_table(
        "drill",
        sa.Column("alert_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_drill")),
    )
    goes_on = sa.text("ended_at IS NULL")
    op.create_index(op.f("ix_drill_ends_at"), "drill", ["ends_at"], sqlite_where=goes_on, postgresql_where=goes_on)
    op.create_table(
        "contact_check",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("how", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_check")),
    )
    op.create_index(op.f("ix_contact_check_person"), "contact_check", ["person", "channel", "asked_at"])
    op.create_table(
        "contact_proof",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("person", "channel", "address", name=op.f("pk_contact_proof")),
    )


def downgrade() -> None:

    op.drop_table("contact_proof")
    op.drop_index(op.f("ix_contact_check_person"), table_name="contact_check")
    op.drop_table("contact_check")
    op.drop_index(op.f("ix_drill_ends_at"), table_name="drill")
    op.drop_table("drill")
