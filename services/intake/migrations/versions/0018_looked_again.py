"""Who is sought is looked for anew behind a signature, some at a time; how far that came stands on the agreement."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("looked_again_to IS NOT NULL")


def upgrade() -> None:
    op.add_column("agreement", sa.Column("looked_again_to", sa.BigInteger(), nullable=True))
    op.create_index(
        *("ix_agreement_looked_again_to", "agreement", ["signed_at"]),
        postgresql_where=_UNFINISHED,
        sqlite_where=_UNFINISHED,
    )
    op.drop_index("ix_match_record_side", "match_record")
    op.create_index("ix_match_record_side", "match_record", ["side", "organisation_id", "number"])


def downgrade() -> None:
    op.drop_index("ix_match_record_side", "match_record")
    op.create_index("ix_match_record_side", "match_record", ["side", "organisation_id"])
    op.drop_index("ix_agreement_looked_again_to", "agreement")
    op.drop_column("agreement", "looked_again_to")
