"""Other scorers of pairs of names, each as its own documents say. `nomenklatura` and `splink` are used where they are
installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from anyascii import anyascii
from rapidfuzz import fuzz

from services.intake.matching.lab.samples import NamePair

Scorer = Callable[[Sequence[NamePair]], list[float]]
_THRESHOLDS = (0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)
"""Jaro–Winkler levels: below the lowest, a pair is unlike."""


def token_sort(pairs: Sequence[NamePair]) -> list[float]:
    """rapidfuzz's token_sort_ratio of what anyascii makes of both names."""
    return [fuzz.token_sort_ratio(_plain(pair.one), _plain(pair.other)) for pair in pairs]


def logic_v2(pairs: Sequence[NamePair]) -> list[float]:
    """nomenklatura's strongest scorer, on two persons who have a name and nothing else."""
    model: Any = importlib.import_module("followthemoney").model
    algorithm: Any = importlib.import_module("nomenklatura.matching").LogicV2
    config = algorithm.default_config()

    def person(name: str, entity_id: str) -> Any:  # it remembers names by id: each needs its own
        return model.get_proxy({"id": entity_id, "schema": "Person", "properties": {"name": [name]}})

    return [
        algorithm.compare(person(pair.one, f"one-{number}"), person(pair.other, f"other-{number}"), config).score
        for number, pair in enumerate(pairs)
    ]


def splink(pairs: Sequence[NamePair]) -> list[float]:
    """A Fellegi–Sunter model of Jaro–Winkler levels of sorted, romanised names, trained on the pairs without labels."""
    module: Any = importlib.import_module("splink")
    comparisons: Any = importlib.import_module("splink.comparison_library")
    database: Any = importlib.import_module("splink.backends.duckdb").DuckDBAPI()
    for side in ("one", "other"):
        names = [" ".join(sorted(_plain(getattr(pair, side)).split())) for pair in pairs]
        database.duckdb_con.execute(
            f"CREATE TABLE {side} AS SELECT n AS unique_id, n AS pair, word AS name "
            "FROM (SELECT unnest($1::INT[]) AS n, unnest($2::VARCHAR[]) AS word)",
            [list(range(len(pairs))), names],
        )
    same_pair = module.block_on("pair")
    settings = module.SettingsCreator(
        link_type="link_only",
        comparisons=[comparisons.JaroWinklerAtThresholds("name", list(_THRESHOLDS))],
        blocking_rules_to_generate_predictions=[same_pair],
        probability_two_random_records_match=0.5,
    )
    linker = module.Linker([database.register(side) for side in ("one", "other")], settings, log_level=50)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(same_pair)
    found = {row["unique_id_l"]: row["match_weight"] for row in linker.inference.predict().as_record_list()}
    return [float(found[number]) for number in range(len(pairs))]


def _plain(name: str) -> str:
    return anyascii(name).lower()


RIVALS: Mapping[str, tuple[str, Scorer]] = {
    "rapidfuzz token_sort": ("rapidfuzz", token_sort),
    "nomenklatura logic-v2": ("nomenklatura", logic_v2),
    "splink": ("splink", splink),
}
"""What it is called → (the package that it needs, the scorer)."""


def installed() -> tuple[Mapping[str, Scorer], list[str]]:
    """(those that can run here, the names of the others)."""
    there = {name: scorer for name, (package, scorer) in RIVALS.items() if find_spec(package) is not None}
    return there, [name for name in RIVALS if name not in there]
