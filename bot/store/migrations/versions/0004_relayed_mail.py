"""Mail that goes on as it was handed in at the gateway"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:

    op.create_table(
        "relayed_mail",
        sa.Column("id", sa.String(length=17), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("is_utf8", sa.Boolean(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relayed_mail")),
    )


def downgrade() -> None:

    op.drop_table("relayed_mail")
