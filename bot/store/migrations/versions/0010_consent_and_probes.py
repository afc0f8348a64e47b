"""Consents to pictures, probes of what a mail system gives, and what was learnt"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:

    op.create_table(
        "consent",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("declined_at", sa.BigInteger(), nullable=True),
        sa.Column("declined_by", sa.Text(), nullable=False),
        sa.Column("has_declined_receipts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_consent")),
    )
    op.create_table(
        "probe",
        sa.Column("alert_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("has_empty_mdn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_probe")),
    )
    op.create_index(op.f("ix_probe_address"), "probe", ["address"])
    op.create_table(
        "domain_record",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("probed_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_domain_record")),
    )


def downgrade() -> None:

    op.drop_table("domain_record")
    op.drop_index(op.f("ix_probe_address"), table_name="probe")
    op.drop_table("probe")
    op.drop_table("consent")
