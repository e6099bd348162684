"""Services delivered, cases and released news, to count; and where in intake's log each fact stands.

What was counted before has no place in the log until `kinbridge rebuild reporting`, and services and cases of before are
counted by it alone.
"""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _place() -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
    )


def upgrade() -> None:
    _create_services()
    _create_cases()
    with op.batch_alter_table("incident_fact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source_quality", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("partition", sa.SmallInteger(), nullable=True))
        batch_op.add_column(sa.Column("position", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("event_id", sa.Uuid(), nullable=True))
    with op.batch_alter_table("passed_fact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("partition", sa.SmallInteger(), nullable=True))
        batch_op.add_column(sa.Column("position", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("event_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("answered_position", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("answered_event_id", sa.Uuid(), nullable=True))


def _create_services() -> None:
    op.create_table(
        "served_fact",
        *_place(),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("modality", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("unlinked", sa.BigInteger(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("shares", sa.Text(), nullable=False),
        sa.Column("corrected_position", sa.BigInteger(), nullable=True),
        sa.Column("corrected_event_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("partition", "position", name=op.f("pk_served_fact")),
    )
    op.create_index("ix_served_fact_organisation_id", "served_fact", ["organisation_id", "delivered_on"])
    op.create_index("ix_served_fact_service_id", "served_fact", ["service_id"])
    op.create_table(
        "served_person",
        *_place(),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("disability", sa.Text(), nullable=False),
        sa.Column("nationality", sa.Text(), nullable=True),
        sa.Column("legal_status", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("modality", sa.Text(), nullable=True),
        sa.Column("shares", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "position", "number", name=op.f("pk_served_person")),
    )
    op.create_index(
        "ix_served_person_organisation_id", "served_person", ["organisation_id", "category", "delivered_on"]
    )
    op.create_index("ix_served_person_token", "served_person", ["token"])
    op.create_table(
        "token_key",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_token_key")),
    )
    sums = ("services", "quantity", "people", "unlinked", "services_share", "quantity_share", "people_share")
    op.create_table(
        "service_rollup",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("grant", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in sums),
        sa.PrimaryKeyConstraint(
            "organisation_id", "grant", "month", "category", "cell", name=op.f("pk_service_rollup")
        ),
    )


def _create_cases() -> None:
    op.create_table(
        "case_fact",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_type", sa.Text(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("nationality", sa.Text(), nullable=True),
        *_place(),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_fact")),
    )
    op.create_index("ix_case_fact_organisation_id", "case_fact", ["organisation_id", "submitted_on"])
    op.create_table(
        "case_turn",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=True),
        sa.Column("begun_at", UtcDateTime(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        *_place(),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_case_turn")),
    )
    op.create_index("ix_case_turn_ended", "case_turn", ["organisation_id", "state", "ended_on"])
    op.create_index("ix_case_turn_closed", "case_turn", ["organisation_id", "closed_on"])
    op.create_table(
        "release_fact",
        *_place(),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("told_position", sa.BigInteger(), nullable=True),
        sa.Column("told_event_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("partition", "position", name=op.f("pk_release_fact")),
    )
    op.create_index("ix_release_fact_organisation_id", "release_fact", ["organisation_id", "released_at"])
    op.create_index("ix_release_fact_case_id", "release_fact", ["case_id"])


def downgrade() -> None:
    for table in (
        "release_fact",
        "case_turn",
        "case_fact",
        "service_rollup",
        "token_key",
        "served_person",
        "served_fact",
    ):
        op.drop_table(table)
    for table, columns in (
        ("passed_fact", ("answered_event_id", "answered_position", "event_id", "position", "partition")),
        ("incident_fact", ("event_id", "position", "partition", "source_quality")),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
