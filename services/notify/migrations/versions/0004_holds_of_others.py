"""What other services hold: nothing is sent for it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_hold",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "service", name=op.f("pk_case_hold")),
    )


def downgrade() -> None:
    op.drop_table("case_hold")
