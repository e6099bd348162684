"""Families: how they are reached, what they are told, and what providers say of it."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TO_FAMILIES = sa.text("contact_id IS NOT NULL AND next_attempt_at IS NOT NULL")
_OF_A_CONTACT = sa.text("contact_id IS NOT NULL")
_OPEN = sa.text("outcome IS NULL")
_MERGED = sa.text("told_with IS NOT NULL")


def upgrade() -> None:
    _contacts()
    _sending()
    _receipts()
    _notifications()
    _attempts()


def _contacts() -> None:
    op.create_table(
        "family_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("told_with", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("fallbacks", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_to", sa.SmallInteger(), nullable=False),
        sa.Column("shared_phone", sa.Boolean(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.Column("bounced_at", UtcDateTime(), nullable=True),
        sa.Column("opted_out_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("chosen_at", UtcDateTime(), nullable=True),
        sa.Column("write_next_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_contact")),
    )
    op.create_index("ix_family_contact_case_id", "family_contact", ["case_id"])
    op.create_index("ix_family_contact_person_id", "family_contact", ["person_id"])
    op.create_index(
        "ix_family_contact_told_with", "family_contact", ["told_with"], postgresql_where=_MERGED, sqlite_where=_MERGED
    )
    op.create_index("ix_family_contact_write_next_at", "family_contact", ["write_next_at"])
    op.create_table(
        "family_address",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["family_contact.id"], name=op.f("fk_family_address_contact_id_family_contact")
        ),
        sa.PrimaryKeyConstraint("contact_id", "number", name=op.f("pk_family_address")),
    )
    op.create_index("ix_family_address_digest", "family_address", ["digest"])
    op.create_table(
        "family_code",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["family_contact.id"], name=op.f("fk_family_code_contact_id_family_contact")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_family_code")),
    )
    op.create_index("ix_family_code_contact_id", "family_code", ["contact_id"])
    op.create_index("ix_family_code_expires_at", "family_code", ["expires_at"])
    op.create_table(
        "message_heard",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "provider_id", name=op.f("pk_message_heard")),
    )
    op.create_index("ix_message_heard_heard_at", "message_heard", ["heard_at"])


def _sending() -> None:
    op.create_table(
        "language_approval",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "language", name=op.f("pk_language_approval")),
    )
    op.create_table(
        "channel_pause",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.Uuid(), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "channel", name=op.f("pk_channel_pause")),
    )
    op.create_table(
        "provider_rest",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_rest")),
    )


def _receipts() -> None:
    op.create_table(
        "receipt",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "part", "result", name=op.f("pk_receipt")),
    )
    op.create_table(
        "early_receipt",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.Column("came_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "provider_id", "part", "result", name=op.f("pk_early_receipt")),
    )
    op.create_index("ix_early_receipt_came_at", "early_receipt", ["came_at"])


def _notifications() -> None:
    for column in (
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("urgency", sa.SmallInteger(), nullable=False, server_default="1"),
        sa.Column("moment", UtcDateTime(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("address_number", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("tries_there", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("first_tried_at", UtcDateTime(), nullable=True),
        sa.Column("maybe_twice", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("notification", column)
    op.create_index("ix_notification_organisation_id", "notification", ["organisation_id", "created_at", "id"])
    op.create_index("ix_notification_status", "notification", ["organisation_id", "status", "created_at", "id"])
    op.create_index(
        "ix_notification_due",
        "notification",
        ["organisation_id", "urgency", "next_attempt_at"],
        postgresql_where=_TO_FAMILIES,
        sqlite_where=_TO_FAMILIES,
    )
    op.create_index(
        "ix_notification_contact_id",
        "notification",
        ["contact_id"],
        postgresql_where=_OF_A_CONTACT,
        sqlite_where=_OF_A_CONTACT,
    )


def _attempts() -> None:
    for column in (
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("parts", sa.SmallInteger(), nullable=False, server_default="1"),
        sa.Column("contradictory", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("attempt", column)
    op.create_index("ix_attempt_provider_id", "attempt", ["provider_id", "provider"])
    op.create_index("ix_attempt_open", "attempt", ["started_at"], postgresql_where=_OPEN, sqlite_where=_OPEN)


def downgrade() -> None:
    op.drop_index("ix_attempt_open", "attempt")
    op.drop_index("ix_attempt_provider_id", "attempt")
    for name in ("contradictory", "parts", "code", "provider_id", "provider", "channel"):
        op.drop_column("attempt", name)
    for index in ("contact_id", "due", "status", "organisation_id"):
        op.drop_index(f"ix_notification_{index}", "notification")
    op.execute(
        "DELETE FROM attempt WHERE notification_id IN (SELECT id FROM notification WHERE contact_id IS NOT NULL)"
    )
    op.execute("DELETE FROM notification WHERE contact_id IS NOT NULL")
    for name in (
        "maybe_twice",
        "first_tried_at",
        "reason",
        "language",
        "tries_there",
        "address_number",
        "count",
        "moment",
        "urgency",
        "person_id",
        "contact_id",
    ):
        op.drop_column("notification", name)
    for table in (
        "early_receipt",
        "receipt",
        "provider_rest",
        "channel_pause",
        "language_approval",
        "message_heard",
        "family_code",
        "family_address",
        "family_contact",
    ):
        op.drop_table(table)
