"""A referral keeps which service of the directory was chosen, and what stood there then."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON_DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("referral", sa.Column("service_entry_id", sa.Uuid(), nullable=True))
    op.add_column("referral", sa.Column("chosen", JSON_DOCUMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("referral", "chosen")
    op.drop_column("referral", "service_entry_id")
