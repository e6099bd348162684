"""The matcher's index: whom it compares, prepared, and the digests by which they are found."""

import sqlalchemy as sa
from alembic import op

from shared.access import member_role
from shared.database import UtcDateTime
from shared.row_security_migrations import lock_rows, lock_rows_of_one

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_DUE = sa.text("next_attempt_at IS NOT NULL")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "match_record",
        sa.Column("number", number, sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("index_key", sa.Text(), nullable=True),
        sa.Column("digests", sa.LargeBinary(), nullable=True),
        sa.Column("traits", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_match_record_person_id_person")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_match_record_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_match_record")),
        sa.UniqueConstraint("person_id", name=op.f("uq_match_record_person_id")),
    )
    op.create_index(
        *("ix_match_record_next_attempt_at", "match_record", ["next_attempt_at"]),
        postgresql_where=_DUE,
        sqlite_where=_DUE,
    )
    op.create_index("ix_match_record_side", "match_record", ["side", "organisation_id"])
    op.create_index("ix_match_record_version", "match_record", ["version"])
    op.create_table(
        "match_key",
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("digest", "holder", name=op.f("pk_match_key")),
        sqlite_with_rowid=False,
    )
    lock_rows("intake", ("match_record",), {})
    lock_rows_of_one("intake", {"match_key": "match_record one WHERE one.number = match_key.holder >> 31"})
    if op.get_bind().dialect.name == "postgresql":  # of its own people's, to erase them
        op.execute(f"GRANT DELETE ON match_key TO {member_role('intake')}")
    _everybody_so_far()


def _everybody_so_far() -> None:
    """Whoever was known before is due at once: the worker sees who of them is compared, and makes the rest of it."""
    op.execute(
        "INSERT INTO match_record (person_id, organisation_id, next_attempt_at) "
        "SELECT DISTINCT person.id, person.organisation_id, CURRENT_TIMESTAMP FROM person "
        "JOIN case_person ON case_person.person_id = person.id "
        'JOIN "case" ON "case".id = case_person.case_id '
        "WHERE person.erased_at IS NULL AND (\"case\".type, case_person.role) IN (VALUES ('tracing_request', 'sought'), "
        "('registration', 'registered'), ('child', 'child'), ('detention', 'detainee')) ORDER BY person.id"
    )


def downgrade() -> None:
    op.drop_table("match_key")
    op.drop_table("match_record")
