"""Data keys: what is encrypted at rest, and how it is erased."""

from shared.vault_migrations import create_vault, drop_vault

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_vault()


def downgrade() -> None:
    drop_vault()
