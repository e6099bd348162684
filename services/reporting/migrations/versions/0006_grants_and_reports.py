"""Donors, grants with what was spent of them, and the life of their reports. A published issue is never changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    _create_grants()
    _create_ledger()
    _create_reports()
    _freeze_issues()


def _create_grants() -> None:
    op.create_table(
        "donor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("donor_group", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_donor_organisation_id_name")),
    )
    op.create_table(
        "donor_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("donor_id", sa.Uuid(), nullable=False),
        sa.Column("donor_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("themes", _JSON, nullable=False),
        sa.Column("countries", _JSON, nullable=False),
        sa.Column("frameworks", _JSON, nullable=False),
        sa.Column("sections", _JSON, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("age_scheme", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_donor_grant_donor_id_donor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_grant")),
        sa.UniqueConstraint("organisation_id", "number", name=op.f("uq_donor_grant_organisation_id_number")),
    )
    op.create_index("ix_donor_grant_donor_organisation_id", "donor_grant", ["donor_organisation_id"])
    op.create_table(
        "budget_line",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["donor_grant.id"], name=op.f("fk_budget_line_grant_id_donor_grant")),
        sa.PrimaryKeyConstraint("grant_id", "code", name=op.f("pk_budget_line")),
    )
    op.create_table(
        "target",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("baseline", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["donor_grant.id"], name=op.f("fk_target_grant_id_donor_grant")),
        sa.PrimaryKeyConstraint("grant_id", "indicator", name=op.f("pk_target")),
    )


def _create_ledger() -> None:
    op.create_table(
        "ledger_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_role", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["donor_grant.id"], name=op.f("fk_ledger_import_grant_id_donor_grant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_import")),
    )
    op.create_index("ix_ledger_import_grant_id", "ledger_import", ["grant_id"])
    op.create_table(
        "expenditure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("converted", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["donor_grant.id"], name=op.f("fk_expenditure_grant_id_donor_grant")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["ledger_import.id"], name=op.f("fk_expenditure_import_id_ledger_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expenditure")),
        sa.UniqueConstraint("grant_id", "fingerprint", name=op.f("uq_expenditure_grant_id_fingerprint")),
    )
    op.create_index("ix_expenditure_grant_id", "expenditure", ["grant_id", "spent_on"])
    op.create_index("ix_expenditure_import_id", "expenditure", ["import_id"])


def _create_reports() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("periods", _JSON, nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("remind_days", _JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["donor_grant.id"], name=op.f("fk_schedule_grant_id_donor_grant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )
    op.create_index("ix_schedule_grant_id", "schedule", ["grant_id"])
    op.create_table(
        "report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("draft", sa.LargeBinary(), nullable=True),
        sa.Column("draft_digest", sa.Text(), nullable=True),
        sa.Column("drafted_at", UtcDateTime(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("sent_back_at", UtcDateTime(), nullable=True),
        sa.Column("sent_back_for", sa.Text(), nullable=True),
        sa.Column("failed_at", UtcDateTime(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["donor_grant.id"], name=op.f("fk_report_grant_id_donor_grant")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_report_schedule_id_schedule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("grant_id", "first", "last", name=op.f("uq_report_grant_id_first_last")),
    )
    op.create_index("ix_report_organisation_id", "report", ["organisation_id", "due_on"])
    op.create_index("ix_report_state", "report", ["state", "due_on"])
    op.create_table(
        "report_section",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_role", sa.Text(), nullable=True),
        sa.Column("signed_organisation", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_section_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "key", name=op.f("pk_report_section")),
    )
    op.create_table(
        "report_reminder",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_reminder_report_id_report")),
        sa.PrimaryKeyConstraint("report_id", "days", name=op.f("pk_report_reminder")),
    )
    op.create_table(
        "report_issue",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_role", sa.Text(), nullable=False),
        sa.Column("published_organisation", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("donor_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_issue_report_id_report")),
        sa.ForeignKeyConstraint(["grant_id"], ["donor_grant.id"], name=op.f("fk_report_issue_grant_id_donor_grant")),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_report_issue")),
    )
    op.create_index("ix_report_issue_grant_id", "report_issue", ["grant_id"])
    op.create_index("ix_report_issue_donor_organisation_id", "report_issue", ["donor_organisation_id"])


def _freeze_issues() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change_of_issue() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a published issue is never changed'; END $$"
        )
        op.execute(
            "CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON report_issue "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_issue()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER report_issue_no_{act.lower()} BEFORE {act} ON report_issue "
            "BEGIN SELECT RAISE(ABORT, 'a published issue is never changed'); END"
        )


def downgrade() -> None:
    for table in (
        "report_issue",
        "report_reminder",
        "report_section",
        "report",
        "schedule",
        "expenditure",
        "ledger_import",
        "target",
        "budget_line",
        "donor_grant",
        "donor",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_issue()")
