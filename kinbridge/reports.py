"""Reports and grants from the command line: reporting's own acts, on the system that owns the data folder."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from pydantic_core import from_json
from sqlalchemy import select
from sqlalchemy.orm import Session

from kinbridge.administration import LOCAL, Step
from services.intake import queries as intake_queries
from services.reporting import queries
from services.reporting.api.grants import grant_shown
from services.reporting.commands.drafts import draft_of_now
from services.reporting.commands.grants import add_grant_of_file
from services.reporting.domain import Grant
from services.reporting.drafting import draft_issue
from services.reporting.queries import grants, reports
from services.reporting.rendering import INCIDENT_RENDERINGS, RENDERINGS, Issue
from services.reporting.schemas.grants import GrantFile, GrantOut
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now
from shared.errors import InvalidInput, NotFound
from shared.web import validated

if TYPE_CHECKING:
    from kinbridge.embedded import EmbeddedSystem

_FILE = TypeAdapter(GrantFile)


def report_incidents(system: EmbeddedSystem, *, first: str, last: str, form: str, organisation: str) -> Iterator[Step]:
    """The incident report of an organisation, or of `all`."""
    period = queries.Period(date.fromisoformat(first), date.fromisoformat(last))
    arrived = system.wait_until_arrived()
    own = _keeper(system, LOCAL if organisation == "all" else organisation)
    actor = Actor(own.organisation_id, operator=organisation == "all")
    with reading(system.engine("reporting"), snapshot=True) as session:
        made = queries.incident_report(session, actor, period, now=utc_now())
    content = INCIDENT_RENDERINGS[form].render(made)
    yield {"kind": "result", "content": _text(content), "arrived": arrived, "incidents": made.totals.incidents}


def report_grant(
    system: EmbeddedSystem, *, grant: str, first: str, last: str, named: bool, form: str, organisation: str
) -> Iterator[Step]:
    """What was published of a grant over a period, else a draft of now. One that has a name is cut to the grant's."""
    arrived = system.wait_until_arrived()
    actor = _keeper(system, organisation)
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    with reading(system.engine("reporting"), snapshot=True) as session:
        row = _grant(system, session, actor, grant)
        if named:
            begin, end = row.cut(begin, end)
        row.holds(begin, end)
        published = reports.newest_over(session, row.id, begin, end)
        issue = published[1] if published else _of_now(session, row, begin, end)
    told: dict[str, Any] = {"grant": grant, "first": begin.isoformat(), "last": end.isoformat()}
    told |= {"draft": issue.draft, "number": issue.number, "digest": issue.digest}
    told["audience"] = published[0].audience if published else "internal"
    yield {"kind": "result", "content": _text(RENDERINGS[form].render(issue)), "arrived": arrived, **told}


def _grant(system: EmbeddedSystem, session: Session, actor: Actor, number: str) -> Grant:
    """Raises `NotFound`, which says whose grant it is, if not the actor's."""
    try:
        return grants.grant_numbered(session, actor, number)
    except NotFound:
        whose = session.scalars(select(Grant.organisation_id).where(Grant.number == number)).all()
        with reading(system.engine("intake")) as there:
            names = [one.short_name for one in intake_queries.organisations(there) if one.id in whose]
        if not names:
            raise
        asked = " or ".join(f"--organisation {one}" for one in names)
        raise NotFound(f"{number} is a grant of another organisation: add {asked}.") from None


def _of_now(session: Session, row: Grant, first: date, last: date) -> Issue:
    report = reports.report_over(session, row.id, first, last)
    return draft_of_now(session, row, first, last, draft_issue, utc_now(), report.id if report else None)


def add_grant(system: EmbeddedSystem, *, text: str, organisation: str) -> Iterator[Step]:
    """Keep a grant as a JSON document says it."""
    try:
        document = from_json(text, allow_inf_nan=False)
    except ValueError:
        raise InvalidInput("The file is not valid JSON. Check its commas, braces and quotation marks.") from None
    try:
        asked = validated(_FILE, document)
    except InvalidInput as wrong:
        raise InvalidInput(_named(wrong)) from None
    actor = _keeper(system, organisation)
    try:
        with transaction(system.engine("reporting")) as session:
            kept = grant_shown(session, add_grant_of_file(session, actor, asked))
    except InvalidInput as wrong:
        raise InvalidInput(_named(wrong)) from None
    yield {"kind": "result", **kept.model_dump(mode="json")}


def list_grants(system: EmbeddedSystem, *, organisation: str) -> Iterator[Step]:
    """The grants of an organisation, by number."""
    with reading(system.engine("reporting")) as session:
        rows = grants.grants(session, _keeper(system, organisation))
        found = [GrantOut.model_validate(one).model_dump(mode="json") for one in rows]
    yield {"kind": "result", "grants": found}


def _named(wrong: InvalidInput) -> str:
    """On a terminal each field stands in the sentence."""
    fields = " ".join(f"{one.field}: {one.message}." for one in wrong.fields)
    return f"{wrong} {fields}".replace("each is named in `errors`. ", "")


def _keeper(system: EmbeddedSystem, organisation: str) -> Actor:
    """Who this machine's own commands are to an organisation's grants: they keep and read them, and answer for none."""
    with reading(system.engine("intake")) as session:
        own = intake_queries.organisation_named(session, organisation)
    return Actor(own.id, roles=frozenset({Role.CASE_MANAGER}))


def _text(content: bytes) -> str:
    """Operations answer in JSON."""
    return base64.b64encode(content).decode()


OPERATIONS: dict[str, Callable[..., Iterator[dict[str, Any]]]] = {
    "report": report_incidents,
    "report grant": report_grant,
    "grant add": add_grant,
    "grant list": list_grants,
}
