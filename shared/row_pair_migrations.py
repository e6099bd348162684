"""Row-level security for what two organisations have in common, on PostgreSQL. Frozen: a change is a new function."""

from __future__ import annotations

from collections.abc import Iterable

from alembic import op

from shared.access import member_role

_NAMED = "NULLIF(current_setting('kinbridge.organisation', true), '')"


def lock_pairs(service: str, tables: Iterable[str]) -> None:
    """Confine tables with an `organisation_id` and a `receiver_id`: both sides see and change a row, nobody else."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        either = f"{_NAMED}::uuid IN (organisation_id, receiver_id)"
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
        op.execute(f'CREATE POLICY organisation ON "{table}" USING ({either})')
        op.execute(f'CREATE POLICY installation ON "{table}" TO CURRENT_USER USING ({_NAMED} IS NULL)')
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {member_role(service)}')
