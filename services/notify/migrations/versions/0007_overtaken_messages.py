"""What a message says may hold no more: it is not sent, or not again."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notification", sa.Column("overtaken_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("notification", "overtaken_at")
