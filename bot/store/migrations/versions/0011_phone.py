"""Calls from and to numbers in turn; whoever wants no text messages"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:

    # With a default: the release before writes notifications without it.
    op.add_column("notification", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "stopped_contact",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name=op.f("pk_stopped_contact")),
    )


def downgrade() -> None:

    op.drop_table("stopped_contact")
    op.drop_column("notification", "turn")
