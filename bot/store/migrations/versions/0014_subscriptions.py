"""Who follows which alert"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:

    op.create_table(
        "subscription",
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "person", name=op.f("pk_subscription")),
    )
    op.create_index(op.f("ix_subscription_person"), "subscription", ["person"])


def downgrade() -> None:

    op.drop_index(op.f("ix_subscription_person"), table_name="subscription")
    op.drop_table("subscription")
