"""The demonstration's grant: a donor in the hub, services that it paid for, and last quarter's report, written by one
person, approved by a second one, published, and read by the donor. All of it is invented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from rich.console import Console
from sqlalchemy import select

from kinbridge.demo.people import member_with
from kinbridge.server import Server
from services.intake import commands, queries
from services.intake.casework.service_delivery import Delivery
from services.intake.commands.changes import record_deed
from services.intake.domain import Case
from services.notify.commands.report_readers import NewReader, add_reader
from services.reporting.commands import reports as write
from services.reporting.commands.expenditures import import_ledger, sign_import
from services.reporting.commands.grants import add_grant_of_file
from services.reporting.commands.publishing import publish
from services.reporting.composing import draft_report, submit_report
from services.reporting.drafting import draft_issue
from services.reporting.queries import grants as of_grants
from services.reporting.queries import reports as of_reports
from services.reporting.rendering import RENDERINGS
from services.reporting.schemas.grants import GrantFile
from services.reporting.schemas.reports import ReportIn
from shared.access import Actor, Role
from shared.database import reading, transaction, utc_now
from shared.errors import NotFound
from shared.web import validated

ORGANISATION, DONOR = "red-cross-marenia", "sundland-aid"
NUMBER = "sun_2026_11"
READER = "marit@sundland.example"
"""Who gets the report by mail: without a mail server, as a letter in the data folder."""
_FILE, _DELIVERY = TypeAdapter(GrantFile), TypeAdapter(Delivery)
_NARRATIVE = {
    "overall_performance": "Three service points stayed open along the coast road. Most families who came had lost "
    "contact for more than a month.\n\nCalls went as planned; connectivity at the northern point failed for nine days.",
    "measuring_results": "Services are counted from the records of each service point, on the day they were given.",
    "affected_persons": "Women with small children come in the morning, men who travel alone at night: opening hours "
    "follow them since August.",
    "lessons_learned": "Charging a telephone is what people ask for first. It goes before everything else now.",
}
_BANDS = ("0-1", "2-4", "5", "6-11", "12", "13-17", "18-49", "50-59", "60-69")
_EACH = {"female": (6, 9, 5, 12, 6, 14, 61, 12, 3), "male": (5, 8, 6, 11, 5, 19, 74, 9, 2)}
_SERVICES = (
    ("phone_call", 300, 1, "100"),
    ("connectivity", 420, 2, "60"),
    ("household_items", 160, 3, "40"),
    ("first_aid", 75, 4, "100"),
    ("psychosocial_support", 22, 9, "100"),
    ("reunification", 6, 20, "100"),
)
"""Category, quantity in the first month, by what the crowd is divided, and the grant's part in per cent."""
_FROM = ("ETH", "ETH", "SOM", "ERI", "ETH", "SOM", "ETH", "SDN", "YEM")


def register_donor(server: Server) -> None:
    """The donor is an organisation of the hub, whose reader signs in like everybody; registered before, nothing is
    written."""
    with transaction(server.system.engine("intake")) as session:
        if DONOR not in {one.short_name for one in queries.organisations(session)}:
            commands.register_organisation(
                session, short_name=DONOR, name="Sundland Ministry for Aid (invented)", kind="donor"
            )


def play_grant(server: Server, told: Console) -> dict[str, Any]:
    """Add the grant, deliver what it paid for, and publish last quarter's report. Played before, nothing is written.
    Returns what is there."""
    first, last = last_quarter(utc_now().date())
    manager = _member(server, Role.CASE_MANAGER)
    if manager is None or _member(server, Role.REPORT_APPROVER) is None:
        return {}  # a folder of before there were grants
    if not _is_known(server, manager):
        _deliver(server, manager, first, last)
        server.system.wait_until_arrived()
        _report(server, manager, first, last)
    made = server.settings.data_dir / "reports"
    made.mkdir(exist_ok=True)
    files_made = [str(one) for one in _written(server, manager, made)]
    told.print(f"  {ORGANISATION}: last quarter's report to {DONOR} is published: {files_made[0]}", soft_wrap=True)
    return {"grant": NUMBER, "from": first.isoformat(), "to": last.isoformat(), "files": files_made}


def last_quarter(today: date) -> tuple[date, date]:
    """The first and last day of the calendar quarter before the one of today."""
    begun = date(today.year, today.month - (today.month - 1) % 3, 1)
    last = begun - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last


def _is_known(server: Server, manager: Actor) -> bool:
    with reading(server.system.engine("reporting")) as session:
        try:
            of_grants.grant_numbered(session, manager, NUMBER)
        except NotFound:
            return False
    return True


def _deliver(server: Server, manager: Actor, first: date, last: date) -> None:
    """Services of three months, on the organisation's first tracing request."""
    with transaction(server.system.engine("intake")) as session:
        of_the_organisation = Case.organisation_id == manager.organisation_id, Case.type == "tracing_request"
        case_id = session.scalars(select(Case.id).where(*of_the_organisation).order_by(Case.id).limit(1)).one()
        for facts in _deliveries(first, last):
            record_deed(session, manager, case_id, "deliver_service", validated(_DELIVERY, facts))


def _deliveries(first: date, last: date) -> Iterator[dict[str, Any]]:
    for category, quantity, divided, share in _SERVICES:
        for month in range(3):
            day = date(first.year, first.month + month, 5 + divided)
            yield {
                "category": category,
                "quantity": quantity + month,
                "delivered_on": min(day, last).isoformat(),
                "people": [
                    {"sex": sex, "age_band": band, "disability": disability, "nationality": country, "count": count}
                    for sex, of in _EACH.items()
                    for band, country, each in zip(_BANDS, _FROM, of, strict=True)
                    for disability, count in _split(each // divided)
                ],
                "grants": [{"grant": NUMBER, "per_cent": share}],
            }


def _split(count: int) -> list[tuple[str, int]]:
    """About one in eight with a disability."""
    some = count // 8
    return [pair for pair in (("with", some), ("without", count - some)) if pair[1]]


def _report(server: Server, manager: Actor, first: date, last: date) -> None:
    engine, now = server.system.engine("reporting"), utc_now()
    approver, finance = _member(server, Role.REPORT_APPROVER), _member(server, Role.FINANCE_OFFICER)
    assert approver is not None
    assert finance is not None
    asked = json.loads((files("kinbridge.demo") / "grant.json").read_text())
    with reading(server.system.engine("intake")) as session:
        asked["donor_organisation_id"] = str(queries.organisation_named(session, DONOR).id)
    asked |= {"starts_on": first.isoformat(), "ends_on": date(last.year + 1, 12, 31).isoformat()}
    with transaction(engine) as session:
        grant_id = add_grant_of_file(session, manager, validated(_FILE, asked)).id
        brought = import_ledger(session, manager, grant_id, _ledger(first), now)
        assert brought.entry is not None
        sign_import(session, finance, brought.entry.id, now)
        period = ReportIn(grant_id=grant_id, date_from=first, date_to=last)
        report_id = write.open_report(session, manager, period).id
        for key, text in _NARRATIVE.items():
            write.write_section(session, manager, report_id, key, text, None, now)
            write.sign_section(session, manager, report_id, key, None, now)
    with transaction(server.system.engine("notify")) as session:
        add_reader(session, manager, NewReader(grant_id, READER), now)
    draft_report(engine, manager, report_id, None, draft_issue, now)
    submit_report(engine, manager, report_id, None, draft_issue, now)
    with transaction(engine) as session:
        write.approve(session, approver, report_id, None, now)
    with transaction(engine) as session:
        publish(session, approver, report_id, None, None, now)


def _ledger(first: date) -> bytes:
    rows = [("1.1", 14200), ("1.1", 1350), ("2.1", 3980), ("3.1", 6120)]
    lines = [
        f"{line},{first.replace(day=5 + number).isoformat()},{amount}.50,EUR,1"
        for number, (line, amount) in enumerate(rows)
    ]
    return "\n".join(["line,date,amount,currency,rate", *lines, ""]).encode()


def _written(server: Server, actor: Actor, folder: Path) -> Iterator[Path]:
    """The published issue as files, as `kinbridge report --grant` writes them."""
    engine = server.system.engine("reporting")
    with reading(engine) as session:
        grant = of_grants.grant_numbered(session, actor, NUMBER)
        entry = of_reports.issues(session, actor, grant_id=grant.id)[0].issue
        issue = of_reports.issue(session, actor, entry.report_id, entry.number)
    for name in ("pdf", "xlsx", "html"):
        rendering = RENDERINGS[name]
        file = folder / f"{NUMBER}-{issue.date_from.isoformat()}{rendering.suffix}"
        file.write_bytes(rendering.render(issue))
        yield file


def _member(server: Server, role: Role) -> Actor | None:
    return member_with(server, ORGANISATION, {role})
