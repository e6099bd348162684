"""Data keys: what is encrypted at rest, and how it is erased; and what persons agreed to."""

import sqlalchemy as sa
from alembic import op

from shared.vault_migrations import create_vault, drop_vault

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_vault()
    op.create_table(
        "person_basis",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_person_basis")),
    )


def downgrade() -> None:
    op.drop_table("person_basis")
    drop_vault()
