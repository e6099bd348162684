"""Data keys: what is encrypted at rest, and how it is erased; and what persons agreed to."""

from shared.person_basis_migrations import create_person_basis, drop_person_basis
from shared.vault_migrations import create_vault, drop_vault

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_vault()
    create_person_basis()


def downgrade() -> None:
    drop_person_basis()
    drop_vault()
