"""What becomes of matches, to count."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "match_fact",
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rejected_for", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("match_id", "side", name=op.f("pk_match_fact")),
    )
    op.create_index("ix_match_fact_organisation_id", "match_fact", ["organisation_id", "side", "begun_at"])


def downgrade() -> None:
    op.drop_table("match_fact")
