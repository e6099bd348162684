"""Own fields of an organisation on a type of case; what a case answers; what agreements name of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.access import member_role
from shared.database import UtcDateTime
from shared.row_security_migrations import lock_rows

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON_DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "own_fields",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_type", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_own_fields_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "case_type", "version", name=op.f("pk_own_fields")),
    )
    op.add_column("case", sa.Column("own", sa.LargeBinary(), nullable=True))
    op.add_column("agreement", sa.Column("own_titles", JSON_DOCUMENT, nullable=True))
    lock_rows("intake", ["own_fields"], {})
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"REVOKE UPDATE, DELETE ON own_fields FROM {member_role('intake')}")


def downgrade() -> None:
    op.drop_column("agreement", "own_titles")
    op.drop_column("case", "own")
    op.drop_table("own_fields")
