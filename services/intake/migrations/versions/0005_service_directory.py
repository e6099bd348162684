"""The service directory: read by every organisation of the hub, written by its keepers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database import UtcDateTime
from shared.hub_rows_migrations import lock_hub_rows

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON_DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "service_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("languages", JSON_DOCUMENT, nullable=False),
        sa.Column("hours", JSON_DOCUMENT, nullable=False),
        sa.Column("hours_note", sa.Text(), nullable=True),
        sa.Column("open_to", JSON_DOCUMENT, nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=True),
        sa.Column("age_to", sa.Integer(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("free_places", sa.Integer(), nullable=True),
        sa.Column("free_of_charge", sa.Boolean(), nullable=False),
        sa.Column("how_to_refer", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_as", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_service_entry_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_service_entry_provider_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_entry")),
    )
    op.create_index("ix_service_entry_confirmed_at", "service_entry", ["confirmed_at", "id"])
    op.create_index("ix_service_entry_organisation_id", "service_entry", ["organisation_id", "confirmed_at"])
    op.create_index("ix_service_entry_provider_id", "service_entry", ["provider_id"])
    lock_hub_rows("intake", ["service_entry"])


def downgrade() -> None:
    op.drop_table("service_entry")
