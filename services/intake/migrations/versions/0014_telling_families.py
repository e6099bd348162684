"""How families are told, and what they answer."""

import sqlalchemy as sa
from alembic import op

from shared.access import member_role
from shared.database import UtcDateTime
from shared.row_security_migrations import lock_rows

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NOT_DONE = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "family_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("opted_out_at", UtcDateTime(), nullable=True),
        *_of_organisation("family_contact"),
        _of_case("family_contact"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_family_contact_person_id_person")),
    )
    op.create_index("ix_family_contact_case_id", "family_contact", ["case_id"])
    op.create_index("ix_family_contact_person_id", "family_contact", ["person_id"])
    op.create_table(
        "family_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_message")),
    )
    op.create_index("ix_family_message_case_id", "family_message", ["case_id"])
    op.create_table(
        "family_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        *_until_done(),
        *_of_organisation("family_reply"),
        _of_case("family_reply"),
    )
    op.create_table(
        "attention",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        *_until_done(),
        *_of_organisation("attention"),
        _of_case("attention"),
    )
    for table in ("family_reply", "attention"):
        op.create_index(f"ix_{table}_case_id", table, ["case_id"])
        op.create_index(
            f"ix_{table}_waiting",
            table,
            ["organisation_id", "due_by"],
            postgresql_where=_NOT_DONE,
            sqlite_where=_NOT_DONE,
        )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("not_for", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        *_until_done()[1:],
        *_of_organisation("complaint"),
    )
    op.create_index("ix_complaint_organisation_id", "complaint", ["organisation_id", "id"])
    lock_rows("intake", _TABLES, {})
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"REVOKE INSERT, UPDATE, DELETE ON family_message FROM {member_role('intake')}")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


_TABLES = ("family_contact", "family_message", "family_reply", "attention", "complaint")


def _until_done() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("due_by", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
    )


def _of_organisation(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f(f"fk_{table}_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _of_case(table: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f(f"fk_{table}_case_id_case"))
