"""Commands for whoever trains and judges the matcher, on labelled samples. They touch no data folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from services.intake.matching import REASONS, Record, compare, prepare
from services.intake.matching.lab.evaluating import evaluate_names, evaluate_tracing
from services.intake.matching.lab.samples import read_names, read_tracing, record_of
from services.intake.matching.lab.scripts import evaluate_scripts
from services.intake.matching.lab.training import train
from services.intake.matching.weights import FOLDER, VERSION
from shared.command_line import AsJson, people, print_json, say
from shared.errors import InvalidInput

Read = TypeVar("Read")
match = typer.Typer(
    help="Train the matcher, judge it, or see why two records may be of one person.", no_args_is_help=True
)
NamesFile = Annotated[
    Path | None, typer.Option("--names", help="Pairs of names: name1, name2, match, with tabs between.")
]
TracingFolder = Annotated[
    Path | None, typer.Option("--tracing", help="A folder with registered.jsonl, sought.jsonl (or .gz) and truth.tsv.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(match, name="match")


@match.command("train")
def train_(
    names: Annotated[Path, typer.Option("--names", help="A folder of files of labelled pairs of names, *.tsv.")],
    tracing: Annotated[
        Path, typer.Option("--tracing", help="A folder with registered.jsonl, sought.jsonl and truth.tsv.")
    ],
    into: Annotated[Path, typer.Option("--into", help="Where letters.json and weights.json are written.")] = FOLDER,
) -> None:
    """Learn the weights anew, from all samples but their held-out fifth."""
    _reading(lambda: train(names, tracing, into, people.print))
    people.print(f"Written to {into}. Raise VERSION in weights.py if they are to be used: now {VERSION}.")


@match.command("evaluate")
def evaluate(
    names: NamesFile = None,
    tracing: TracingFolder = None,
    scripts: Annotated[
        bool, typer.Option("--scripts", help="With --tracing: native names against 100,000 Latin ones.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="All requests, also those that the weights were learned from.")
    ] = False,
    requests: Annotated[int | None, typer.Option("--requests", help="So many requests at the most.")] = None,
    json_: AsJson = False,
) -> None:
    """Judge the matcher on labelled samples: pairs of names, or tracing requests (their held-out fifth)."""
    if names is None and tracing is None:
        raise typer.BadParameter("Give --names FILE, --tracing DIR, or both.")
    found: dict[str, Any] = {}
    if names is not None:
        figures = evaluate_names(_reading(lambda: read_names(names)))
        found |= {"pairs": figures.pairs, "average precision": figures.average_precision, "F1": figures.f1}
    if tracing is not None:
        samples = _reading(lambda: read_tracing(tracing))
        if scripts:
            found |= evaluate_scripts(samples)
        else:
            whole = evaluate_tracing(samples, everything=everything, at_the_most=requests, say=people.print)
            found |= {"requests": whole.requests}
            found |= {f"recall@{place}": share for place, share in whole.recall.items()}
            found |= {
                "latency p50 ms": whole.milliseconds[0],
                "latency p95 ms": whole.milliseconds[1],
                "calibration error": whole.calibration_error,
                "false alerts per true proposal": whole.false_alerts,
                "true records proposed": whole.proposed,
                "keys per record": whole.keys_per_record,
                "records prepared per second": whole.prepared_per_second,
            }
    if json_:
        print_json(found)
        return
    for name, value in found.items():
        say(f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}")


@match.command("explain")
def explain(one: Path, other: Path, json_: AsJson = False) -> None:
    """Say why two records may be of one person, term by term. Each file holds one record of the tracing format."""
    records = [_reading(partial(_record_in, path)) for path in (one, other)]
    found = compare(prepare(records[0]), prepare(records[1]))
    if json_:
        terms = [{"field": t.field, "evidence": t.evidence, "reason": t.reason, "bits": t.bits} for t in found.terms]
        print_json({"score": found.score, "probability": found.probability, "terms": terms})
        return
    for term in found.terms:
        say(f"{term.bits:+8.2f}  {term.field:<12} {term.evidence:<10} {REASONS.get(term.reason, term.reason)}")
    say(f"{found.score:+8.2f}  in all: a probability of {found.probability:.3f}")


def _record_in(path: Path) -> Record:
    return record_of(json.loads(path.read_text("utf-8")))


def _reading(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except FileNotFoundError as missing:
        raise InvalidInput(f"There is no such file or folder: {missing.filename or missing}. Check the name.") from None
    except (ValueError, KeyError, TypeError) as wrong:
        raise InvalidInput(f"This cannot be read: {wrong}") from None
