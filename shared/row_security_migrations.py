"""Row-level security on PostgreSQL, as a service's history first made it. Frozen: a change is a new function.

Inside a request's transaction `shared.access.act_as` takes a role that owns no table and names the organisation; a
transaction that names one without taking the role is confined all the same (`FORCE`).
"""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from alembic import op

from shared.access import member_role
from shared.errors import MisconfiguredError

_NAMED = "NULLIF(current_setting('kinbridge.organisation', true), '')"
_CHANGES = "SELECT, INSERT, UPDATE, DELETE"


def create_member_role(service: str, grants: Mapping[str, str]) -> None:
    """The role that a request's transaction takes, and what it may do with tables that hold no organisation's rows."""
    if not _on_postgresql():
        return
    role, bind = member_role(service), op.get_bind()
    member = sa.text("SELECT pg_has_role(current_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = :role")
    if not bind.scalar(member, {"role": role}):
        if not bind.scalar(sa.text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")):
            raise MisconfiguredError(
                f"The role {role} is missing, and this database's owner may not make it: as a superuser, run "
                f'CREATE ROLE {role} NOLOGIN; GRANT {role} TO "<owner>"; and start again.'
            )
        op.execute(
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
        )
        op.execute(f"GRANT {role} TO CURRENT_USER")
    for table, allowed in grants.items():
        op.execute(f'GRANT {allowed} ON "{table}" TO {role}')


def lock_rows(service: str, own: Iterable[str], through: Mapping[str, str]) -> None:
    """Confine tables with an `organisation_id`, and those whose rows belong to a row of such a table.

    `through` names for each of these tables the condition that finds that row: it is confined itself.
    """
    if not _on_postgresql():
        return
    for table in own:
        _lock(service, table, f"organisation_id = {_NAMED}::uuid", _CHANGES)
    for table, condition in through.items():
        _lock(service, table, f"EXISTS (SELECT FROM {condition})", "SELECT")


def lock_rows_of_one(service: str, through: Mapping[str, str]) -> None:
    """Confine tables each of whose rows belongs to one row of a confined table, found by a look-up of its key.

    `through` as in `lock_rows`; its condition must find one row at the most. Unlike there, nothing is looked up for the
    installation, and whatever a query reads is looked up by itself: `EXISTS` would be planned as a hash of all the rows
    of the other table, made again by each query.
    """
    if not _on_postgresql():
        return
    for table, condition in through.items():
        _lock(service, table, f"{_NAMED} IS NOT NULL AND (SELECT true FROM {condition})", "SELECT")  # noqa: S608


def _lock(service: str, table: str, condition: str, allowed: str) -> None:
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY organisation ON "{table}" USING ({condition})')
    op.execute(f'CREATE POLICY installation ON "{table}" TO CURRENT_USER USING ({_NAMED} IS NULL)')
    op.execute(f'GRANT {allowed} ON "{table}" TO {member_role(service)}')


def lock_log(service: str, own_person: str) -> None:
    """A member's transaction records facts, reads none, and blanks those of a person that it may erase."""
    if not _on_postgresql():
        return
    role = member_role(service)
    op.execute("ALTER TABLE event_log ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY record ON event_log FOR INSERT TO {role} WITH CHECK (true)")
    for name, act in (("find", "SELECT"), ("blank", "UPDATE")):
        op.execute(f"CREATE POLICY {name} ON event_log FOR {act} TO {role} USING (EXISTS (SELECT FROM {own_person}))")
    op.execute(f"GRANT INSERT ON event_log TO {role}")
    op.execute(f"GRANT SELECT (ordinal, person_id, erased_at) ON event_log TO {role}")
    op.execute(f"GRANT UPDATE (nonce, payload, sealed, erased_at) ON event_log TO {role}")


def unlock_log(service: str) -> None:
    """Undo it."""
    if not _on_postgresql():
        return
    for name in ("record", "find", "blank"):
        op.execute(f"DROP POLICY {name} ON event_log")
    op.execute("ALTER TABLE event_log DISABLE ROW LEVEL SECURITY")
    op.execute(f"REVOKE ALL ON event_log FROM {member_role(service)}")


def unlock_rows(service: str, tables: Iterable[str], granted: Iterable[str]) -> None:
    """Undo both on tables that stay. The role stays: other databases of the server may know it."""
    if not _on_postgresql():
        return
    for table in tables:
        op.execute(f'DROP POLICY organisation ON "{table}"')
        op.execute(f'DROP POLICY installation ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY')
    for table in (*tables, *granted):
        op.execute(f'REVOKE ALL ON "{table}" FROM {member_role(service)}')


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
