"""The backbone's tables, the same in every service's own database.

What is read under load is only ever inserted into: an updated row leaves dead versions behind that cannot be
vacuumed while somebody holds a snapshot, and looking it up then costs more with every event (decision 0003).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from shared.database import NAMING, UtcDateTime

BACKBONE = MetaData(naming_convention=NAMING)

_Ordinal = BigInteger().with_variant(Integer, "sqlite")

event_subject = Table(
    "event_subject",
    BACKBONE,
    Column("subject", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    comment="The number of events of each subject; its row lock makes log order the commit order",
)

event_log = Table(
    "event_log",
    BACKBONE,
    Column("ordinal", _Ordinal, Identity(), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("subject", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("person_id", Uuid),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("header", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("nonce", LargeBinary),
    Column("payload", LargeBinary),
    Column("sealed", LargeBinary),
    Column("payload_digest", LargeBinary, nullable=False),
    Column("sealed_digest", LargeBinary, nullable=False),
    Column("erased_at", UtcDateTime),
    UniqueConstraint("subject", "seq"),
    Index(
        "ix_event_log_person_id",
        "person_id",
        postgresql_where=text("person_id IS NOT NULL"),
        sqlite_where=text("person_id IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
    comment="Facts, as recorded with the change they tell of",
)

event_position = Table(
    "event_position",
    BACKBONE,
    Column("partition", SmallInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("ordinal", BigInteger, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
    comment="The sequencer's work: 1, 2, 3 … in each partition, chained by hash",
)

head = Table(
    "head",
    BACKBONE,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("published", BigInteger, nullable=False, server_default="0"),
    comment="One row a partition: the sequencer's lock, and how far the broker has confirmed",
)

sequencer_floor = Table(
    "sequencer_floor",
    BACKBONE,
    Column("only", SmallInteger, primary_key=True, autoincrement=False),
    Column("ordinal", BigInteger, nullable=False),
    comment="Everything up to this ordinal is sequenced or was rolled back; saved now and then",
)

cursor = Table(
    "cursor",
    BACKBONE,
    Column("consumer", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    comment="The lock of one consumer on one partition of one source",
)

cursor_position = Table(
    "cursor_position",
    BACKBONE,
    Column("consumer", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    comment="How far a consumer has come: the newest row counts. That is the whole inbox",
)

held = Table(
    "held",
    BACKBONE,
    Column("consumer", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("organisation_id", Uuid),
    Column("first_position", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    Column("event_type", Text),
    Column("error_class", Text, nullable=False),
    Column("sqlstate", Text),
    Column("location", Text),
    Column("attempts", Integer, nullable=False, server_default="1"),
    Column("held_at", UtcDateTime, nullable=False),
    Column("retry_at", UtcDateTime),
    Column("streak", Boolean, nullable=False),
    comment="Subjects whose events wait for an operator (or, with retry_at, for a fact still under way)",
)

alarm = Table(
    "alarm",
    BACKBONE,
    Column("kind", Text, primary_key=True),
    Column("consumer", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("subject", Text),
    Column("error_class", Text),
    Column("sqlstate", Text),
    Column("location", Text),
    Column("stops", Boolean, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    comment="What an operator must see now; with `stops`, the partition waits until it is resumed",
)

protective_marker = Table(
    "protective_marker",
    BACKBONE,
    Column("consumer", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("person_id", Uuid),
    Column("purpose", Text, primary_key=True),
    comment="A protective event was applied: nothing with a lower seq may undo it ('*' is every purpose)",
)

discarded = Table(
    "discarded",
    BACKBONE,
    Column("consumer", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("discarded_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("discarded_at", UtcDateTime, nullable=False),
    comment="Events that an operator decided to skip: who, and why",
)

job_tick = Table(
    "job_tick",
    BACKBONE,
    Column("job", Text, primary_key=True),
    Column("tick", BigInteger, primary_key=True),
    comment="Scheduled runs that were claimed: two schedulers do no harm",
)
