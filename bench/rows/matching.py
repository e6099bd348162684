"""The rows of issue "matching": pairs of names, tracing requests, names in native letters, and the index as it grows.

The labelled samples are no part of the repository: where they are missing, a row says so and has no figures. What the
weights were learned from is told apart: tracing requests are of the held-out fifth, and of pairs of names the fifth is
shown beside the whole file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.match_facts import samples, tracing_samples
from bench.report import Check, Row, medians
from bench.rows.matching_index import index_rows
from bench.servers import Servers
from bench.sides.name_scorers import Scorer, installed
from services.intake.matching import PROPOSE_AT
from services.intake.matching.lab.evaluating import average_precision, evaluate_names, evaluate_tracing
from services.intake.matching.lab.samples import NamePair, Tracing, held_out, read_names
from services.intake.matching.lab.scripts import NAMES, evaluate_scripts
from tests.samples import FOLDER

NATIVE = ("p4_korean_fullname", "p6_arabic_token", "p6_russian_token")
NAMEBENCH, OFAC = "p1_namebench_person", "ofac_alias_latin"
THINNED = 10
"""Of the pairs of `OFAC`, every so many-eth below SCALE=1."""
REQUESTS = (150, 6_000)
"""Tracing requests of the held-out fifth (at least, at SCALE=1): fewer than 0.1 asks for are there."""
ASKED = (80, 4_000)
"""Native names of a script, the same."""
SCRIPTS = {"Arab": "Arabic", "Cyrl": "Cyrillic"}
OURS = "Kinbridge"


def rows(servers: Servers, scale: float) -> list[Row]:
    tracing = tracing_samples()
    found = [names(samples() / "names", scale)]
    found += [missing("matching: tracing requests")] if tracing is None else tracing_rows(tracing, scale)
    found.append(missing("matching: from script to script") if tracing is None else native(tracing, scale))
    return found + index_rows(servers, scale, tracing)


def missing(name: str) -> Row:
    return Row(name, f"the sample data {FOLDER} is missing: nothing measured", "%", {})


def names(folder: Path, scale: float) -> Row:
    """How well each scorer tells pairs of names apart, file by file."""
    if not folder.exists():
        return missing("matching: pairs of names")
    rivals, absent = installed()
    precision: dict[str, float] = {}
    figures: dict[str, list[float]] = {}
    f1 = 0.0
    for stem in (NAMEBENCH, *NATIVE, OFAC):
        pairs = read_names(folder / f"{stem}.tsv")[:: THINNED if stem == OFAC and scale < 1 else 1]
        ours = evaluate_names(pairs)
        precision[stem] = 100 * ours.average_precision
        figures[f"{stem}: {OURS}"] = [precision[stem]]
        figures |= {f"{stem}: {name}": [value] for name, value in beside(pairs, rivals).items()}
        if stem == NAMEBENCH:
            f1 = 100 * ours.f1
            figures[f"{stem}: {OURS}, F1"] = [f1]
    worst = min(NATIVE, key=lambda stem: precision[stem])
    told = "average precision; F1 at one fixed threshold; a fifth of the true pairs of "
    told += f"{OFAC}{f' (every {THINNED}th pair)' if scale < 1 else ''} share no part of a name"
    told += "".join(f"; {name}: not installed" for name in absent)
    checks = [
        Check(f"the worst script ({worst})", precision[worst], 93, "%"),
        Check(f"F1 on {NAMEBENCH}", f1, 88, "%"),
    ]
    return Row("matching: pairs of names", told, "%", figures, checks)


def beside(pairs: Sequence[NamePair], rivals: Mapping[str, Scorer]) -> dict[str, float]:
    """Average precision in percent: ours on the pairs that no weight was learned from, and each rival's on all."""
    matches = np.array([pair.match for pair in pairs])
    apart = [pair for pair in pairs if held_out(f"{pair.one}\t{pair.other}")]
    found = {f"{OURS}, held-out fifth": evaluate_names(apart).average_precision}
    found |= {name: average_precision(matches, np.array(scorer(pairs))) for name, scorer in rivals.items()}
    return {name: 100 * share for name, share in found.items()}


def tracing_rows(tracing: Tracing, scale: float) -> list[Row]:
    """What case workers are shown for requests that the weights were not learned from."""
    found = evaluate_tracing(tracing, at_the_most=max(REQUESTS[0], int(REQUESTS[1] * scale)))
    figures = {f"recall@{place}": [100 * share] for place, share in found.recall.items()}
    figures |= {"calibration error": [100 * found.calibration_error], "true records proposed": [100 * found.proposed]}
    at = medians(figures)
    wanted = {1: 80, 10: 95, 100: 98}
    checks = [Check(f"recall@{place}", at[f"recall@{place}"], share, "%") for place, share in wanted.items()]
    checks.append(Check("calibration error", at["calibration error"], 3, "%", at_most=True))
    told = f"{found.requests} requests of the held-out fifth, {len(tracing.registered):,} records"
    return [
        Row("matching: tracing requests", f"{told}; index in memory", "%", figures, checks),
        Row(
            "matching: false alerts",
            f"{told}; wrong proposals for each right one, from a probability of {PROPOSE_AT:.2f}",
            "",
            {"false alerts for a true proposal": [found.false_alerts]},
        ),
        Row(
            "matching: keys are made",
            f"{len(tracing.registered):,} records, one process; {found.keys_per_record:.0f} keys a record",
            "/s",
            {"prepared, with keys": [found.prepared_per_second]},
        ),
    ]


def native(tracing: Tracing, scale: float) -> Row:
    """Names in native letters, looked for among Latin ones: any known writing of the name counts; beside it, the
    record's own alone (decision 32)."""
    found = evaluate_scripts(tracing, tuple(SCRIPTS), max(ASKED[0], int(ASKED[1] * scale)))
    figures, checks, asked = {}, [], []
    for script, called in SCRIPTS.items():
        asked.append(f"{found[f'native {script} asked']} {called}")
        for place, wanted in (("first", 96), ("first ten", 99)):
            share = 100 * found[f"native {script} {place}"]
            figures[f"{called}, {place}"] = [share]
            figures[f"{called}, {place}, own writing"] = [100 * found[f"native {script} {place}, own writing"]]
            checks.append(Check(f"{called}, {place}", share, wanted, "%"))
    told = f"{' and '.join(asked)} names of the held-out fifth, among {NAMES:,} Latin ones; any known writing"
    return Row("matching: from script to script", told, "%", figures, checks)
