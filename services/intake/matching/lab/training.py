"""The weights are made: letters, names, what is worth decrypting, and fields; then where to propose.

Nothing of what is learned holds a name: letters with probabilities, consonants of the commonest names with how common
they are, and weights.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log2
from pathlib import Path
from typing import Any

import numpy as np

from services.intake.matching import names, ranking, weights
from services.intake.matching.channels import Channel
from services.intake.matching.comparing import levels_of, listen, name_evidence
from services.intake.matching.fitting import Numbers, fit
from services.intake.matching.hearing import LATIN, ROMANISED, Hearing, letters_of
from services.intake.matching.lab.letters import learn_channel, learn_pairs_of_letters
from services.intake.matching.lab.memory_index import MemoryIndex
from services.intake.matching.lab.samples import NamePair, Tracing, held_out, read_names, read_tracing
from services.intake.matching.lab.words import same_words
from services.intake.matching.names import FEATURES, units_of
from services.intake.matching.prepared import Prepared, prepare
from services.intake.matching.tokens import Part, chance_of, parts_of

Say = Callable[[str], None]
OWN_CHANNEL = ("Arab", "Cyrl", "Hang")
"""Scripts with words enough to learn a channel of their own."""
_HEARD_OF = (200, None)
"""Requests of which fields are learned, in two turns: the second of all."""
_PAIRS = 4000
"""Of a file of names, about so many."""
_COMMON_FROM = 2000
"""A part is common that one in so many has, or more."""
_SIGNS = {
    "heard": 1, "evidence": 1, "conflict": -1, "conflicts": -1, "extra": -1, "extras": -1, "cover_shorter": 1,
    "cover_longer": 1, "spelling": -1, "spelled_worst": -1, "turned_round": -1, "initial": -1, "one_part": 0,
    "part_like_another": -1, "weak": -1, "letters_near": 1, "edits_many": -1, "patronym_turned": -1,
    "first_left": -1,
}  # fmt: skip
"""On which side of 0 the weight of each of `names.FEATURES` must be, so that more agreement never scores less."""


@dataclass
class _Requests:
    """The training requests, with an index of what they are looked for in."""

    index: MemoryIndex
    asked: Mapping[str, Prepared]
    truth: Mapping[str, frozenset[int]]


def train(names_folder: Path, tracing_folder: Path, into: Path, say: Say) -> None:
    """Learn from the samples but their held-out fifth, and write `letters.json` and `weights.json` into a folder."""
    files = {path.stem: read_names(path) for path in sorted(names_folder.glob("*.tsv"))}
    files = {
        stem: [pair for pair in pairs if not held_out(f"{pair.one}\t{pair.other}")] for stem, pairs in files.items()
    }
    tracing = read_tracing(tracing_folder)
    if not files or all(map(held_out, tracing.truth)):
        raise ValueError("there are no pairs of names (*.tsv), or no true link outside the held-out fifth")
    say("letters …")
    letters = _learn_letters(files, tracing)
    into.mkdir(parents=True, exist_ok=True)
    _write(into / "letters.json", letters)
    _use_letters(letters)
    common = _common(tracing)
    weights.COMMON.clear()
    weights.COMMON.update(common)
    say("names …")
    name_weights = _fit_names(files)
    say("candidates …")
    requests = _requests(tracing)
    blocking = _fit_blocking(requests, say)
    weights.BLOCKING[:] = blocking
    say("a rough look …")
    rough = _fit_rough(requests)
    weights.ROUGH_WEIGHTS[:] = rough
    say("fields …")
    in_record, fields = _fit_fields(requests, say)
    _write(
        into / "weights.json",
        {
            "name": name_weights,
            "name_in_record": in_record,
            "fields": fields,
            "blocking": blocking,
            "rough": rough,
            "common": common,
        },
    )


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


# letters


def _learn_letters(files: Mapping[str, Sequence[NamePair]], tracing: Tracing) -> dict[str, Any]:
    heard: dict[str, Counter[tuple[str, str]]] = {}
    for one, other in same_words(files, tracing):
        for channel, source, latin in _lessons(one, other):
            heard.setdefault(channel, Counter())[source, latin] += 1
    channels = {name: learn_channel(sorted(heard[name])) for name in (LATIN, ROMANISED, *OWN_CHANNEL) if name in heard}
    words = sorted({latin for pairs in heard.values() for _, latin in pairs})
    return {"pairs": learn_pairs_of_letters(words), "channels": channels}


def _lessons(one: Part, other: Part) -> Iterator[tuple[str, str, str]]:
    if one.script == other.script == LATIN:
        yield LATIN, one.source, other.source
        yield LATIN, other.source, one.source
    for native, latin in ((one, other), (other, one)):
        if native.script != LATIN == latin.script:
            yield ROMANISED, native.latin[0], latin.source
            if native.script in OWN_CHANNEL:
                yield native.script, letters_of(native), latin.source


def _use_letters(letters: Mapping[str, Any]) -> None:
    weights.LETTER_PAIRS.clear()
    weights.LETTER_PAIRS.update(letters["pairs"])
    weights.CHANNELS.clear()
    weights.CHANNELS.update({name: Channel.of(heard) for name, heard in letters["channels"].items()})
    chance_of.cache_clear()


def _common(tracing: Tracing) -> dict[str, float]:
    counted: Counter[str] = Counter()
    for record in tracing.registered.values():
        counted.update({part.skeleton for name in record.names for part in parts_of(name)})
    every = len(tracing.registered)
    return {
        bare: round(log2(every / count), 2) for bare, count in sorted(counted.items()) if count * _COMMON_FROM >= every
    }


# names


def counted_of(pairs: Sequence[NamePair]) -> Numbers:
    """`names.FEATURES` of each pair: (pairs, features)."""
    hearing, rows = Hearing(), []
    for pair in pairs:
        one, other = parts_of(pair.one), parts_of(pair.other)
        hearing.listen((unit.part for unit in units_of(one)), (unit.part for unit in units_of(other)))
        rows.append(names.features(hearing, one, other, weights.COMMON)[0])
    return np.array(rows)


def _fit_names(files: Mapping[str, Sequence[NamePair]]) -> list[float]:
    thinned = [pairs[:: 1 + len(pairs) // _PAIRS] for pairs in files.values()]
    rows = [counted_of(pairs) for pairs in thinned]
    matches = [np.array([pair.match for pair in pairs], dtype=float) for pairs in thinned]
    importance = [np.full(len(pairs), _PAIRS * _weight_of(pairs) / len(pairs)) for pairs in thinned]
    found = fit(np.vstack(rows), np.hstack(matches), np.hstack(importance), [_SIGNS[name] for name in FEATURES])
    return [round(found.constant, 4), *(round(float(weight), 4) for weight in found.weights)]


def _weight_of(pairs: Sequence[NamePair]) -> float:
    """Names in many scripts, and whole ones, teach what names are like: samples of one script count less."""
    scripts = {part.script for pair in pairs for part in parts_of(pair.one)}
    return 1.0 if len(scripts) > MANY_SCRIPTS else 0.4


MANY_SCRIPTS = 4


# records


def _requests(tracing: Tracing) -> _Requests:
    number = {name: at for at, name in enumerate(tracing.registered)}
    training = [name for name in tracing.truth if not held_out(name)]
    return _Requests(
        MemoryIndex([prepare(record) for record in tracing.registered.values()]),
        {name: prepare(tracing.sought[name]) for name in training},
        {name: frozenset(number[record] for record in tracing.truth[name]) for name in training},
    )


def _fit_blocking(requests: _Requests, say: Say) -> list[float]:
    population = len(requests.index.records)
    seen = {
        name: ranking.signals(asked, requests.index.holders(asked), population)
        for name, asked in requests.asked.items()
    }
    guess: Numbers | None = None
    for turn in range(3):  # each turn learns from those that the one before mistook
        rows, matches = [], []
        for name, (numbers, counted) in seen.items():
            order = np.argsort(-(counted @ guess), kind="stable") if guess is not None else np.arange(len(numbers))[::7]
            true = np.nonzero(np.isin(numbers, list(requests.truth[name])))[0]
            chosen = np.union1d(order[:200], true)
            rows.append(counted[chosen])
            matches.append(np.isin(chosen, true))
        guess = fit(np.vstack(rows), np.hstack(matches).astype(float)).weights
        say(
            f"  candidates, turn {turn + 1}: "
            f"{_found_among(seen, requests.truth, guess, ranking.COMPARED):.4f} in training"
        )
    assert guess is not None
    return [round(float(weight), 4) for weight in guess]


def _found_among(
    seen: Mapping[str, tuple[Any, Numbers]], truth: Mapping[str, frozenset[int]], guess: Numbers, most: int
) -> float:
    found = [
        bool(truth[name] & set(numbers[np.argsort(-(counted @ guess), kind="stable")[:most]].tolist()))
        for name, (numbers, counted) in seen.items()
    ]
    return sum(found) / len(found)


def _fit_rough(requests: _Requests) -> list[float]:
    rows, matches = [], []
    for name, asked, numbers, rarity in _candidates(requests):
        others = [requests.index.records[number] for number in numbers]
        rows.append(ranking.rough_look(asked, others, rarity))
        matches.append(np.isin(numbers, list(requests.truth[name])))
    found = fit(np.vstack(rows), np.hstack(matches).astype(float))
    return [round(float(weight), 4) for weight in found.weights]


def _candidates(
    requests: _Requests, most: int | None = None
) -> Iterator[tuple[str, Prepared, list[int], Mapping[str, float]]]:
    """(request, what is asked for, who is worth decrypting, rarity in the index), of the first `most`."""
    population = len(requests.index.records)
    for name, asked in islice(requests.asked.items(), most):
        holders = requests.index.holders(asked)
        numbers = ranking.likely_candidates(asked, holders, population).numbers.tolist()
        yield name, asked, numbers, ranking.rarity_in(holders, population)


def _fit_fields(requests: _Requests, say: Say) -> tuple[list[float], dict[str, float]]:
    """(weights of `names.FEATURES` beside other fields; `field level` → bits). Learned twice: which pair of names
    counts, and who is heard at all, follow from the weights."""
    in_record, fields = [*weights.NAME_IN_RECORD], {**weights.WEIGHTS}
    for turn, most in enumerate(_HEARD_OF):
        weights.NAME_IN_RECORD[:] = in_record
        weights.WEIGHTS.clear()
        weights.WEIGHTS.update(fields)
        found = list(_field_rows(requests, most))
        levels = sorted({level for _, _, of_pair in found for level in of_pair})
        rows = np.array(
            [
                [
                    *(named or [0.0] * len(FEATURES)),
                    float(named is not None),
                    *(of_pair.get(level, 0.0) for level in levels),
                ]
                for _, named, of_pair in found
            ]
        )
        rows[:, FEATURES.index("initial")] = 0.0
        matches = np.array([match for match, _, _ in found], dtype=float)
        signs = [*(_SIGNS[name] for name in FEATURES), 0, *(0 for _ in levels)]
        fitted = fit(rows, matches, signs=signs)
        in_record = [round(float(weight), 4) for weight in fitted.weights[: len(FEATURES)]]
        learned = zip(["named", *levels], fitted.weights[len(FEATURES) :], strict=True)
        fields = {**_BY_HAND, "prior": round(fitted.constant, 4)} | {
            level: round(float(bits), 4) for level, bits in learned
        }
        say(f"  fields, turn {turn + 1}: {len(rows)} pairs")
    return in_record, fields


_BY_HAND = {
    "place same": 3.0, "place near": 1.5, "place same_country": 0.5, "place too_far": -6.0, "relatives same": 0.45,
    "relatives different": -0.5, "marks same": 3.0, "marks different": -0.5, "birth same_month": -1.0,
}  # fmt: skip
"""What no sample has: set by judgement until there are cases to learn from. A relative who agrees says as much as a
parent; an initial says what it is heard as, no more and no less, since hardly any request has one."""


def _field_rows(
    requests: _Requests, most: int | None
) -> Iterable[tuple[bool, tuple[float, ...] | None, dict[str, float]]]:
    records, hearing = requests.index.records, Hearing()
    for name, asked, numbers, rarity in _candidates(requests, most):
        rough = ranking.rough_scores(asked, [records[number] for number in numbers], rarity)
        heard = [numbers[at] for at in np.argsort(-rough, kind="stable")[: ranking.HEARD]]
        heard += [number for number in sorted(requests.truth[name]) if number in numbers and number not in heard]
        listen(hearing, asked, [records[number] for number in heard])
        for number in heard:
            named = name_evidence(hearing, asked, records[number], rarity)
            levels = levels_of(hearing, asked, records[number], rarity, named)
            yield number in requests.truth[name], named.counted if named else None, levels
