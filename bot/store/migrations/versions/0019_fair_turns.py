"""Who had a turn in the round of a team"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:

    op.add_column("team_turn", sa.Column("round", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:

    op.drop_column("team_turn", "round")
