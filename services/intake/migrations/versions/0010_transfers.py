"""Transfers: a case goes over to another organisation."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_REFERRAL = ("kind", "why", "left_at", "case_reference")


def upgrade() -> None:
    op.add_column("referral", sa.Column("kind", sa.Text(), server_default="referral", nullable=False))
    op.add_column("referral", sa.Column("why", sa.Text(), nullable=True))
    op.add_column("referral", sa.Column("left_at", UtcDateTime(), nullable=True))
    op.add_column("referral", sa.Column("case_reference", sa.Text(), nullable=True))
    op.add_column("timeline_entry", sa.Column("former_holder_id", sa.Uuid(), nullable=True))
    left = sa.text("case_reference IS NOT NULL")
    op.create_index(
        "ix_referral_case_reference", "referral", ["case_reference"], postgresql_where=left, sqlite_where=left
    )


def downgrade() -> None:
    op.drop_index("ix_referral_case_reference", "referral")
    op.drop_column("timeline_entry", "former_holder_id")
    for name in reversed(_REFERRAL):
        op.drop_column("referral", name)
