"""Commands that keep grants and take reports out."""

from __future__ import annotations

import base64
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kinbridge.administration import LOCAL
from kinbridge.cli.options import DataDir, answer, result_of, settings_of
from kinbridge.cli.periods import period_named
from shared.command_line import AsJson, people, say
from shared.errors import InvalidInput

Organisation = Annotated[str, typer.Option(help="Whose: a short name.")]
grant = typer.Typer(help="Grants and pledges: keep them, list them.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("report")(report)
    app.add_typer(grant, name="grant")


@grant.command("add")
def add_grant(
    file: Annotated[Path, typer.Argument(help="A JSON file: number, title, donor, days, currency, budget, targets …")],
    organisation: Organisation = LOCAL,
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Keep a grant with its donor, budget, targets and schedule, as a file says them (docs/operations.md shows one)."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{file} cannot be read as text. Check its name.") from None

    def tell(made: dict[str, Any]) -> None:
        say(f"Grant {made['number']} is kept: {len(made['budget'])} lines of budget, {len(made['targets'])} targets.")

    answer(data_dir, json_, "grant add", tell, text=text, organisation=organisation)


@grant.command("list")
def list_grants(organisation: Organisation = LOCAL, data_dir: DataDir = None, json_: AsJson = False) -> None:
    """List the grants of an organisation."""

    def tell(found: dict[str, Any]) -> None:
        for one in found["grants"]:
            say(f"{one['number']}  {one['starts_on']} to {one['ends_on']}  {one['currency']}  {one['title']}")
        if not found["grants"]:
            say("No grant is kept: `kinbridge grant add FILE` keeps one.")

    answer(data_dir, json_, "grant list", tell, organisation=organisation)


def report(
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, included.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, included.")] = None,
    period: Annotated[str | None, typer.Option(help="In place of both: 2026, 2026-H1, 2026-Q3 or 2026-07.")] = None,
    grant_number: Annotated[
        str | None, typer.Option("--grant", help="The report to this grant's donor; else the report on incidents.")
    ] = None,
    form: Annotated[
        Literal["json", "csv", "html", "pdf", "xlsx"], typer.Option("--format", help="The form of the report.")
    ] = "json",
    out_file: Annotated[Path | None, typer.Option("--out", help="The file to write; else standard output.")] = None,
    organisation: Annotated[
        str, typer.Option(help="Whose: a short name; of incidents also `all` on this installation.")
    ] = LOCAL,
    data_dir: DataDir = None,
) -> None:
    """Report on a grant (--grant), or on incidents: dead, missing, survivors, females, males and children by year,
    month, route, region and cause.

    Of a grant: what was published over the period, else a draft of now, which says DRAFT. Of incidents: one known by
    month counts when the whole month lies in the period; a blank count is unknown and adds 0.
    """
    days = _days(first, last, period)
    asked: dict[str, Any] = {"first": days[0].isoformat(), "last": days[1].isoformat(), "form": form}
    if grant_number is None:
        made = result_of(settings_of(data_dir), "report", **asked, organisation=organisation)
    else:
        asked |= {"grant": grant_number, "named": period is not None}
        made = result_of(settings_of(data_dir), "report grant", **asked, organisation=organisation)
    if not made["arrived"]:
        people.print("Not every event has arrived: the report names the positions it covers. See `kinbridge status`.")
    content = base64.b64decode(made["content"])
    if out_file is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    _write(out_file, content)
    _tell(made, out_file)


def _days(first: datetime | None, last: datetime | None, period: str | None) -> tuple[date, date]:
    if period is not None and first is None and last is None:
        return period_named(period)
    if period is None and first is not None and last is not None:
        return first.date(), last.date()
    raise InvalidInput("Say which days: --from and --to, or --period alone.")


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.part")
        draft.write_bytes(content)
        draft.replace(file)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.") from None


def _tell(made: dict[str, Any], file: Path) -> None:
    if "grant" in made:
        standing = "a DRAFT of now" if made["draft"] else f"issue {made['number']}, as it was published"
        if not made["draft"] and made["audience"] == "internal":
            standing += " for your own staff: not for the donor"
        people.print(f"Grant {made['grant']}, {made['first']} to {made['last']}: {standing}, in {file}", soft_wrap=True)
        return
    people.print(f"{made['incidents']:,} incidents reported in {file}", soft_wrap=True)
    if not made["incidents"]:
        people.print("There is none in that period: check --from and --to, or bring incidents in first.")
