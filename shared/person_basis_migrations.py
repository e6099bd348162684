"""What notify's and reporting's histories first made of persons' legal bases. Frozen: a change is a new function."""

import sqlalchemy as sa
from alembic import op


def create_person_basis() -> None:
    """Revision 0002 of both."""
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


def drop_person_basis() -> None:
    op.drop_table("person_basis")
