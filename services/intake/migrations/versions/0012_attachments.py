"""Photos and documents of cases, and those shared with a referral."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime
from shared.row_pair_migrations import lock_pairs
from shared.row_security_migrations import lock_rows

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.Column("depot_name", sa.Text(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_attachment_case_id_case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_attachment_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attachment_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_case_id", "attachment", ["case_id"])
    op.create_index("ix_attachment_person_id", "attachment", ["person_id"])
    to_collect = sa.text("depot_name IS NOT NULL AND wrapped IS NULL")
    op.create_index(
        "ix_attachment_to_collect", "attachment", ["id"], postgresql_where=to_collect, sqlite_where=to_collect
    )
    op.create_table(
        "arriving_bytes",
        sa.Column("depot_name", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("depot_name", name=op.f("pk_arriving_bytes")),
    )
    op.create_table(
        "shared_attachment",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("depot_name", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_shared_attachment_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_shared_attachment_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("referral_id", "attachment_id", name=op.f("pk_shared_attachment")),
    )
    op.create_index("ix_shared_attachment_attachment_id", "shared_attachment", ["attachment_id"])
    lock_rows("intake", ["attachment", "arriving_bytes"], {})
    lock_pairs("intake", ["shared_attachment"])


def downgrade() -> None:
    for table in ("shared_attachment", "arriving_bytes", "attachment"):
        op.drop_table(table)
