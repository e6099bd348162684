"""Row-level security on PostgreSQL for rows that every organisation of the hub reads, and one changes.

Beside `row_security_migrations`, and frozen like it: a change is a new function.
"""

from collections.abc import Iterable

from alembic import op

from shared.access import member_role

_NAMED = "NULLIF(current_setting('kinbridge.organisation', true), '')"


def lock_hub_rows(service: str, tables: Iterable[str]) -> None:
    """Every member reads these tables, and writes the rows with its own `organisation_id` alone; nothing is deleted."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
        op.execute(f'CREATE POLICY organisation ON "{table}" USING (organisation_id = {_NAMED}::uuid)')
        op.execute(f'CREATE POLICY hub ON "{table}" FOR SELECT USING (true)')
        op.execute(f'CREATE POLICY installation ON "{table}" TO CURRENT_USER USING ({_NAMED} IS NULL)')
        op.execute(f'GRANT SELECT, INSERT, UPDATE ON "{table}" TO {member_role(service)}')
