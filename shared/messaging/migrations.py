"""The backbone's tables as every service's history first made them. Frozen: a change is a new function beside it."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime
from shared.events.envelope import PARTITIONS


def create_backbone() -> None:
    """Revision 0001 of every service."""
    op.create_table(
        "alarm",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("error_class", sa.Text(), nullable=True),
        sa.Column("sqlstate", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "consumer", "source", "partition", "position", name=op.f("pk_alarm")),
        comment="What an operator must see now; with `stops`, the partition waits until it is resumed",
    )

    op.create_table(
        "cursor",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "partition", name=op.f("pk_cursor")),
        comment="The lock of one consumer on one partition of one source",
    )

    op.create_table(
        "cursor_position",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "partition", "position", name=op.f("pk_cursor_position")),
        comment="How far a consumer has come: the newest row counts. That is the whole inbox",
    )

    op.create_table(
        "discarded",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("discarded_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("discarded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "partition", "position", name=op.f("pk_discarded")),
        comment="Events that an operator decided to skip: who, and why",
    )

    op.create_table(
        "event_log",
        sa.Column(
            "ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(always=False), nullable=False
        ),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("payload_digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_digest", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_event_log")),
        sa.UniqueConstraint("subject", "seq", name=op.f("uq_event_log_subject_seq")),
        comment="Facts, as recorded with the change they tell of",
        sqlite_autoincrement=True,
    )

    with op.batch_alter_table("event_log", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_log_person_id",
            ["person_id"],
            unique=False,
            postgresql_where=sa.text("person_id IS NOT NULL"),
            sqlite_where=sa.text("person_id IS NOT NULL"),
        )

    op.create_table(
        "event_position",
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "position", name=op.f("pk_event_position")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_event_position_ordinal")),
        comment="The sequencer's work: 1, 2, 3 … in each partition, chained by hash",
    )

    op.create_table(
        "event_subject",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_event_subject")),
        comment="The number of events of each subject; its row lock makes log order the commit order",
    )

    op.create_table(
        "head",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("published", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_head")),
        comment="One row a partition: the sequencer's lock, and how far the broker has confirmed",
    )

    op.create_table(
        "held",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("first_position", sa.BigInteger(), nullable=False),
        sa.Column("last_position", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=True),
        sa.Column("error_class", sa.Text(), nullable=False),
        sa.Column("sqlstate", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("retry_at", UtcDateTime(), nullable=True),
        sa.Column("streak", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject", name=op.f("pk_held")),
        comment="Subjects whose events wait for an operator (or, with retry_at, for a fact still under way)",
    )

    op.create_table(
        "job_tick",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", "tick", name=op.f("pk_job_tick")),
        comment="Scheduled runs that were claimed: two schedulers do no harm",
    )

    op.create_table(
        "protective_marker",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "source", "subject", "seq", "purpose", name=op.f("pk_protective_marker")),
        comment="A protective event was applied: nothing with a lower seq may undo it ('*' is every purpose)",
    )

    op.create_table(
        "sequencer_floor",
        sa.Column("only", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_sequencer_floor")),
        comment="Everything up to this ordinal is sequenced or was rolled back; saved now and then",
    )
    head = sa.table("head", sa.column("partition", sa.SmallInteger))
    op.bulk_insert(head, [{"partition": partition} for partition in range(PARTITIONS)])


def drop_backbone() -> None:
    """Back to nothing."""
    op.drop_table("sequencer_floor")
    op.drop_table("protective_marker")
    op.drop_table("job_tick")
    op.drop_table("held")
    op.drop_table("head")
    op.drop_table("event_subject")
    op.drop_table("event_position")
    op.drop_table("event_log")
    op.drop_table("discarded")
    op.drop_table("cursor_position")
    op.drop_table("cursor")
    op.drop_table("alarm")
