"""Agreements between organisations, and the referrals that pass under them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database import UtcDateTime
from shared.row_pair_migrations import lock_pairs

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON_DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TABLES = ("agreement", "referral", "shared_record", "referral_step", "referral_link", "link_opening")


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("purposes", JSON_DOCUMENT, nullable=False),
        sa.Column("fields", JSON_DOCUMENT, nullable=False),
        sa.Column("countries", JSON_DOCUMENT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.Column("declined_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agreement_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["organisation.id"], name=op.f("fk_agreement_receiver_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    op.create_index("ix_agreement_organisation_id", "agreement", ["organisation_id", "receiver_id"])
    op.create_index("ix_agreement_receiver_id", "agreement", ["receiver_id", "organisation_id"])
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("fields", JSON_DOCUMENT, nullable=False),
        sa.Column("people", JSON_DOCUMENT, nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("offered_by", sa.Uuid(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("reminded", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("withheld", sa.Text(), nullable=True),
        sa.Column("shown_until", sa.Date(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_referral_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_referral_case_id_case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_referral_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["organisation.id"], name=op.f("fk_referral_receiver_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("reference", name=op.f("uq_referral_reference")),
    )
    op.create_index("ix_referral_organisation_id", "referral", ["organisation_id", "id"])
    op.create_index("ix_referral_receiver_id", "referral", ["receiver_id", "id"])
    op.create_index("ix_referral_case_id", "referral", ["case_id"])
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_referral_due_at", "referral", ["due_at"], postgresql_where=due, sqlite_where=due)
    op.create_table(
        "shared_record",
        *_of_a_referral("shared_record"),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
    )
    op.create_table(
        "referral_step",
        *_of_a_referral("referral_step"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("said", sa.LargeBinary(), nullable=True),
    )
    _create_links()
    lock_pairs("intake", _TABLES)


def _create_links() -> None:
    op.create_table(
        "referral_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_link_referral_id_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_referral_link_digest")),
    )
    op.create_index("ix_referral_link_referral_id", "referral_link", ["referral_id"])
    op.create_table(
        "link_opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["referral_link.id"], name=op.f("fk_link_opening_link_id_referral_link")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_opening")),
    )
    op.create_index("ix_link_opening_link_id", "link_opening", ["link_id"])


def _of_a_referral(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f(f"fk_{table}_referral_id_referral")),
        sa.PrimaryKeyConstraint("referral_id", "number", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
