"""The matcher is judged: on pairs of names, on tracing requests, and from one script to another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from services.intake.matching import ranking, weights
from services.intake.matching.comparing import same_name_bits
from services.intake.matching.fitting import Numbers
from services.intake.matching.lab.memory_index import MemoryIndex
from services.intake.matching.lab.samples import NamePair, Tracing, held_out
from services.intake.matching.prepared import Prepared, prepare
from services.intake.matching.ranking import Candidate
from services.intake.matching.tokens import parts_of

Truths = NDArray[np.bool_]
_BINS = 10
_PLACES = (1, 10, 100)


@dataclass(frozen=True)
class NameFigures:
    """Of a file of pairs."""

    pairs: int
    average_precision: float
    f1: float
    """At the fixed threshold `weights.SAME_NAME_AT`."""


def evaluate_names(pairs: Sequence[NamePair], score: Callable[[str, str], float] | None = None) -> NameFigures:
    """How well names alone tell pairs apart. `score`: another scorer, whose best threshold counts; ours without."""
    ours = score is None
    found = np.array([_bits(pair.one, pair.other) if score is None else score(pair.one, pair.other) for pair in pairs])
    matches = np.array([pair.match for pair in pairs])
    f1 = (
        f1_at(matches, found, weights.SAME_NAME_AT)
        if ours
        else max(f1_at(matches, found, at) for at in np.unique(found))
    )
    return NameFigures(len(pairs), average_precision(matches, found), f1)


def _bits(one: str, other: str) -> float:
    ones, others = parts_of(one), parts_of(other)
    return same_name_bits(ones, others) if ones and others else -99.0


def average_precision(matches: Truths, scores: Numbers) -> float:
    """The area under precision over recall, as a sum of steps; pairs of one score count together."""
    order = np.argsort(-scores, kind="stable")
    hits, seen = np.cumsum(matches[order]), np.arange(1, len(order) + 1)
    last = np.append(np.nonzero(np.diff(scores[order]))[0], len(order) - 1)
    precision, recall = hits[last] / seen[last], hits[last] / max(1, matches.sum())
    return float(np.sum(np.diff(np.append(0.0, recall)) * precision))


def f1_at(matches: Truths, scores: Numbers, threshold: float) -> float:
    """Harmonic mean of precision and recall of those at or over a threshold."""
    said = scores >= threshold
    true = float((said & matches).sum())
    return 0.0 if not true else 2 * true / float(said.sum() + matches.sum())


@dataclass(frozen=True)
class TracingFigures:
    """Of a folder of tracing requests."""

    requests: int
    """Those with a true record, and of the held-out fifth if that was asked for."""
    recall: dict[int, float]
    """Place → the share of requests of which a true record is among the first so many."""
    calibration_error: float
    """ECE over ten equally filled bins of the ranked pairs."""
    false_alerts: float
    """Proposals that are wrong, for each right one, at `weights.PROPOSE_AT`."""
    proposed: float
    """The share of requests of which a true record is proposed."""
    milliseconds: tuple[float, float]
    """Median and 95th percentile of a request: keys are there, until candidates are ranked and explained; in memory."""
    keys_per_record: float
    prepared_per_second: float


def evaluate_tracing(
    tracing: Tracing,
    *,
    everything: bool = False,
    at_the_most: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> TracingFigures:
    """Rank for each request whatever is registered. `everything`: all requests, also those of training."""
    begun = time.perf_counter()
    names = list(tracing.registered)
    index = MemoryIndex([prepare(record) for record in tracing.registered.values()])
    spent = time.perf_counter() - begun
    chosen = [name for name in tracing.sought if everything or held_out(name)][:at_the_most]
    places, times, alerts, right = [], [], 0, 0
    chances: list[tuple[float, bool]] = []
    for done, request in enumerate(chosen, start=1):
        asked = prepare(tracing.sought[request])
        started = time.perf_counter()
        ranked = ranked_in(index, asked)
        times.append(1000 * (time.perf_counter() - started))
        true = tracing.truth.get(request, frozenset())
        matches = [names[candidate.id] in true for candidate in ranked]
        if true:
            places.append(matches.index(True) if True in matches else len(names))
        proposed = [
            match
            for match, one in zip(matches, ranked, strict=True)
            if one.comparison.probability >= weights.PROPOSE_AT
        ]
        right, alerts = right + sum(proposed), alerts + len(proposed) - sum(proposed)
        chances += [(one.comparison.probability, match) for one, match in zip(ranked, matches, strict=True)]
        if done % 100 == 0:
            say(f"{done} of {len(chosen)}")
    found = np.array(places)
    true_links = sum(len(tracing.truth.get(request, ())) for request in chosen)
    return TracingFigures(
        len(places),
        {place: float((found < place).mean()) for place in _PLACES},
        calibration_error(chances),
        alerts / max(1, right),
        right / max(1, true_links),
        (float(np.median(times)), float(np.percentile(times, 95))),
        index.keys / max(1, len(names)),
        len(names) / spent,
    )


def ranked_in(index: MemoryIndex, asked: Prepared) -> list[Candidate[int]]:
    """What a request gets: the candidates, ranked and explained."""
    holders, population = index.holders(asked), len(index.records)
    likely = ranking.likely_candidates(asked, holders, population)
    candidates = {number: index.records[number] for number in likely.numbers[: likely.worth_opening()].tolist()}
    return ranking.rank(asked, candidates, ranking.rarity_in(holders, population))


def calibration_error(chances: Iterable[tuple[float, bool]]) -> float:
    """Expected calibration error: |mean probability − share of matches| over ten equally filled bins."""
    ordered = sorted(chances, key=itemgetter(0))
    if not ordered:
        return 0.0
    error = 0.0
    for part in np.array_split(np.array(ordered, dtype=float), _BINS):
        if len(part):
            error += len(part) / len(ordered) * abs(float(part[:, 0].mean() - part[:, 1].mean()))
    return error
