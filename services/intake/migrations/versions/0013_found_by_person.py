"""Persons are found by whom they were merged into, by who is related to them, and by who has seen them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_person_merged_into", "person", ["merged_into"], postgresql_where=_MERGED, sqlite_where=_MERGED)
    op.create_index("ix_person_relation_other_id", "person_relation", ["other_id"])
    op.create_index("ix_person_viewed_person_id", "person_viewed", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_person_viewed_person_id", "person_viewed")
    op.drop_index("ix_person_relation_other_id", "person_relation")
    op.drop_index("ix_person_merged_into", "person")
