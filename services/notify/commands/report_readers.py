"""Who gets the reports of a grant: added and ended by staff, ended and taken back by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.notify.commands.contacts import address_digests
from services.notify.domain import ReportReader
from services.notify.domain.reports import Format
from services.notify.queries import reports
from services.notify.senders.letter import is_address
from services.notify.settings import ENDED_READERS_KEPT
from shared.access import Act, Actor, require
from shared.crypto import Undecipherable
from shared.database import table_of, upsert, uuid7
from shared.errors import Conflict, FieldError, InvalidInput, NotAllowed
from shared.messaging.log import ledger_of
from shared.pages.languages import LANGUAGES
from shared.vault import data_key, destroy_keys, vault_of

PLACE = "report_reader.sealed"
STANDARD: tuple[Format, ...] = ("pdf", "xlsx")
NO_ADDRESS = "Write one e-mail address, such as name@donor.example."


@dataclass(frozen=True)
class NewReader:
    """Whom staff adds. `asked_again`: they ended these mails themselves, and asked for them anew since."""

    grant_id: UUID
    address: str = field(repr=False)
    language: str = "en"
    formats: Sequence[str] = STANDARD
    asked_again: bool = False


def add_reader(session: Session, actor: Actor, new: NewReader, now: datetime) -> ReportReader:
    """Send the next reports of a grant to this address, too. One that gets them already stays one; language and formats
    are as they were said last.

    Whether the organisation has such a grant, reporting knows: of any other one nothing is ever published in its name.
    Raises `NotAllowed`, also for a system; `InvalidInput`; `Conflict` where the person ended these mails.
    """
    require(actor, Act.KEEP_GRANTS)
    if actor.user_id is None:
        raise NotAllowed("A person adds readers of reports: sign in.")
    _check(new)
    found = _at_address(session, actor, new)
    active = next((one for one in found if one.ended_at is None), None)
    if active is None and any(one.ended_for == "reader" for one in found) and not new.asked_again:
        raise Conflict(
            "Whoever has this address ended the reports of this grant: ask them. If they asked for them again, say so."
        )
    reader = active or _insert(session, actor, actor.user_id, new, now)
    reader.language, reader.formats = new.language, " ".join(dict.fromkeys(new.formats))
    session.flush()
    return reader


def _check(new: NewReader) -> None:
    wrong = []
    if not is_address(new.address.strip()):
        wrong.append(FieldError("#/address", "not_an_address", NO_ADDRESS))
    if new.language not in LANGUAGES:
        wrong.append(FieldError("#/language", "unknown", f"Choose one of {', '.join(LANGUAGES)}."))
    if not new.formats or not set(new.formats) <= set(get_args(Format)):
        wrong.append(FieldError("#/formats", "unknown", f"Choose some of {', '.join(get_args(Format))}."))
    if wrong:
        raise InvalidInput("This reader cannot be added.", tuple(wrong))


def _at_address(session: Session, actor: Actor, new: NewReader) -> Sequence[ReportReader]:
    """The readers of this grant that have, or had, this address."""
    digests = address_digests(ledger_of(session).keys, new.address)
    own = ReportReader.organisation_id == actor.organisation_id, ReportReader.grant_id == new.grant_id
    statement = select(ReportReader).where(*own, ReportReader.digest.in_(digests))
    return session.scalars(statement.order_by(ReportReader.id).with_for_update(key_share=True)).all()


def _insert(session: Session, actor: Actor, user: UUID, new: NewReader, now: datetime) -> ReportReader:
    """The new reader; the one that somebody else added in the same moment, where that was so."""
    reader_id = uuid7()
    opened, (key_row,) = vault_of(session).fresh([reader_id], actor.organisation_id)
    row = {
        "id": reader_id,
        "organisation_id": actor.organisation_id,
        "grant_id": new.grant_id,
        "sealed": opened[reader_id].encrypt(new.address.strip().encode(), PLACE),
        "digest": address_digests(ledger_of(session).keys, new.address)[0],
        "language": new.language,
        "formats": " ".join(new.formats),
        "added_at": now,
        "added_by": user,
    }
    table = table_of(ReportReader)
    added = upsert(session, table).values(**row).on_conflict_do_nothing().returning(table.c.id)
    if session.execute(added).first() is None:
        return next(one for one in _at_address(session, actor, new) if one.ended_at is None)
    session.execute(upsert(session, data_key).values(**key_row))
    return session.get_one(ReportReader, reader_id)


def end_reader(session: Session, actor: Actor, reader_id: UUID, now: datetime) -> None:
    """Send nothing more to this reader; a mail that waits is not sent either. Raises `NotFound` and `NotAllowed`."""
    require(actor, Act.KEEP_GRANTS)
    reports.reader(session, actor, reader_id, lock=True).end("staff", now, actor.user_id)


def end_by_link(session: Session, token: str, now: datetime) -> None:
    """Whoever has the link in a mail ends them. Nothing tells whether there is such a link."""
    reader = _of_link(session, token)
    if reader is not None:
        reader.end("reader", now)


def come_back_by_link(session: Session, token: str, now: datetime) -> None:
    """They take it back, while their address is kept; what staff ended stays ended."""
    reader = _of_link(session, token)
    if reader is None or reader.ended_for != "reader" or reader.sealed is None:
        return
    same = ReportReader.organisation_id == reader.organisation_id, ReportReader.grant_id == reader.grant_id
    others = same[0], same[1], ReportReader.digest == reader.digest, ReportReader.ended_at.is_(None)
    if session.scalar(select(ReportReader.id).where(*others)) is None:
        reader.come_back(now)


def _of_link(session: Session, token: str) -> ReportReader | None:
    delivery = reports.delivery_of_link(session, token)
    if delivery is None:
        return None
    return session.get(ReportReader, delivery.reader_id, with_for_update={"key_share": True})


def addresses_of(session: Session, readers: Sequence[ReportReader]) -> dict[UUID, str]:
    """By reader, each address that is kept. For who may see it, and for sending."""
    kept = [one for one in readers if one.sealed is not None]
    keys = vault_of(session).open(session, [one.id for one in kept])
    return {one.id: keys[one.id].decrypt(one.sealed or b"", PLACE).decode() for one in kept if one.id in keys}


def forget_ended_readers(session: Session, now: datetime) -> int:
    """Forget the addresses of those that ended some time ago. Returns how many."""
    over = ReportReader.ended_at < now - ENDED_READERS_KEPT, ReportReader.sealed.is_not(None)
    found = session.scalars(select(ReportReader).where(*over).with_for_update(skip_locked=True)).all()
    for one in found:
        one.sealed = None
    if found:
        destroy_keys(session, [one.id for one in found])
    return len(found)


def index_readers_anew(session: Session, after: UUID, limit: int = 200) -> tuple[list[UUID], int]:
    """Index the next readers, by id, under the current key. Returns which were looked at, and how many it was not
    under; an address that does not open, or was forgotten, is left as it is."""
    statement = select(ReportReader).where(ReportReader.id > after).order_by(ReportReader.id).limit(limit)
    readers, renewed = session.scalars(statement.with_for_update(key_share=True)).all(), 0
    for one in readers:
        try:
            address = addresses_of(session, [one]).get(one.id)
        except Undecipherable:
            continue
        current = address_digests(ledger_of(session).keys, address)[0] if address is not None else one.digest
        renewed += current != one.digest
        one.digest = current
    return [one.id for one in readers], renewed
