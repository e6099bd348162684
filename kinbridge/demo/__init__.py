"""`kinbridge demo`: a small invented sample of three organisations, and its events as they arrive."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from kinbridge.demo.arrivals import Arrivals
from kinbridge.demo.families import add_families, approve_languages
from kinbridge.demo.grants import play_grant, register_donor
from kinbridge.demo.people import invite_staff, submit_cases
from kinbridge.demo.services import add_services
from kinbridge.imports import import_incidents
from kinbridge.operations import local_operator
from kinbridge.server import Server
from services.intake import commands, queries
from services.reporting import queries as reporting_queries
from services.reporting.rendering import INCIDENT_RENDERINGS, IncidentReport
from shared.database import reading, transaction, utc_now

FIRST, LAST = "2025-01-01", "2025-12-31"


@dataclass(frozen=True)
class _Member:
    short_name: str
    name: str
    kind: str


MEMBERS = (
    _Member("red-cross-marenia", "Red Cross of Marenia (invented)", "national_society"),
    _Member("red-crescent-tassira", "Red Crescent of Tassira (invented)", "national_society"),
    _Member("open-sea-watch", "Open Sea Watch (invented)", "ngo"),
)


def run_demo(server: Server, told: Console) -> dict[str, Any]:
    """Bring the sample in, print each event as it arrives, and return what came of it."""
    began = time.monotonic()
    told.print(
        "[bold]Kinbridge[/bold]: three organisations bring cases and incidents in (all names and figures are invented)",
        soft_wrap=True,
    )
    arrivals = Arrivals(server.system, told)
    with arrivals:
        imports = [_bring_in(server, member, told) for member in MEMBERS]
        register_donor(server)
        sign_ins = invite_staff(server)
        cases = {member.short_name: submit_cases(server, member.short_name) for member in MEMBERS}
        languages = {one.short_name: approve_languages(server, one.short_name, one.name, told) for one in MEMBERS}
        families = {member.short_name: add_families(server, member.short_name) for member in MEMBERS}
        services = {member.short_name: add_services(server, member.short_name) for member in MEMBERS}
        grant = play_grant(server, told)
        arrived = server.system.wait_until_arrived()
    report = _report(server)
    page = server.settings.data_dir / "reports" / "incidents-2025.html"
    page.parent.mkdir(exist_ok=True)
    page.write_bytes(INCIDENT_RENDERINGS["html"].render(report))
    return {
        "arrived": arrived,
        "organisations": [vars(member) for member in MEMBERS],
        "imports": imports,
        "cases": cases,
        "services": services,
        "languages": languages,
        "families": families,
        "grant": grant,
        "sign_ins": [asdict(one) for one in sign_ins],
        "events_shown": arrivals.shown,
        "messages": [str(path) for path in sorted((server.settings.data_dir / "outbox").glob("*/*.txt"))],
        "totals": report.totals.model_dump(),
        "by_route": {line.label: line.figures.model_dump() for line in report.breakdown("route").lines},  # type: ignore[union-attr] # always there
        "report_file": str(page),
        "seconds": round(time.monotonic() - began, 2),
    }


def _bring_in(server: Server, member: _Member, told: Console) -> dict[str, Any]:
    engine = server.system.engine("intake")
    with transaction(engine) as session:
        if member.short_name not in {o.short_name for o in queries.organisations(session)}:
            commands.register_organisation(session, **vars(member))
    sample = Path(str(files("kinbridge.demo") / f"{member.short_name}.csv"))
    last: dict[str, Any] = {}
    for step in import_incidents(server.system, str(sample), member.short_name):
        last = step
        for refused in step["refused"] if step["kind"] == "rows" else ():
            first = refused["refusals"][0]
            told.print(
                f"  {member.short_name}: row {refused['row']}, {first['field']}: {first['message']}",
                markup=False,
                soft_wrap=True,
            )
    told.print(
        f"  {member.short_name}: {last['accepted']} accepted, {last['refused']} refused"
        + (" (imported before: nothing changed)" if last["again"] else "")
    )
    return {"organisation": member.short_name, **{key: value for key, value in last.items() if key != "kind"}}


def _report(server: Server) -> IncidentReport:
    actor = local_operator(server.system)
    period = reporting_queries.Period(_day(FIRST), _day(LAST))
    with reading(server.system.engine("reporting"), snapshot=True) as session:
        return reporting_queries.incident_report(session, actor, period, now=utc_now())


def _day(text: str) -> Any:
    return utc_now().fromisoformat(text).date()


def addresses(server: Server) -> dict[str, str]:
    """Where to go on, while the server serves."""
    return {
        "front": f"{server.address}/",
        "sign_in": f"{server.address}/intake/",
        "family": f"{server.address}/notify/f",
        "mailbox": f"{server.address}/intake/messages?to=/notify/mailbox",
        "report": server.report_link(f"from={FIRST}&to={LAST}"),
    }


def show_summary(summary: dict[str, Any], told: Console) -> None:
    """The table at the end, and where to go on if it serves on."""
    table = Table(
        title=f"Incidents of 2025, all organisations ({summary['totals']['incidents']})", title_justify="left"
    )
    table.add_column("route")
    for name in ("dead", "missing", "survivors", "females", "males", "children"):
        table.add_column(name, justify="right")
    for route, figures in summary["by_route"].items():
        table.add_row(route, *(f"{figures[name]:,}" for name in _FIGURES))
    table.add_section()
    table.add_row("total", *(f"{summary['totals'][name]:,}" for name in _FIGURES), style="bold")
    told.print(table)
    _tell_sign_ins(summary, told)
    example = f", for example {summary['messages'][0]}" if summary["messages"] else ""
    told.print(f"{len(summary['messages'])} messages to organisations{example}", soft_wrap=True)
    told.print(f"The report as a page: {summary['report_file']}", soft_wrap=True)
    if "addresses" in summary:
        told.print(f"Sign in:              {summary['addresses']['sign_in']}", soft_wrap=True)
        told.print(f"What families got:    {summary['addresses']['mailbox']} (as a case manager)", soft_wrap=True)
        told.print(f"A family's page:      {summary['addresses']['family']} (with a code from there)", soft_wrap=True)
        told.print(f"Open the system:      {summary['addresses']['front']}", soft_wrap=True)
        told.print(f"Open the report:      {summary['addresses']['report']}", soft_wrap=True)


def _tell_sign_ins(summary: dict[str, Any], told: Console) -> None:
    """In lines that copy whole, however narrow the terminal is."""
    told.print("[bold]Who can sign in[/bold] (invented people; a recovery code stands in for the app's code, once)")
    for one in summary["sign_ins"]:
        roles = " and ".join(role.replace("_", " ") for role in one["roles"])
        told.print(f"  {one['name']}, {one['organisation']}: {roles}", soft_wrap=True, highlight=False)
        told.print(f"    pages in       {one['language']}", soft_wrap=True, highlight=False)
        told.print(f"    password       {one['password']}", soft_wrap=True, highlight=False, markup=False)
        told.print(f"    recovery code  {one['recovery_codes'][0]}", soft_wrap=True, highlight=False, markup=False)
        told.print(f"    authenticator  {one['second_factor']}", soft_wrap=True, highlight=False, markup=False)


_FIGURES = ("dead", "missing", "survivors", "females", "males", "children")
