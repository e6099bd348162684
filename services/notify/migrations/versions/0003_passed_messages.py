"""Messages about what passes between organisations: several of a kind about one thing, held with their case."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA defer_foreign_keys = ON")  # the table is made anew under the attempts that refer to it
    with op.batch_alter_table("notification") as batch_op:
        batch_op.drop_constraint(op.f("uq_notification_kind_about"), type_="unique")
        batch_op.add_column(sa.Column("fact_subject", sa.Text(), nullable=True))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA defer_foreign_keys = ON")
    with op.batch_alter_table("notification") as batch_op:
        batch_op.drop_column("fact_subject")
        batch_op.create_unique_constraint(op.f("uq_notification_kind_about"), ["kind", "about"])
