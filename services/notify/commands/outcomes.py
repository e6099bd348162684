"""What came of attempts at families: from the answer to the sending, from look-ups, and from receipts (`receipts`)."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.orm import Session

from services.notify import queries
from services.notify.commands.ending import Told, give_up
from services.notify.domain import Attempt, EarlyReceipt, FamilyContact, Notification, ProviderRest, Receipt
from services.notify.domain.statuses import FINAL, contradictory, of_attempt
from services.notify.senders import Handed
from services.notify.settings import GIVE_UP_AFTER, LOOK_AGAIN, TRIES_BEFORE_NEXT
from services.notify.wording import KINDS
from shared.database import table_of, upsert, upsert_once

WHOLE = 0
"""The segment number of a word about the whole message."""
SILENCE = {"smtp": "delivered"}
"""By provider: what it means that nothing more came in three days after it took a message. Of mail, only failures are
told."""
_jitter = random.SystemRandom()


@dataclass(frozen=True)
class Word:
    """What a provider said of an attempt, however it came."""

    attempt_id: UUID
    part: int
    parts: int
    result: str
    code: str | None = None
    provider_id: str | None = None
    retry_after: timedelta | None = None
    finished: bool = False
    """The attempt itself has ended; a receipt says nothing of that."""


def end_family_attempts(session: Session, handed: Mapping[UUID, Handed], now: datetime) -> None:
    """Record what came of handing over (attempt id → answer), together with receipts that were quicker."""
    words = [
        Word(one, WHOLE, answer.parts, answer.result, answer.code, answer.provider_id, answer.retry_after, True)
        for one, answer in handed.items()
    ]
    hear(session, words, now)


def hear(session: Session, words: Sequence[Word], now: datetime) -> None:
    """Add words to what is known of attempts, and move their messages on. The messages are locked in order. Words of
    attempts that are gone, with their person or by age, say nothing any more."""
    if not words:
        return
    of: defaultdict[UUID, list[Word]] = defaultdict(list)
    for word in words:
        of[word.attempt_id].append(word)
    rows = session.execute(_ATTEMPTS, {"ids": list(of)}).all()
    if not rows:
        return
    told = Told(now)
    attempts = {attempt.id: attempt for attempt, _, _ in rows}
    early = _early_words(session, _name(attempts, of, now))
    for one, more in early.items():
        of[one] += more
    known = _known(session, {one: of[one] for one in attempts}, now)
    for attempt, message, contact in rows:
        _settle(session, message, attempt, contact, known[attempt.id], of[attempt.id], told)
    told.record(session)


def _name(attempts: Mapping[UUID, Attempt], of: Mapping[UUID, Sequence[Word]], now: datetime) -> dict[UUID, Attempt]:
    """Note what words say of attempts themselves. Returns those that learnt by which name their provider calls them."""
    named = {}
    for one, attempt in attempts.items():
        before = attempt.provider_id
        for word in of[one]:
            attempt.parts = max(attempt.parts, word.parts)
            attempt.code = word.code or attempt.code
            attempt.provider_id = word.provider_id or attempt.provider_id
            if word.finished:
                attempt.finished_at = now
        if attempt.provider_id != before:
            named[one] = attempt
    return named


def _early_words(session: Session, attempts: Mapping[UUID, Attempt]) -> dict[UUID, list[Word]]:
    """Receipts that came before these attempts had the name by which they call them."""
    named = {(one.provider, one.provider_id): one.id for one in attempts.values() if one.provider_id is not None}
    if not named:
        return {}
    by_provider: defaultdict[str | None, list[str]] = defaultdict(list)
    for provider, provider_id in named:
        by_provider[provider].append(provider_id)
    came = [
        (EarlyReceipt.provider == provider) & EarlyReceipt.provider_id.in_(ids) for provider, ids in by_provider.items()
    ]
    found = session.execute(delete(EarlyReceipt).where(or_(*came)).returning(table_of(EarlyReceipt))).all()
    words: defaultdict[UUID, list[Word]] = defaultdict(list)
    for row in found:
        one = named.get((row.provider, row.provider_id))
        if one is not None:
            part = row.part if row.parts > 1 else WHOLE
            words[one].append(Word(one, part, row.parts, row.result, row.code))
    return words


def _known(session: Session, of: Mapping[UUID, Sequence[Word]], now: datetime) -> dict[UUID, set[tuple[int, str]]]:
    """Keep the words, and read everything that was ever said of each attempt."""
    times: defaultdict[tuple[UUID, int, str], list[Word]] = defaultdict(list)
    for one, words in of.items():
        for word in words:
            times[one, word.part, word.result].append(word)
    rows = [
        {
            "attempt_id": one,
            "part": part,
            "result": result,
            "code": words[-1].code,
            "times": len(words),
            "first_at": now,
        }
        for (one, part, result), words in sorted(times.items())
    ]
    session.execute(_KEPT(session), rows)
    known: dict[UUID, set[tuple[int, str]]] = {one: set() for one in of}
    for one, part, result in session.execute(_SAID, {"ids": list(of)}):
        known[one].add((part, result))
    return known


def _settle(
    session: Session,
    message: Notification,
    attempt: Attempt,
    contact: FamilyContact,
    known: set[tuple[int, str]],
    words: Sequence[Word],
    told: Told,
) -> None:
    before, attempt.outcome = attempt.outcome, of_attempt(known, attempt.parts)
    attempt.contradictory = contradictory(known)
    rest = max((word.retry_after for word in words if word.retry_after), default=None)
    if rest is not None and attempt.provider is not None:
        _rest(session, attempt.provider, told.now + rest)
    if attempt.outcome == before:
        return
    if attempt.outcome == "delivered" and not _is_newest(session, message, attempt):
        message.maybe_twice = True  # it was sent again because its provider had said that it failed
    if message.status == "delivered":
        return
    if attempt.outcome == "delivered":
        message.delivered()
        told.ended(message)
    elif message.over:
        _correct(message, attempt, contact, told)
    elif message.tries_there and _is_newest(session, message, attempt):  # else it is about an address that was left
        _move_on(message, attempt, contact, rest or timedelta(), told)


def _correct(message: Notification, attempt: Attempt, contact: FamilyContact, told: Told) -> None:
    """Nobody knew what became of it, and a case worker was asked: that it failed for good is still worth knowing. No
    other word opens it again."""
    if message.status in FINAL or attempt.outcome not in ("permanent-failure", "technical-failure"):
        return
    if attempt.outcome == "permanent-failure":
        contact.bounced_at = contact.bounced_at or told.now
    message.end(attempt.outcome, attempt.code)
    told.ended(message)


def _rest(session: Session, provider: str, until: datetime) -> None:
    statement = upsert(session, table_of(ProviderRest)).values(provider=provider, until=until)
    session.execute(
        statement.on_conflict_do_update(index_elements=["provider"], set_={"until": statement.excluded.until})
    )


def _is_newest(session: Session, message: Notification, attempt: Attempt) -> bool:
    newer = select(Attempt.id).where(Attempt.notification_id == message.id, Attempt.started_at > attempt.started_at)
    return message.attempts == 1 or session.scalar(newer.limit(1)) is None


def _move_on(message: Notification, attempt: Attempt, contact: FamilyContact, rest: timedelta, told: Told) -> None:
    another = message.address_number + 1 < len(contact.channels.split()) and not KINDS[message.kind].ANSWERS
    match attempt.outcome:
        case "accepted":
            message.status, message.next_attempt_at = "sending", attempt.started_at + GIVE_UP_AFTER
        case "outcome-unknown":
            message.status, message.reason, message.next_attempt_at = attempt.outcome, None, told.now + LOOK_AGAIN
        case "temporary-failure":
            if another and message.tries_there >= TRIES_BEFORE_NEXT:
                message.next_address(told.now)
            else:
                _try_later(message, told, _jitter.uniform(0.5, 1.0), rest)
        case failure:
            if failure == "permanent-failure" and not another:
                contact.bounced_at = contact.bounced_at or told.now
            if another:
                message.next_address(told.now)
            else:
                give_up(message, str(failure), attempt.code or "refused", told)


def settle_unknown(
    session: Session, message_ids: Sequence[UUID], looked_up: Mapping[UUID, Handed | None], now: datetime
) -> None:
    """Move on with messages whose outcome is not known, from what was learnt of their newest attempts (attempt id →
    answer, None where the provider cannot tell).

    Nothing was learnt: it is sent again where a second one does no harm; else it waits for a receipt, up to 72 hours.
    Of mail, silence of 72 hours says that it arrived.
    """
    newest = queries.newest_attempts(session, message_ids)
    found = [
        Word(one, WHOLE, answer.parts, answer.result, answer.code, answer.provider_id)
        for one, answer in looked_up.items()
        if answer
    ]
    found += [
        Word(one.id, WHOLE, one.parts, SILENCE[one.provider])
        for one in newest.values()
        if one.outcome == "accepted" and one.provider in SILENCE and now >= one.started_at + GIVE_UP_AFTER
    ]
    hear(session, found, now)
    told = Told(now)
    due = Notification.id.in_(message_ids), Notification.next_attempt_at <= now
    waiting = Notification.status.in_(("sending", "outcome-unknown"))
    messages = session.scalars(select(Notification).where(*due, waiting).order_by(Notification.id).with_for_update())
    for message in messages:
        _without_a_word(message, newest[message.id], told)
    told.record(session)


def _without_a_word(message: Notification, attempt: Attempt, told: Told) -> None:
    ends = attempt.started_at + GIVE_UP_AFTER
    attempt.outcome = attempt.outcome or "outcome-unknown"
    if attempt.outcome == "accepted" or told.now >= ends:
        if told.now >= ends:
            give_up(message, "outcome-unknown", "outcome_unknown", told)
        else:
            message.next_attempt_at = ends
    elif KINDS[message.kind].HARMLESS_TWICE:
        message.maybe_twice = True
        _try_later(message, told, jitter=0.0)
    else:
        message.status, message.next_attempt_at = "outcome-unknown", min(told.now + 12 * LOOK_AGAIN, ends)


def _try_later(message: Notification, told: Told, jitter: float, at_least: timedelta = timedelta()) -> None:
    """As `Notification.failed`; where that was the last try, a case worker sees to it."""
    message.failed(told.now, jitter=jitter, at_least=at_least)
    if message.status in FINAL:
        give_up(message, message.status, "nobody_answered", told)


_ATTEMPTS = (
    select(Attempt, Notification, FamilyContact)
    .join(Notification, Notification.id == Attempt.notification_id)
    .join(FamilyContact, FamilyContact.id == Notification.contact_id)
    .where(Attempt.id.in_(bindparam("ids", expanding=True)))
    .order_by(Notification.id, Attempt.id)
    .with_for_update(of=(Attempt, Notification))
)
_receipts = table_of(Receipt)
_SAID = select(_receipts.c.attempt_id, _receipts.c.part, _receipts.c.result).where(
    _receipts.c.attempt_id.in_(bindparam("ids", expanding=True))
)
_KEPT = upsert_once(
    _receipts,
    lambda kept: kept.on_conflict_do_update(
        index_elements=list(_receipts.primary_key.columns), set_={"times": _receipts.c.times + kept.excluded.times}
    ),
)
