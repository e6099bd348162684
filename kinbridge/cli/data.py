"""Commands that bring data in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from kinbridge.administration import LOCAL
from kinbridge.cli.options import DataDir, settings_of
from kinbridge.control import steps
from shared.command_line import DONE, NOT_DONE, SOME_REFUSED, AsJson, out, people, print_json
from shared.errors import InvalidInput
from shared.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    imports = typer.Typer(help="Bring files in.", no_args_is_help=True)
    imports.command("incidents")(import_incidents)
    app.add_typer(imports, name="import")


def import_incidents(
    file: Annotated[Path, typer.Argument(help="A CSV file, in the layout of IOM's Missing Migrants Project or ours.")],
    data_dir: DataDir = None,
    organisation: Annotated[str, typer.Option(help="The short name of the organisation that submits it.")] = LOCAL,
    errors: Annotated[
        Path | None, typer.Option(help="Where to write the refused rows. Default: in the data folder.")
    ] = None,
    results: Annotated[
        Path | None, typer.Option(help="Where to write the result of each row. Default: in the data folder.")
    ] = None,
    json_: AsJson = False,
) -> None:
    """Import incidents: good rows are taken, refused rows are named; the same file again changes nothing."""
    settings = settings_of(data_dir)
    if not file.is_file():
        what = f"{file} is not a file." if file.exists() else f"There is no file {file}."
        raise InvalidInput(f"{what} Check the name.")
    files = _ResultFiles(settings, file, errors, results)
    summary = _import(settings, file, organisation, files)
    summary["error_file"] = str(files.errors) if summary["refused"] else None
    summary["result_file"] = str(files.results)
    if json_:
        print_json({**summary, "refusals": files.refusals})
    else:
        _tell(summary, files.refusals)
    raise typer.Exit(SOME_REFUSED if summary["refused"] else DONE if summary["arrived"] else NOT_DONE)


class _ResultFiles:
    """The result of each row, and the refused rows with field, reason and what to do; written whole at the end."""

    def __init__(self, settings: Settings, file: Path, errors: Path | None, results: Path | None) -> None:
        folder = settings.data_dir / "imports"
        self.errors = errors or folder / f"{file.stem}.errors.csv"
        self.results = results or folder / f"{file.stem}.results.csv"
        self.refusals: list[dict[str, Any]] = []
        self._rows: list[list[Any]] = []

    def take(self, step: dict[str, Any]) -> None:
        """Remember one chunk's rows."""
        self._rows += step["results"]
        for refused in step["refused"]:
            self.refusals += [{"row": refused["row"], **reason} for reason in refused["refusals"]]

    def write(self) -> None:
        """Write both files. Raises `InvalidInput` where the disk does not take them."""
        try:
            _write_csv(self.results, ("row", "result"), self._rows)
            if self.refusals:
                lines = [[r["row"], r["field"], r["reason"], r["message"]] for r in self.refusals]
                _write_csv(self.errors, ("row", "field", "reason", "what to do"), lines)
        except OSError as error:
            raise InvalidInput(
                f"The rows were imported, but {error.filename} cannot be written ({error.strerror}). "
                "Import the file again with --errors and --results naming another place: no row is taken twice."
            ) from None


def _write_csv(path: Path, header: tuple[str, ...], rows: list[list[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    with draft.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows([_harmless(cell) for cell in row] for row in rows)
    draft.replace(path)


def _harmless(cell: Any) -> Any:
    """A spreadsheet takes a cell that begins so for a formula; column names come from the file."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _import(settings: Settings, file: Path, organisation: str, files: _ResultFiles) -> dict[str, Any]:
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=people
    ) as progress:
        bar: TaskID | None = None
        last: dict[str, Any] = {}
        for step in steps(settings, "import", file=str(file.absolute()), organisation=organisation):
            if step["kind"] == "begun":
                bar = progress.add_task(file.name, total=max(1, step["size"]))
            elif step["kind"] == "rows" and bar is not None:
                progress.update(bar, completed=step["consumed"])
                files.take(step)
            elif step["kind"] == "waiting" and bar is not None:
                progress.update(bar, completed=progress.tasks[0].total, description="waiting for events to arrive")
            last = step
        if bar is not None:
            progress.update(bar, description=file.name)
    files.write()
    last.pop("kind", None)
    return last


def _tell(summary: dict[str, Any], refusals: list[dict[str, Any]]) -> None:
    if summary["again"]:
        out.print("This file was imported before: nothing changed.")
    out.print(
        f"{summary['rows']:,} rows: {summary['accepted']:,} accepted, {summary['unchanged']:,} known already, "
        f"{summary['refused']:,} refused."
    )
    for refusal in refusals[:20]:
        out.print(f"  row {refusal['row']}, {refusal['field']}: {refusal['message']}", markup=False, soft_wrap=True)
    if len(refusals) > 20:
        out.print(f"  … and {len(refusals) - 20:,} more.")
    if refusals:
        out.print(f"Refused rows: {summary['error_file']}", soft_wrap=True)
    out.print(f"Result of each row: {summary['result_file']}", soft_wrap=True)
    if not summary["arrived"]:
        people.print("Not every event has arrived yet; `kinbridge status` tells where they wait.")
