"""The donors' people who asked for reports, and the mails to them."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("ended_at IS NULL")
_DUE = sa.text("next_attempt_at IS NOT NULL")
_OPEN = sa.text("outcome IS NULL")


def upgrade() -> None:
    _readers()
    _deliveries()
    _attempts()


def _readers() -> None:
    op.create_table(
        "report_reader",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("formats", sa.Text(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_for", sa.Text(), nullable=True),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_reader")),
    )
    op.create_index(
        "uq_report_reader_active",
        "report_reader",
        ["organisation_id", "grant_id", "digest"],
        unique=True,
        postgresql_where=_ACTIVE,
        sqlite_where=_ACTIVE,
    )
    op.create_index("ix_report_reader_digest", "report_reader", ["digest"])


def _deliveries() -> None:
    op.create_table(
        "report_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("grant_number", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=False),
        sa.Column("date_to", sa.Date(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("formats", sa.Text(), nullable=False),
        sa.Column("link_digest", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("first_tried_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("again_by", sa.Uuid(), nullable=True),
        sa.Column("again_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reader_id"], ["report_reader.id"], name=op.f("fk_report_delivery_reader_id_report_reader")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_delivery")),
        sa.UniqueConstraint(
            "report_id", "number", "reader_id", name=op.f("uq_report_delivery_report_id_number_reader_id")
        ),
    )
    op.create_index(
        "ix_report_delivery_due", "report_delivery", ["next_attempt_at"], postgresql_where=_DUE, sqlite_where=_DUE
    )
    op.create_index("ix_report_delivery_organisation_id", "report_delivery", ["organisation_id", "created_at", "id"])
    op.create_index("ix_report_delivery_link_digest", "report_delivery", ["link_digest"], unique=True)
    op.create_index("ix_report_delivery_reader_id", "report_delivery", ["reader_id"])


def _attempts() -> None:
    op.create_table(
        "report_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["report_delivery.id"], name=op.f("fk_report_attempt_delivery_id_report_delivery")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_attempt")),
    )
    op.create_index("ix_report_attempt_delivery_id", "report_attempt", ["delivery_id"])
    op.create_index(
        "ix_report_attempt_open", "report_attempt", ["started_at"], postgresql_where=_OPEN, sqlite_where=_OPEN
    )


def downgrade() -> None:
    for table in ("report_attempt", "report_delivery", "report_reader"):
        op.drop_table(table)
