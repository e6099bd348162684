"""Messages about what passes between organisations: several of a kind about one thing, held with their case."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with _attempts_aside(), op.batch_alter_table("notification") as batch_op:
        batch_op.drop_constraint(op.f("uq_notification_kind_about"), type_="unique")
        batch_op.add_column(sa.Column("fact_subject", sa.Text(), nullable=True))


@contextmanager
def _attempts_aside() -> Iterator[None]:
    """SQLite makes the table of notifications anew, and none of its rows may be referred to when the old one goes:
    to defer foreign keys is not enough, for what a dropped table violated stays counted."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    op.execute("CREATE TEMPORARY TABLE attempts_aside AS SELECT * FROM attempt")
    op.execute("DELETE FROM attempt")
    yield
    op.execute("INSERT INTO attempt SELECT * FROM attempts_aside")
    op.execute("DROP TABLE attempts_aside")


def downgrade() -> None:
    with _attempts_aside(), op.batch_alter_table("notification") as batch_op:
        batch_op.drop_column("fact_subject")
        batch_op.create_unique_constraint(op.f("uq_notification_kind_about"), ["kind", "about"])
