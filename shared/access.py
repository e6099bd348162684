"""Who acts, what their role lets them do, and what they may see: the only organisation filter.

An actor is a person of an organisation, an organisation's system, or the operator of the installation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import ColumnElement, inspect, text, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.crypto import KeyRing
from shared.database import is_confinable, utc_now
from shared.errors import NotAllowed, NotAuthenticated
from shared.messaging.log import ledger_of

TOKEN_LIFE = timedelta(minutes=10)
"""Nobody asks a database whether a token still holds: a client or session that was revoked is shut out within this."""
LINK_LIFE = timedelta(hours=8)
"""Of the link, and its cookie, that opens the installation's own figures to its operator."""
_ALGORITHM = "Ed25519"
_ISSUER = "kinbridge-intake"


class Role(StrEnum):
    """What a person, or a system, is to its organisation. One may have several."""

    CASE_WORKER = "case_worker"
    CASE_MANAGER = "case_manager"
    CHILD_PROTECTION_OFFICER = "child_protection_officer"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    """Advises and audits, decides no case."""
    ADMINISTRATOR = "administrator"
    """Users and clients of the own organisation; no personal data of cases."""
    AUDITOR = "auditor"
    SERVICE_PROVIDER = "service_provider"
    FINANCE_OFFICER = "finance_officer"
    REPORT_APPROVER = "report_approver"
    DONOR_READER = "donor_reader"
    OPERATOR = "operator"
    """Runs the installation: ids and holds only."""


class Act(StrEnum):
    """What a role may be asked for. Life cycles name roles themselves; this is what lies around them."""

    READ_CASES = "read cases"
    READ_CHILDREN = "read the cases of children and other restricted cases"
    SUBMIT_CASES = "submit cases"
    CHANGE_CASES = "change cases"
    ASSIGN_CASES = "assign cases"
    MERGE_CASES = "merge duplicates"
    RECORD_LEGAL_BASES = "record legal bases and consent"
    PROPOSE_ERASURE = "propose an erasure"
    APPROVE_ERASURE = "approve an erasure"
    ANSWER_SUBJECTS = "answer the requests of data subjects"
    READ_AUDIT = "read the audit trail"
    ADMINISTER = "administer users and clients"
    REFER_CASES = "refer cases to other organisations, and answer referrals"
    TRANSFER_CASES = "hand cases over to other organisations, and take them over"
    READ_AGREEMENTS = "read data-sharing agreements"
    SIGN_AGREEMENTS = "propose, sign and end data-sharing agreements"
    READ_DIRECTORY = "read the service directory"
    KEEP_DIRECTORY = "keep the service directory"
    KEEP_OWN_FIELDS = "keep the organisation's own fields"
    READ_MESSAGES = "read what became of messages"
    APPROVE_LANGUAGES = "approve the texts that families are sent"
    PAUSE_CHANNELS = "pause a channel to families, and resume it"
    READ_GRANTS = "read grants and the reports about them"
    KEEP_GRANTS = "keep donors, grants and schedules"
    IMPORT_EXPENDITURES = "bring in expenditures"
    SIGN_EXPENDITURES = "sign expenditures"
    WRITE_REPORTS = "draft, write and submit reports"
    APPROVE_REPORTS = "approve, publish and restate reports"
    READ_PUBLISHED = "read what is published of the grants that the organisation gave"
    TRACE_FIGURES = "trace figures back to their facts"


_CASE_WORK = frozenset({Role.CASE_WORKER, Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER})
_ADVISED = _CASE_WORK | {Role.DATA_PROTECTION_OFFICER}
_REPORT_WRITERS = frozenset({Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER, Role.FINANCE_OFFICER})
_GRANT_READERS = _REPORT_WRITERS | {
    Role.REPORT_APPROVER,
    Role.AUDITOR,
    Role.DATA_PROTECTION_OFFICER,
    Role.ADMINISTRATOR,
}

MAY: dict[Act, frozenset[Role]] = {
    Act.READ_CASES: _ADVISED,
    Act.READ_CHILDREN: frozenset({Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER, Role.DATA_PROTECTION_OFFICER}),
    Act.SUBMIT_CASES: _CASE_WORK,
    Act.CHANGE_CASES: _CASE_WORK,
    Act.ASSIGN_CASES: frozenset({Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER}),
    Act.MERGE_CASES: frozenset({Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER}),
    Act.RECORD_LEGAL_BASES: _ADVISED,
    Act.PROPOSE_ERASURE: _ADVISED,
    Act.APPROVE_ERASURE: frozenset({Role.CASE_MANAGER, Role.DATA_PROTECTION_OFFICER}),
    Act.ANSWER_SUBJECTS: _ADVISED,
    Act.READ_AUDIT: frozenset({Role.AUDITOR, Role.DATA_PROTECTION_OFFICER}),
    Act.ADMINISTER: frozenset({Role.ADMINISTRATOR}),
    Act.REFER_CASES: _CASE_WORK,
    Act.TRANSFER_CASES: frozenset({Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER}),
    Act.READ_AGREEMENTS: _ADVISED | {Role.AUDITOR},
    Act.SIGN_AGREEMENTS: frozenset({Role.CASE_MANAGER, Role.DATA_PROTECTION_OFFICER}),
    Act.READ_DIRECTORY: frozenset(Role) - {Role.OPERATOR, Role.DONOR_READER},
    Act.KEEP_DIRECTORY: frozenset({Role.CASE_MANAGER, Role.ADMINISTRATOR}),
    Act.KEEP_OWN_FIELDS: frozenset({Role.CASE_MANAGER, Role.ADMINISTRATOR}),
    Act.READ_MESSAGES: frozenset(
        {Role.CASE_MANAGER, Role.CHILD_PROTECTION_OFFICER, Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR}
    ),
    Act.APPROVE_LANGUAGES: frozenset({Role.CASE_MANAGER, Role.DATA_PROTECTION_OFFICER}),
    Act.PAUSE_CHANNELS: frozenset({Role.CASE_MANAGER, Role.ADMINISTRATOR}),
    Act.READ_GRANTS: _GRANT_READERS,
    Act.KEEP_GRANTS: frozenset({Role.CASE_MANAGER, Role.FINANCE_OFFICER}),
    Act.IMPORT_EXPENDITURES: frozenset({Role.CASE_MANAGER, Role.FINANCE_OFFICER}),
    Act.SIGN_EXPENDITURES: frozenset({Role.FINANCE_OFFICER}),
    Act.WRITE_REPORTS: _REPORT_WRITERS | {Role.REPORT_APPROVER},
    Act.APPROVE_REPORTS: frozenset({Role.REPORT_APPROVER}),
    Act.READ_PUBLISHED: frozenset({Role.DONOR_READER}),
    Act.TRACE_FIGURES: frozenset({Role.AUDITOR}),
}
"""Role by role, who may do what in the own organisation."""


@dataclass(frozen=True)
class Actor:
    """Who acts. `operator` runs the installation: it may see figures of every organisation, and no case."""

    organisation_id: UUID
    operator: bool = False
    roles: frozenset[Role] = frozenset()
    user_id: UUID | None = None
    """None for an organisation's system."""

    def __post_init__(self) -> None:
        if self.operator and not self.roles <= {Role.OPERATOR}:
            raise ValueError("an operator has no other role")

    def may(self, act: Act) -> bool:
        """True when one of the actor's roles lets it do this."""
        return not self.roles.isdisjoint(MAY[act])


def require(actor: Actor, act: Act) -> None:
    """Raises `NotAllowed` when no role of the actor lets it do this. Says which roles may."""
    if not actor.may(act):
        raise NotAllowed(f"Your role may not {act.value}: ask {spoken(MAY[act])} of your organisation.")


def spoken(roles: Iterable[Role]) -> str:
    """Roles in a sentence: "a case manager or a child protection officer"."""
    names = sorted(role.value.replace("_", " ") for role in roles)
    return " or ".join(f"{'an' if name[0] in 'aeiou' else 'a'} {name}" for name in names)


def visible_to(actor: Actor, organisation: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The condition under which a row with this organisation column may be seen by the actor.

    Every read passes through here, or through `counted_for`; the service directory alone is read by all of the hub. It
    does not check roles (`require`), restricted cases (`queries.seen_by`) or legal bases: they stand beside it.
    """
    return organisation == actor.organisation_id


def counted_for(actor: Actor, organisation: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The condition under which a row may be counted for the actor: an operator sees the figures of every organisation,
    and no record of any."""
    return true() if actor.operator else visible_to(actor, organisation)


def member_role(service: str) -> str:
    """PostgreSQL's role for transactions that serve a member of the hub: it owns no table."""
    return f"kinbridge_member_{service}"


def act_as(session: Session, actor: Actor) -> None:
    """From here to its end this transaction sees and changes rows of the actor's organisation alone.

    The second lock, on PostgreSQL, by row-level security: a query that forgets `visible_to` finds nothing foreign.
    SQLite has none, and a `single_write` needs none: its one statement inserts.
    """
    if is_confinable(session):
        confined = {"role": member_role(ledger_of(session).source), "organisation": str(actor.organisation_id)}
        session.connection().execute(_CONFINE, confined)


@contextmanager
def between_organisations(session: Session, actor: Actor) -> Iterator[None]:
    """For what passes from one organisation to another by the word of both: not confined inside, and then again.

    Whoever enters has checked that both sides agreed, and touches the rows of that one thing. An exception leaves the
    transaction as it is inside: it must end with it, and so must the savepoint around it.
    """
    session.flush()
    if is_confinable(session):
        session.connection().execute(_LEAVE)
    yield
    session.flush()
    session.expire_all()
    act_as(session, actor)


@contextmanager
def unconfined(session: Session) -> Iterator[None]:
    """For what is judged, or taken back, of two organisations' records at once: not confined inside, and then as
    before. Whoever enters returns nothing of another organisation that its actor may not see.

    What was read inside is forgotten at the end. An exception leaves the transaction as it is inside: it must end with
    it, and so must the savepoint around it.
    """
    session.flush()
    known = set(session.identity_map.keys())
    confinable = is_confinable(session)
    if confinable:
        role, organisation = session.connection().execute(_CONFINED).one()
        session.connection().execute(_LEAVE)
    yield
    session.flush()
    for one in session.identity_map.values():
        if inspect(one).identity_key not in known:
            session.expunge(one)
    if confinable:
        session.connection().execute(_CONFINE, {"role": role or "none", "organisation": organisation or ""})


_CONFINED = text("SELECT current_setting('role', true), current_setting('kinbridge.organisation', true)")
_LEAVE = text("SELECT set_config('role', 'none', true), set_config('kinbridge.organisation', '', true)")
_CONFINE = text("SELECT set_config('role', :role, true), set_config('kinbridge.organisation', :organisation, true)")


def issue_token(keys: KeyRing, actor: Actor, *, now: datetime | None = None, life: timedelta = TOKEN_LIFE) -> str:
    """A token that every service verifies with intake's public key; it ends after `life`."""
    moment = now or utc_now()
    claims: dict[str, Any] = {
        "sub": str(actor.organisation_id),
        "operator": actor.operator,
        "roles": sorted(actor.roles),
        "iss": _ISSUER,
        "iat": int(moment.timestamp()),
        "exp": int((moment + life).timestamp()),
    }
    if actor.user_id is not None:
        claims["user"] = str(actor.user_id)
    return jwt.encode({"alg": _ALGORITHM}, claims, _signing_key(keys), algorithms=[_ALGORITHM])


def read_token(keys: KeyRing, token: str, *, now: datetime | None = None) -> Actor:
    """The actor of a token; raises `NotAuthenticated` for a forged, malformed or expired one."""
    actor, ends = _verified(keys, token)
    if ends <= int((now or utc_now()).timestamp()):
        raise NotAuthenticated("The token has expired: ask for a new one.")
    return actor


@lru_cache(maxsize=1024)
def _verified(keys: KeyRing, token: str) -> tuple[Actor, int]:
    """The actor of a token with our signature, and the second it ends. Remembered: its bytes say nothing else later,
    and to verify them takes a third of a millisecond. What was refused is not remembered."""
    try:
        claims: dict[str, Any] = jwt.decode(token, _signing_key(keys), algorithms=[_ALGORITHM]).claims
        if claims["iss"] != _ISSUER:
            raise NotAuthenticated("The token is not valid: ask for a new one.")
        actor = Actor(
            UUID(claims["sub"]),
            bool(claims["operator"]),
            frozenset(Role(name) for name in claims["roles"]),
            UUID(claims["user"]) if "user" in claims else None,
        )
        return actor, int(claims["exp"])
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAuthenticated("The token is not valid: ask for a new one.") from error


_signing_keys: WeakKeyDictionary[KeyRing, OKPKey] = WeakKeyDictionary()


def _signing_key(keys: KeyRing) -> OKPKey:
    found = _signing_keys.get(keys)
    if found is None:
        made = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(keys.derived("sign tokens")))
        found = _signing_keys.setdefault(keys, made)
    return found
