"""Case work: users and clients, persons and their keys, timelines, legal bases, erasures, duplicates."""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database import UtcDateTime
from shared.row_security_migrations import create_member_role, lock_log, lock_rows, unlock_log, unlock_rows
from shared.vault_migrations import create_vault, drop_vault

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON_DOCUMENT = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    create_vault()
    _extend_cases()
    op.create_table(
        "erasure_confirmed",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "case_id", "service", name=op.f("pk_erasure_confirmed")),
    )
    op.create_table(
        "person_viewed",
        sa.Column(
            "ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_person_viewed")),
    )
    op.create_table(
        "view_chained",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_view_chained")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_view_chained_ordinal")),
    )
    with op.batch_alter_table("person_viewed", schema=None) as batch_op:
        batch_op.create_index("ix_person_viewed_case_id", ["case_id"], unique=False)
        batch_op.create_index("ix_person_viewed_organisation_id", ["organisation_id", "ordinal"], unique=False)

    op.create_table(
        "api_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("roles", JSON_DOCUMENT, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_api_client_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
    )
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("roles", JSON_DOCUMENT, nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_app_user_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_app_user_sign_in_name")),
    )
    op.create_index("ix_api_client_organisation_id", "api_client", ["organisation_id", "label"])
    op.create_index("ix_app_user_organisation_id", "app_user", ["organisation_id", "sign_in_name"])
    _create_sign_in()
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("nationality", sa.Text(), nullable=True),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("share_with_nobody", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_person_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_organisation_id", ["organisation_id", "id"], unique=False)

    op.create_table(
        "case_person",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_person_case_id_case")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_person_person_id_person")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_case_person")),
    )
    with op.batch_alter_table("case_person", schema=None) as batch_op:
        batch_op.create_index("ix_case_person_person_id", ["person_id"], unique=False)

    op.create_table(
        "duplicate_warning",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("other_case_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("noticed_at", UtcDateTime(), nullable=False),
        sa.Column("decided", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_duplicate_warning_case_id_case")),
        sa.ForeignKeyConstraint(["other_case_id"], ["case.id"], name=op.f("fk_duplicate_warning_other_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "other_case_id", name=op.f("pk_duplicate_warning")),
    )
    with op.batch_alter_table("duplicate_warning", schema=None) as batch_op:
        batch_op.create_index(
            "ix_duplicate_warning_organisation_id", ["organisation_id", "case_id", "other_case_id"], unique=False
        )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("declined_by", sa.Uuid(), nullable=True),
        sa.Column("declined_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_erasure_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(
        "uq_erasure_person_id",
        "erasure",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("declined_at IS NULL"),
        sqlite_where=sa.text("declined_at IS NULL"),
    )
    op.create_table(
        "legal_basis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=True),
        sa.Column("assessed_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_legal_basis_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_legal_basis_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_basis")),
    )
    with op.batch_alter_table("legal_basis", schema=None) as batch_op:
        batch_op.create_index("ix_legal_basis_person_id", ["person_id", "purpose"], unique=False)

    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_legal_hold_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_legal_hold_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_table(
        "name_key",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_name_key_person_id_person")),
        sa.PrimaryKeyConstraint("organisation_id", "digest", "person_id", name=op.f("pk_name_key")),
    )
    with op.batch_alter_table("name_key", schema=None) as batch_op:
        batch_op.create_index("ix_name_key_person_id", ["person_id"], unique=False)

    op.create_table(
        "case_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_case_draft_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_case_draft_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_draft")),
    )
    with op.batch_alter_table("case_draft", schema=None) as batch_op:
        batch_op.create_index("ix_case_draft_changed_at", ["changed_at"], unique=False)
        batch_op.create_index("ix_case_draft_user_id", ["user_id", "id"], unique=False)

    op.create_table(
        "person_relation",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_person_relation_other_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_relation_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_person_relation")),
    )
    op.create_table(
        "subject_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_subject_request_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_subject_request_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_request")),
    )
    op.create_table(
        "timeline_entry",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("facts", JSON_DOCUMENT, nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_timeline_entry_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_timeline_entry")),
    )
    op.drop_table("api_key")
    create_member_role("intake", _GRANTS)
    lock_rows("intake", (*_OWN_BEFORE, *_OWN), _THROUGH_BEFORE | _THROUGH)
    lock_log("intake", "person WHERE person.id = person_id")


_GRANTS = {
    "organisation": "SELECT",
    "sign_in_failure": "SELECT, INSERT, UPDATE, DELETE",
    "event_subject": "SELECT, INSERT, UPDATE",
    "erased": "INSERT",
}
_OWN_BEFORE = ("accepted_request", "case", "import", "incident")
_OWN = (
    "api_client",
    "app_user",
    "case_draft",
    "case_person",
    "data_key",
    "duplicate_warning",
    "erasure",
    "invitation",
    "legal_basis",
    "legal_hold",
    "name_key",
    "person",
    "person_relation",
    "person_viewed",
    "recovery_code",
    "sign_in_ticket",
    "signed_in",
    "subject_request",
    "timeline_entry",
)
_THROUGH_BEFORE = {
    "case_hold": '"case" WHERE "case".id = case_id',
    "import_message": '"import" WHERE "import".id = import_id',
    "imported_row": '"import" WHERE "import".id = import_id',
}
_THROUGH = {
    "erased": "person WHERE person.id = person_id",
    "erasure_confirmed": "person WHERE person.id = person_id",
    "view_chained": "person_viewed AS seen WHERE seen.ordinal = view_chained.ordinal",
}


def _create_sign_in() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("name_digest", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name_digest", name=op.f("pk_sign_in_failure")),
    )
    op.create_table(
        "invitation",
        *_of_user("invitation"),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitation")),
    )
    op.create_table(
        "recovery_code",
        *_of_user("recovery_code"),
        sa.PrimaryKeyConstraint("user_id", "digest", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "sign_in_ticket",
        *_of_user("sign_in_ticket"),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_ticket")),
    )
    op.create_table(
        "signed_in",
        *_of_user("signed_in"),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_signed_in")),
    )
    for table in ("invitation", "sign_in_ticket", "signed_in"):
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def _of_user(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f(f"fk_{table}_user_id_app_user")),
    )


def _extend_cases() -> None:
    with op.batch_alter_table("case", recreate="never") as cases:
        cases.add_column(sa.Column("reference", sa.Text(), nullable=True))
        cases.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
        cases.add_column(sa.Column("updated_at", UtcDateTime(), nullable=True))
        cases.add_column(sa.Column("created_by", sa.Uuid(), nullable=True))
        cases.add_column(sa.Column("assigned_to", sa.Uuid(), nullable=True))
        cases.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        cases.add_column(sa.Column("restricted", sa.Boolean(), server_default=sa.false(), nullable=False))
        cases.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        cases.add_column(sa.Column("place", sa.Text(), nullable=True))
        cases.add_column(sa.Column("happened_on", sa.Date(), nullable=True))
        cases.add_column(sa.Column("facts", JSON_DOCUMENT, nullable=True))
        cases.add_column(sa.Column("narrative", sa.LargeBinary(), nullable=True))
    _give_references()
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA defer_foreign_keys = ON")  # the table is made anew under the rows that refer to it
    with op.batch_alter_table("case") as cases:
        cases.alter_column("reference", existing_type=sa.Text(), nullable=False)
        cases.alter_column("updated_at", existing_type=UtcDateTime(), nullable=False)
        cases.create_unique_constraint(op.f("uq_case_reference"), ["reference"])
        cases.create_index("ix_case_assigned_to", ["assigned_to", "due_on"])
        cases.create_index("ix_case_organisation_id_happened_on", ["organisation_id", "happened_on", "id"])
        cases.create_index("ix_case_organisation_id_place", ["organisation_id", "place", "id"])
        cases.create_index("ix_case_organisation_id_type", ["organisation_id", "type", "id"])
        cases.create_index("ix_case_organisation_id_type_status", ["organisation_id", "type", "status", "id"])
        cases.create_index("ix_case_organisation_id_status", ["organisation_id", "status", "id"])
        merged = sa.text("merged_into IS NOT NULL")
        cases.create_index("ix_case_merged_into", ["merged_into"], postgresql_where=merged, sqlite_where=merged)


def _give_references() -> None:
    """Cases of the first release get what every case has now: a reference, and the day of their incident."""
    cases = sa.table("case", sa.column("id", sa.Uuid()), sa.column("reference"), sa.column("updated_at"))
    bind = op.get_bind()
    ids = bind.execute(sa.select(cases.c.id)).scalars().all()
    if ids:
        statement = sa.update(cases).where(cases.c.id == sa.bindparam("case_id"))
        bind.execute(
            statement.values(reference=sa.bindparam("given")),
            [{"case_id": case_id, "given": _new_reference()} for case_id in ids],
        )
    op.execute('UPDATE "case" SET updated_at = created_at')
    op.execute('UPDATE "case" SET happened_on = (SELECT occurred_from FROM incident WHERE case_id = "case".id)')


_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def _new_reference() -> str:
    """As `services.intake.domain.reference` made them when this was written."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    product = 30
    for letter in letters:
        product = ((product + _ALPHABET.index(letter)) % 30 or 30) * 2 % 31
    return f"KB-{letters[:5]}-{letters[5:]}-{_ALPHABET[(1 - product) % 30]}"


def downgrade() -> None:
    unlock_rows("intake", (*_OWN_BEFORE, *_THROUGH_BEFORE, *_THROUGH), ("organisation", "event_subject"))
    unlock_log("intake")
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_api_key_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.drop_table("timeline_entry")
    op.drop_table("subject_request")
    for table in ("signed_in", "sign_in_ticket", "recovery_code", "invitation", "sign_in_failure"):
        op.drop_table(table)
    op.drop_table("person_relation")
    op.drop_table("name_key")
    op.drop_table("legal_hold")
    op.drop_table("legal_basis")
    op.drop_table("erasure")
    op.drop_table("duplicate_warning")
    op.drop_table("case_person")
    op.drop_table("person")
    op.drop_table("case_draft")
    op.drop_table("app_user")
    op.drop_table("api_client")
    op.drop_table("view_chained")
    op.drop_table("person_viewed")
    op.drop_table("erasure_confirmed")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA defer_foreign_keys = ON")
    with op.batch_alter_table("case") as cases:
        for name in ("type", "type_status", "status", "place", "happened_on"):
            cases.drop_index(f"ix_case_organisation_id_{name}")
        cases.drop_index("ix_case_assigned_to")
        cases.drop_index("ix_case_merged_into")
        cases.drop_constraint(op.f("uq_case_reference"), type_="unique")
        for name in _ADDED:
            cases.drop_column(name)
    drop_vault()


_ADDED = (
    "narrative",
    "facts",
    "happened_on",
    "place",
    "merged_into",
    "restricted",
    "due_on",
    "assigned_to",
    "created_by",
    "updated_at",
    "version",
    "reference",
)
