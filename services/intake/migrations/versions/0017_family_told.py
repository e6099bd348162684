"""Why a message to a family waits or was not sent; what the family chose by itself."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("family_message", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("family_contact", sa.Column("chosen_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("family_contact", "chosen_at")
    op.drop_column("family_message", "reason")
