"""Name keys stand alone: a foreign key of a score of rows a person, checked one by one, took a quarter of a submission.

No person's row is ever deleted, and who destroys a person's data deletes the keys in the same transaction.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PERSON = "fk_name_key_person_id_person"


def upgrade() -> None:
    with op.batch_alter_table("name_key") as keys:
        keys.drop_constraint(op.f(_PERSON), type_="foreignkey")


def downgrade() -> None:
    with op.batch_alter_table("name_key") as keys:
        keys.create_foreign_key(op.f(_PERSON), "person", ["person_id"], ["id"])
