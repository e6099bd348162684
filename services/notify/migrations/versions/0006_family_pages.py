"""The pages that families meet: how often somebody tries codes there."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "family_try",
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_family_try")),
    )
    op.create_index("ix_family_try_began_at", "family_try", ["began_at"])


def downgrade() -> None:
    op.drop_table("family_try")
