"""The vault's table as each service's history first made it. Frozen: a change is a new function beside it."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime


def create_vault() -> None:
    """Revision 0002 of every service."""
    op.create_table(
        "data_key",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("destroyed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_data_key")),
        comment="One key for each person or case; without it nothing encrypted under it opens",
    )
    op.create_table(
        "erased",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "case_id", name=op.f("pk_erased")),
        comment="Whom this service has erased: what the erasure journal is compared with at start",
    )


def drop_vault() -> None:
    op.drop_table("erased")
    op.drop_table("data_key")
