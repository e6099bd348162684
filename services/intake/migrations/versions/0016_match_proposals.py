"""Matches: a sought person and a found one may be the same."""

import sqlalchemy as sa
from alembic import op

from shared.access import member_role
from shared.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLES = ("match", "match_step")
_NAMED = "NULLIF(current_setting('kinbridge.organisation', true), '')"
_STANDS = sa.text("state IN ('proposed', 'released', 'information_asked', 'confirmed')")


def upgrade() -> None:
    op.create_table(
        "match",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sought_person_id", sa.Uuid(), nullable=False),
        sa.Column("sought_case_id", sa.Uuid(), nullable=False),
        sa.Column("sought_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("found_person_id", sa.Uuid(), nullable=False),
        sa.Column("found_case_id", sa.Uuid(), nullable=False),
        sa.Column("found_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("weights_version", sa.Integer(), nullable=False),
        sa.Column("child", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("reminded", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("agrees_to", sa.Text(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_side", sa.Text(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("terms", sa.LargeBinary(), nullable=True),
        sa.Column("compared", sa.LargeBinary(), nullable=True),
        *(_of_side(side, of) for side in ("sought", "found") for of in ("person", "case", "organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match")),
        sa.UniqueConstraint("reference", name=op.f("uq_match_reference")),
        sa.UniqueConstraint(
            *("sought_person_id", "found_person_id", "round"),
            name=op.f("uq_match_sought_person_id_found_person_id_round"),
        ),
    )
    _create_indexes()
    op.create_table(
        "match_step",
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sought_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("found_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["match_id"], ["match.id"], name=op.f("fk_match_step_match_id_match")),
        sa.PrimaryKeyConstraint("match_id", "number", name=op.f("pk_match_step")),
    )
    _lock("match", "released_at IS NOT NULL")
    _lock("match_step", "told")


def _of_side(side: str, of: str) -> sa.Constraint:
    column = f"{side}_{of}_id"
    return sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"fk_match_{column}_{of}"))


def _create_indexes() -> None:
    due, told = sa.text("due_at IS NOT NULL"), sa.text("released_at IS NOT NULL")
    pair = ["sought_person_id", "found_person_id"]
    op.create_index("uq_match_standing", "match", pair, unique=True, postgresql_where=_STANDS, sqlite_where=_STANDS)
    op.create_index("ix_match_found_organisation_id", "match", ["found_organisation_id", "id"])
    op.create_index(
        *("ix_match_sought_organisation_id", "match", ["sought_organisation_id", "id"]),
        postgresql_where=told,
        sqlite_where=told,
    )
    for column in ("found_case_id", "sought_case_id", "found_person_id"):
        op.create_index(f"ix_match_{column}", "match", [column])
    op.create_index("ix_match_due_at", "match", ["due_at"], postgresql_where=due, sqlite_where=due)


def _lock(table: str, told: str) -> None:
    """On PostgreSQL: the holder sees a row, the enquirer's organisation only what it was told of, nobody else any."""
    if op.get_bind().dialect.name != "postgresql":
        return
    holder, enquirer = (f"{side}_organisation_id = {_NAMED}::uuid" for side in ("found", "sought"))
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY organisation ON "{table}" USING ({holder} OR ({enquirer} AND {told}))')
    op.execute(f'CREATE POLICY installation ON "{table}" TO CURRENT_USER USING ({_NAMED} IS NULL)')
    op.execute(f'GRANT SELECT, INSERT, UPDATE ON "{table}" TO {member_role("intake")}')


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
